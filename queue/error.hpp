// What SQS answers when it says no. The codes are AWS's shapes (spec 3.1, 3.2); their wire names
// and statuses live in sqs/wire_errors only. The message is AWS's text, ready for the caller.
#pragma once

#include <string>

#include <boost/system/result.hpp>

namespace headrace::queue {

enum class ErrorCode {
  kQueueDoesNotExist,
  kQueueNameExists,
  kQueueDeletedRecently,
  kPurgeQueueInProgress,
  kEmptyBatchRequest,
  kTooManyEntriesInBatchRequest,
  kBatchEntryIdsNotDistinct,
  kInvalidBatchEntryId,
  kBatchRequestTooLong,
  kInvalidAttributeName,
  kInvalidAttributeValue,
  kInvalidMessageContents,
  kReceiptHandleIsInvalid,
  kResourceNotFound,
  kOverLimit,
  kUnsupportedOperation,
  kRequestThrottled,
  kInvalidAddress,
  kInvalidParameterValue,
  kMissingParameter,
  kMalformedInput,
  kUnknownOperation,
  kAccessDenied,
  kMissingAuthenticationToken,
  kIncompleteSignature,
  kInvalidClientTokenId,
  kSignatureDoesNotMatch,
  kRequestExpired,
  kServiceUnavailable,
  kInternalFailure,
};

struct Error {
  ErrorCode code = ErrorCode::kInternalFailure;
  std::string message;
};

template <class T>
using Result = boost::system::result<T, Error>;
using Status = Result<void>;

[[noreturn]] void throw_exception_from_error(const Error& error,
                                             const boost::source_location& location);

// The errors more than one place gives.
Error queue_does_not_exist();
Error too_many_tags(const std::string& queue_name);
// "Value <value> for parameter <parameter> is invalid. Reason: <reason>"
Error invalid_parameter(const std::string& value, const char* parameter, const std::string& reason);
Error missing_parameter(const std::string& parameter);

}  // namespace headrace::queue

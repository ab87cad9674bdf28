// How the Lambda API refuses: its exceptions, and their form on the wire (spec 6.5). Pure.
#pragma once

#include <string>

#include <boost/system/result.hpp>

#include "base/http.hpp"
#include "queue/error.hpp"

namespace headrace::runtime::lambda {

enum class ErrorCode {
  kValidation,             // 400: breaks a rule of the service's model
  kSerialization,          // 400: a member of another type
  kInvalidParameterValue,  // 400
  kInvalidRequestContent,  // 400: is not JSON
  kResourceNotFound,       // 404
  kResourceConflict,       // 409
  kResourceInUse,          // 400: it changes at this moment
  kPreconditionFailed,     // 412: another revision
  kRequestTooLarge,        // 413
  kTooManyRequests,        // 429
  kAccessDenied,           // 403
  kUnknownOperation,       // 404: nothing at this path
  kServiceUnavailable,     // 503: stopping, or the journal takes no more
};

struct Error {
  ErrorCode code = ErrorCode::kInvalidParameterValue;
  std::string message;
};

template <class T>
using Result = boost::system::result<T, Error>;
using Status = Result<void>;

[[noreturn]] void throw_exception_from_error(const Error& error,
                                             const boost::source_location& location);

HttpResponse to_response(const Error& error);

// An answer that is no refusal.
HttpResponse json_response(int status, std::string body);
HttpResponse empty_response(int status);

// As Lambda words what breaks its model: "1 validation error detected: Value '0' at 'batchSize'
// failed to satisfy constraint: Member must ...". What the caller sent is cut to what can be shown.
Error validation_error(std::string_view value, std::string_view member,
                       std::string_view constraint);

Error invalid_parameter(std::string text);

// The revision that a change is meant for is no more the latest.
Error other_revision();

// To who has not proven who he is, in the words of every AWS service that speaks REST and JSON.
HttpResponse refuse_unsigned(const queue::Error& error);

}  // namespace headrace::runtime::lambda

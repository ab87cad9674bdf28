#include "queue/sqs/wire_errors.hpp"

#include "base/json_writer.hpp"

namespace headrace::queue::sqs {

namespace {

// What every AWS service answers, SQS's own model aside (spec 3.2).
WireError framework_error(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidParameterValue:
      return {"com.amazon.coral.service#InvalidParameterValueException", "InvalidParameterValue"};
    case ErrorCode::kMissingParameter:
      return {"com.amazon.coral.service#MissingRequiredParameterException", "MissingParameter"};
    case ErrorCode::kMalformedInput:
      return {"com.amazon.coral.service#SerializationException", "MalformedInput"};
    case ErrorCode::kUnknownOperation:
      return {"com.amazon.coral.service#UnknownOperationException", "InvalidAction", 404};
    case ErrorCode::kAccessDenied:
      return {"com.amazon.coral.service#AccessDeniedException", "AccessDenied", 403};
    case ErrorCode::kMissingAuthenticationToken:
      return {"com.amazon.coral.service#MissingAuthenticationToken", "MissingAuthenticationToken",
              403};
    case ErrorCode::kIncompleteSignature:
      return {"com.amazon.coral.service#IncompleteSignature", "IncompleteSignature", 403};
    case ErrorCode::kInvalidClientTokenId:
      return {"com.amazon.coral.service#InvalidClientTokenId", "InvalidClientTokenId", 403};
    case ErrorCode::kSignatureDoesNotMatch:
      return {"com.amazon.coral.service#SignatureDoesNotMatch", "SignatureDoesNotMatch", 403};
    case ErrorCode::kRequestExpired:
      return {"com.amazon.coral.service#RequestExpired", "RequestExpired", 403};
    case ErrorCode::kServiceUnavailable:
      return {"com.amazon.coral.service#ServiceUnavailableException", "ServiceUnavailable", 503,
              Fault::kReceiver};
    default: break;
  }
  return {"com.amazon.coral.service#InternalFailure", "InternalFailure", 500, Fault::kReceiver};
}

}  // namespace

std::string_view name_of(Fault fault) { return fault == Fault::kSender ? "Sender" : "Receiver"; }

WireError wire_error(ErrorCode code) {
  switch (code) {
    case ErrorCode::kQueueDoesNotExist:
      return {"com.amazonaws.sqs#QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue"};
    case ErrorCode::kQueueNameExists:
      return {"com.amazonaws.sqs#QueueNameExists", "QueueAlreadyExists"};
    case ErrorCode::kQueueDeletedRecently:
      return {"com.amazonaws.sqs#QueueDeletedRecently",
              "AWS.SimpleQueueService.QueueDeletedRecently"};
    case ErrorCode::kPurgeQueueInProgress:
      return {"com.amazonaws.sqs#PurgeQueueInProgress",
              "AWS.SimpleQueueService.PurgeQueueInProgress", 403};
    case ErrorCode::kEmptyBatchRequest:
      return {"com.amazonaws.sqs#EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest"};
    case ErrorCode::kTooManyEntriesInBatchRequest:
      return {"com.amazonaws.sqs#TooManyEntriesInBatchRequest",
              "AWS.SimpleQueueService.TooManyEntriesInBatchRequest"};
    case ErrorCode::kBatchEntryIdsNotDistinct:
      return {"com.amazonaws.sqs#BatchEntryIdsNotDistinct",
              "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"};
    case ErrorCode::kInvalidBatchEntryId:
      return {"com.amazonaws.sqs#InvalidBatchEntryId",
              "AWS.SimpleQueueService.InvalidBatchEntryId"};
    case ErrorCode::kBatchRequestTooLong:
      return {"com.amazonaws.sqs#BatchRequestTooLong",
              "AWS.SimpleQueueService.BatchRequestTooLong"};
    case ErrorCode::kInvalidAttributeName:
      return {"com.amazonaws.sqs#InvalidAttributeName", "InvalidAttributeName"};
    case ErrorCode::kInvalidAttributeValue:
      return {"com.amazonaws.sqs#InvalidAttributeValue", "InvalidAttributeValue"};
    case ErrorCode::kInvalidMessageContents:
      return {"com.amazonaws.sqs#InvalidMessageContents", "InvalidMessageContents"};
    case ErrorCode::kReceiptHandleIsInvalid:
      return {"com.amazonaws.sqs#ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", 404};
    case ErrorCode::kResourceNotFound:
      return {"com.amazonaws.sqs#ResourceNotFoundException", "ResourceNotFoundException", 404};
    case ErrorCode::kOverLimit: return {"com.amazonaws.sqs#OverLimit", "OverLimit", 403};
    case ErrorCode::kUnsupportedOperation:
      return {"com.amazonaws.sqs#UnsupportedOperation",
              "AWS.SimpleQueueService.UnsupportedOperation"};
    case ErrorCode::kRequestThrottled:
      return {"com.amazonaws.sqs#RequestThrottled", "RequestThrottled", 403};
    case ErrorCode::kInvalidAddress:
      return {"com.amazonaws.sqs#InvalidAddress", "InvalidAddress", 404};
    case ErrorCode::kInvalidParameterValue:
    case ErrorCode::kMissingParameter:
    case ErrorCode::kMalformedInput:
    case ErrorCode::kUnknownOperation:
    case ErrorCode::kAccessDenied:
    case ErrorCode::kMissingAuthenticationToken:
    case ErrorCode::kIncompleteSignature:
    case ErrorCode::kInvalidClientTokenId:
    case ErrorCode::kSignatureDoesNotMatch:
    case ErrorCode::kRequestExpired:
    case ErrorCode::kServiceUnavailable:
    case ErrorCode::kInternalFailure: break;
  }
  return framework_error(code);
}

HttpResponse json_error(const Error& error, std::string_view request_id) {
  const WireError wire = wire_error(error.code);
  HttpResponse response;
  response.status = wire.status;
  response.content_type = kJsonContentType;
  response.headers.emplace_back(kRequestIdHeader, request_id);
  std::string query_error(wire.query_code);
  query_error.append(";").append(name_of(wire.fault));
  response.headers.emplace_back("x-amzn-query-error", std::move(query_error));
  JsonWriter(response.body)
      .begin_object()
      .member("__type", wire.type)
      .member("message", error.message)
      .end_object();
  return response;
}

}  // namespace headrace::queue::sqs

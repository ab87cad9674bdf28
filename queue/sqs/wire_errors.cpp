#include "queue/sqs/wire_errors.hpp"

#include "base/json_writer.hpp"

namespace headrace::queue::sqs {

namespace {

constexpr std::string_view kXmlHead =
    "<?xml version=\"1.0\"?><ErrorResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\">";

std::string_view to_string(Fault fault) { return fault == Fault::kSender ? "Sender" : "Receiver"; }

void xml_append_text(std::string& out, std::string_view text) {
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\r': out += "&#xD;"; break;
      default: out += c;
    }
  }
}

void xml_append_element(std::string& out, std::string_view name, std::string_view text) {
  out.append("<").append(name).append(">");
  xml_append_text(out, text);
  out.append("</").append(name).append(">");
}

}  // namespace

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
      return {"com.amazon.coral.service#InvalidParameterValueException", "InvalidParameterValue"};
    case ErrorCode::kMissingParameter:
      return {"com.amazon.coral.service#MissingRequiredParameterException", "MissingParameter"};
    case ErrorCode::kMalformedInput:
      return {"com.amazon.coral.service#SerializationException", "MalformedInput"};
    case ErrorCode::kUnknownOperation:
      return {"com.amazon.coral.service#UnknownOperationException", "InvalidAction", 404};
    case ErrorCode::kServiceUnavailable:
      return {"com.amazon.coral.service#ServiceUnavailableException", "ServiceUnavailable", 503,
              Fault::kReceiver};
    case ErrorCode::kInternalFailure: break;
  }
  return {"com.amazon.coral.service#InternalFailure", "InternalFailure", 500, Fault::kReceiver};
}

HttpResponse json_error(const Error& error, std::string_view request_id) {
  const WireError wire = wire_error(error.code);
  HttpResponse response;
  response.status = wire.status;
  response.content_type = kJsonContentType;
  response.headers.emplace_back(kRequestIdHeader, request_id);
  std::string query_error(wire.query_code);
  query_error.append(";").append(to_string(wire.fault));
  response.headers.emplace_back("x-amzn-query-error", std::move(query_error));
  JsonWriter(response.body)
      .begin_object()
      .member("__type", wire.type)
      .member("message", error.message)
      .end_object();
  return response;
}

HttpResponse xml_error(const Error& error, std::string_view request_id) {
  const WireError wire = wire_error(error.code);
  HttpResponse response;
  response.status = wire.status;
  response.content_type = "text/xml";
  response.headers.emplace_back(kRequestIdHeader, request_id);
  std::string& xml = response.body;
  xml.append(kXmlHead).append("<Error>");
  xml_append_element(xml, "Type", to_string(wire.fault));
  xml_append_element(xml, "Code", wire.query_code);
  xml_append_element(xml, "Message", error.message);
  xml.append("<Detail/></Error>");
  xml_append_element(xml, "RequestId", request_id);
  xml.append("</ErrorResponse>");
  return response;
}

}  // namespace headrace::queue::sqs

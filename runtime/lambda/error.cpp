#include "runtime/lambda/error.hpp"

#include <stdexcept>
#include <utility>

#include "base/codec.hpp"
#include "base/json_writer.hpp"

namespace headrace::runtime::lambda {

namespace {

constexpr const char* kJsonType = "application/json";
constexpr std::size_t kShownBytesMax = 256;  // of what a caller sent
constexpr const char* kRetryAfterSeconds = "1";

struct WireForm {
  int status;
  const char* type;
};

WireForm wire_form(ErrorCode code) {
  switch (code) {
    case ErrorCode::kValidation: return {400, "ValidationException"};
    case ErrorCode::kSerialization: return {400, "SerializationException"};
    case ErrorCode::kInvalidParameterValue: return {400, "InvalidParameterValueException"};
    case ErrorCode::kInvalidRequestContent: return {400, "InvalidRequestContentException"};
    case ErrorCode::kResourceNotFound: return {404, "ResourceNotFoundException"};
    case ErrorCode::kResourceConflict: return {409, "ResourceConflictException"};
    case ErrorCode::kResourceInUse: return {400, "ResourceInUseException"};
    case ErrorCode::kPreconditionFailed: return {412, "PreconditionFailedException"};
    case ErrorCode::kRequestTooLarge: return {413, "RequestTooLargeException"};
    case ErrorCode::kTooManyRequests: return {429, "TooManyRequestsException"};
    case ErrorCode::kAccessDenied: return {403, "AccessDeniedException"};
    case ErrorCode::kUnknownOperation: return {404, "UnknownOperationException"};
    case ErrorCode::kServiceUnavailable: return {503, "ServiceException"};
  }
  return {500, "ServiceException"};
}

}  // namespace

void throw_exception_from_error(const Error& error, const boost::source_location&) {
  throw std::logic_error("asked for the value of a Lambda error: " + error.message);
}

HttpResponse json_response(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.content_type = kJsonType;
  response.body = std::move(body);
  return response;
}

HttpResponse empty_response(int status) {
  HttpResponse response;
  response.status = status;
  return response;
}

// AWS spells the member message or Message, by the exception; who has both pleases every client.
HttpResponse to_response(const Error& error) {
  const WireForm form = wire_form(error.code);
  std::string body;
  JsonWriter out(body);
  out.begin_object().member("Type", form.status < 500 ? "User" : "Service");
  out.member("message", error.message).member("Message", error.message);
  const bool throttled = error.code == ErrorCode::kTooManyRequests;
  if (throttled) out.member("Reason", "ReservedFunctionConcurrentInvocationLimitExceeded");
  out.end_object();
  HttpResponse response = json_response(form.status, std::move(body));
  response.headers.emplace_back("x-amzn-ErrorType", form.type);
  if (throttled) response.headers.emplace_back("Retry-After", kRetryAfterSeconds);
  return response;
}

Error validation_error(std::string_view value, std::string_view member,
                       std::string_view constraint) {
  std::string text = "1 validation error detected: Value '";
  text.append(bounded_utf8(value, kShownBytesMax)).append("' at '").append(member);
  text.append("' failed to satisfy constraint: Member must ").append(constraint);
  return {ErrorCode::kValidation, std::move(text)};
}

Error other_revision() {
  return {ErrorCode::kPreconditionFailed,
          "The Revision Id provided does not match the latest Revision Id. Call the "
          "GetFunction/GetAlias API to retrieve the latest Revision Id"};
}

HttpResponse refuse_unsigned(const queue::Error& error) {
  const char* type = "InvalidSignatureException";
  if (error.code == queue::ErrorCode::kMissingAuthenticationToken) {
    type = "MissingAuthenticationTokenException";
  } else if (error.code == queue::ErrorCode::kIncompleteSignature) {
    type = "IncompleteSignatureException";
  } else if (error.code == queue::ErrorCode::kInvalidClientTokenId) {
    type = "UnrecognizedClientException";
  }
  std::string body;
  JsonWriter out(body);
  out.begin_object().member("message", error.message).member("Message", error.message);
  out.end_object();
  HttpResponse response = json_response(403, std::move(body));
  response.headers.emplace_back("x-amzn-ErrorType", type);
  return response;
}

Error invalid_parameter(std::string text) {
  return {ErrorCode::kInvalidParameterValue, std::move(text)};
}

}  // namespace headrace::runtime::lambda

#include "functions/runtime_answers.hpp"

#include <algorithm>
#include <utility>

#include "base/codec.hpp"
#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "functions/limits.hpp"

namespace headrace::functions::runtime_api {

namespace {

constexpr const char* kErrorType = "lambda-runtime-function-error-type";
static_assert(kResponseBytesMax == 6'291'556);

HttpResponse json_response(int status) {
  HttpResponse response;
  response.status = status;
  response.content_type = "application/json";
  return response;
}

HttpResponse error_response(int status, std::string_view type, std::string_view message) {
  HttpResponse response = json_response(status);
  JsonWriter json(response.body);
  json.begin_object();
  json.member("errorMessage", message).member("errorType", type);
  json.end_object();
  return response;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// AWS keeps a type from the header when it is (Runtime|Function).[A-Z][a-zA-Z]+ only.
bool is_known_type(std::string_view type) {
  for (const std::string_view origin : {"Runtime.", "Function."}) {
    if (!type.starts_with(origin)) continue;
    const std::string_view name = type.substr(origin.size());
    const bool capital = !name.empty() && name.front() >= 'A' && name.front() <= 'Z';
    return capital && name.size() > 1 && std::all_of(name.begin(), name.end(), is_letter);
  }
  return false;
}

std::optional<std::string> text_of(const JsonValue& object, std::string_view name) {
  const std::optional<JsonValue> value = object.find(name);
  const auto text = value ? value->as_string() : std::nullopt;
  if (!text) return std::nullopt;
  return bounded_utf8(*text, kErrorTextBytesMax);
}

ReportedError read(std::string_view type, std::string body, std::string_view origin) {
  ReportedError reported;
  FunctionError& error = reported.error;
  error.type = is_known_type(type) ? std::string(type) : std::string(origin) + ".Unknown";
  const Result<JsonDocument> document = JsonDocument::parse(body);
  if (!document || !document->root().is_object()) {
    error.message = bounded_utf8(body, kErrorTextBytesMax);
    return reported;
  }
  error.type = text_of(document->root(), "errorType").value_or(error.type);
  error.message = text_of(document->root(), "errorMessage").value_or("");
  reported.document = std::move(body);
  return reported;
}

}  // namespace

HttpResponse accepted() {
  HttpResponse response = json_response(202);
  response.body = "{\"status\":\"OK\"}";
  return response;
}

HttpResponse unknown_request_id() {
  return error_response(400, "InvalidRequestID", "Invalid request ID");
}

HttpResponse unknown_response_mode() {
  return error_response(400, "InvalidFunctionResponseMode", "Invalid function response mode");
}

HttpResponse request_too_large() {
  return error_response(413, "RequestEntityTooLarge",
                        "Exceeded maximum allowed payload size (6291556 bytes).");
}

HttpResponse refused_transition(std::string_view from, std::string_view to) {
  const std::string message = "State transition from " + std::string(from) + " to " +
                              std::string(to) +
                              " failed for runtime. Error: State transition is not allowed";
  return error_response(403, "InvalidStateTransition", message);
}

HttpResponse unknown_worker() {
  return error_response(403, "InvalidToken",
                        "This is the Runtime API of headrace's workers; the path begins with the "
                        "token of one, as AWS_LAMBDA_RUNTIME_API has it");
}

HttpResponse worker_ended() {
  return error_response(410, "WorkerEnded", "This worker is wanted no more");
}

bool has_known_response_mode(const HttpRequest& request) {
  const std::string_view mode = request.header("lambda-runtime-function-response-mode");
  return mode.empty() || equals_ignoring_case(mode, "streaming");
}

ReportedError read_error(const HttpRequest& request, std::string_view origin) {
  return read(request.header(kErrorType), request.body, origin);
}

std::optional<ReportedError> read_late_error(const HttpRequest& request) {
  const std::string_view type = request.trailer(kErrorType);
  const std::string_view body = request.trailer("lambda-runtime-function-error-body");
  if (type.empty() && body.empty()) return std::nullopt;
  return read(type, base64_decode(body).value_or(""), "Function");
}

}  // namespace headrace::functions::runtime_api

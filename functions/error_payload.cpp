#include "functions/error_payload.hpp"

#include <algorithm>
#include <cstdio>

#include "base/codec.hpp"
#include "base/json_writer.hpp"
#include "functions/limits.hpp"

namespace headrace::functions {

namespace {

std::string about_request(std::string_view request_id) {
  return "RequestId: " + std::string(request_id) + " Error: ";
}

// A handler may report any bytes; what we hand on is text.
std::string to_text(std::string bytes) {
  if (valid_utf8(bytes)) return bytes;
  for (char& c : bytes) {
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  }
  return bytes;
}

void write_trace(JsonWriter& json, std::string_view lines) {
  json.key("trace").begin_array();
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    json.string(lines.substr(0, end));
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
  json.end_array();
}

}  // namespace

void fail(InvocationResult& result, FunctionError error) {
  result.outcome = Outcome::kFailed;
  result.error_type = to_text(std::move(error.type));
  result.error_message = to_text(std::move(error.message));
  const std::string trace = to_text(std::move(error.trace));
  result.payload.clear();
  JsonWriter json(result.payload);
  json.begin_object();
  json.member("errorType", result.error_type).member("errorMessage", result.error_message);
  if (!trace.empty()) write_trace(json, trace);
  json.end_object();
}

FunctionError response_too_large() {
  return {std::string(kResponseTooLargeType), std::string(kResponseTooLargeMessage), {}};
}

std::string timeout_message(std::string_view request_id, Duration timeout) {
  char seconds[32];
  std::snprintf(seconds, sizeof seconds, "%.2f", static_cast<double>(timeout.count()) / 1000);
  return about_request(request_id) + "Task timed out after " + seconds + " seconds";
}

std::string exit_message(std::string_view request_id, const ExitStatus& status) {
  const std::string start = about_request(request_id);
  // AWS: a process that ends with success in the middle of its work has not said why.
  if (!status.by_signal && status.number == 0) {
    return start + "Runtime exited without providing a reason";
  }
  return start + "Runtime exited with error: " + describe(status);
}

}  // namespace headrace::functions

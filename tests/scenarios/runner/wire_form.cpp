#include "tests/scenarios/runner/wire_form.hpp"

#include <algorithm>
#include <cctype>

#include "base/json_writer.hpp"

namespace headrace::scenarios {

namespace {

bool same_header(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

std::string header(const HttpResponse& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (same_header(key, name)) return value;
  }
  return {};
}

std::string text_of(const JsonValue& object, std::string_view name) {
  const auto value = object.find(name);
  const auto text = value ? value->as_string() : std::nullopt;
  return std::string(text.value_or(""));
}

// SDKs take the type after '#', and the code of old from a header.
std::string error_members(const HttpResponse& response, const JsonValue& body) {
  const std::string type = text_of(body, "__type");
  const std::string query_error = header(response, "x-amzn-query-error");
  std::string json;
  JsonWriter(json)
      .begin_object()
      .member("code", query_error.substr(0, query_error.find(';')))
      .member("type", type.substr(type.find('#') + 1))
      .member("status", response.status)
      .member("message", text_of(body, "message"))
      .end_object();
  return json;
}

}  // namespace

WireRequest to_request(const std::string& action, std::string members) {
  return {"/",
          {{"content-type", "application/x-amz-json-1.0"}, {"x-amz-target", "AmazonSQS." + action}},
          std::move(members)};
}

Result<Answer> to_answer(const HttpResponse& response) {
  auto body = JsonDocument::parse(response.body);
  if (!body) return Error{ErrorCode::kInvalid, "the response is not JSON: " + response.body};
  if (response.status == 200) return Answer{response.status, std::move(*body)};
  auto error = JsonDocument::parse(error_members(response, body->root()));
  if (!error) return error.error();
  return Answer{response.status, std::move(*error)};
}

}  // namespace headrace::scenarios

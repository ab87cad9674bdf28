#include <algorithm>
#include <cctype>

#include "base/json_writer.hpp"
#include "tests/scenarios/runner/wire_form.hpp"

namespace headrace::scenarios {

namespace {

bool same_header(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

std::string text_of(const JsonValue& object, std::string_view name) {
  const auto value = object.find(name);
  const auto text = value ? value->as_string() : std::nullopt;
  return std::string(text.value_or(""));
}

WireRequest to_json_request(const std::string& action, const std::string& members) {
  return {"/",
          {{"content-type", "application/x-amz-json-1.0"}, {"x-amz-target", "AmazonSQS." + action}},
          members};
}

// SDKs take the type after '#', and the code of old from a header.
Result<Answer> to_json_answer(const std::string&, const HttpResponse& response) {
  auto body = JsonDocument::parse(response.body);
  if (!body) return Error{ErrorCode::kInvalid, "the response is not JSON: " + response.body};
  if (response.status == 200) return Answer{response.status, std::move(*body)};
  const std::string type = text_of(body->root(), "__type");
  const std::string query_error = header_of(response, "x-amzn-query-error");
  return to_error_answer({query_error.substr(0, query_error.find(';')),
                          type.substr(type.find('#') + 1), response.status,
                          text_of(body->root(), "message")});
}

}  // namespace

const WireForm kJsonForm = {&to_json_request, &to_json_answer};

std::string header_of(const HttpResponse& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (same_header(key, name)) return value;
  }
  return {};
}

Result<Answer> to_error_answer(const ErrorMembers& error) {
  std::string json;
  JsonWriter(json)
      .begin_object()
      .member("code", error.code)
      .member("type", error.type)
      .member("status", error.status)
      .member("message", error.message)
      .end_object();
  auto members = JsonDocument::parse(json);
  if (!members) return members.error();
  return Answer{error.status, std::move(*members)};
}

}  // namespace headrace::scenarios

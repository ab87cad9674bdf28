#include "runtime/json_answers.hpp"

#include <utility>

#include "base/json_writer.hpp"

namespace headrace::runtime {

namespace {

constexpr const char* kJson = "application/json";

}  // namespace

HttpResponse json_answer(std::string body) {
  HttpResponse response;
  response.content_type = kJson;
  response.body = std::move(body);
  return response;
}

HttpResponse json_refusal(int status, std::string_view text) {
  HttpResponse response;
  response.status = status;
  response.content_type = kJson;
  JsonWriter(response.body).begin_object().member("error", text).end_object();
  return response;
}

std::optional<HttpResponse> refuse_method(const HttpRequest& request, std::string_view method) {
  if (request.method != method) {
    HttpResponse refused = json_refusal(405, "This path answers " + std::string(method) + " only.");
    refused.headers.emplace_back("Allow", method);
    return refused;
  }
  if (method == "POST" && !equals_ignoring_case(media_type_of(request), kJson)) {
    return json_refusal(415, "The content type must be application/json.");
  }
  return std::nullopt;
}

}  // namespace headrace::runtime

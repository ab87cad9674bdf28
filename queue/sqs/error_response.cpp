#include "queue/sqs/error_response.hpp"

#include <algorithm>

#include "queue/sqs/wire_errors.hpp"

namespace headrace::queue::sqs {

std::string media_type_of(const HttpRequest& request) {
  const std::string_view whole = request.header("content-type");
  std::string type(whole.substr(0, whole.find(';')));
  while (type.ends_with(' ')) type.pop_back();
  std::transform(type.begin(), type.end(), type.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return type;
}

bool is_query_protocol(const HttpRequest& request) {
  return request.header("x-amz-target").empty() &&
         !media_type_of(request).starts_with("application/x-amz-json-");
}

AnswerForm answer_form(const HttpRequest& request) {
  const bool wants_json = request.header("accept").starts_with("application/json");
  return wants_json ? AnswerForm::kJson : AnswerForm::kXml;
}

HttpResponse error_response(const HttpRequest& request, const Error& error,
                            std::string_view request_id) {
  if (is_query_protocol(request)) return query_error(error, answer_form(request), request_id);
  return json_error(error, request_id);
}

}  // namespace headrace::queue::sqs

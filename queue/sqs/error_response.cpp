#include "queue/sqs/error_response.hpp"

#include "queue/sqs/wire_errors.hpp"

namespace headrace::queue::sqs {

bool is_query_protocol(const HttpRequest& request) {
  constexpr std::string_view kJson = "application/x-amz-json-";  // 1.0 and 1.1
  const std::string_view type = media_type_of(request).substr(0, kJson.size());
  return request.header("x-amz-target").empty() && !equals_ignoring_case(type, kJson);
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

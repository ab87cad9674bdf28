#include "queue/sqs/json_protocol.hpp"

namespace headrace::queue::sqs {

void JsonAnswer::texts(std::string_view name, const std::vector<std::string>& values) {
  out_.key(name).begin_array();
  for (const std::string& value : values) out_.string(value);
  out_.end_array();
}

Result<JsonDocument> parse_json_body(std::string_view body) {
  auto document = JsonDocument::parse(body.empty() ? "{}" : body);
  if (document) return std::move(*document);
  return Error{ErrorCode::kMalformedInput,
               "The request body is not valid JSON: " + document.error().message};
}

}  // namespace headrace::queue::sqs

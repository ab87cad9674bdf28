#include "tests/queue/sqs/query_fixture.hpp"

namespace headrace::queue::sqs {

namespace {

constexpr const char* kHead = "<?xml version=\"1.0\"?><";
constexpr const char* kXmlns = " xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\">";

std::string request_id_element(const HttpResponse& response) {
  return "<RequestId>" + header(response, "x-amzn-RequestId") + "</RequestId>";
}

}  // namespace

HttpResponse QueryFixture::post(const std::string& form, const std::string& path) {
  return exchange("POST", path, "",
                  {{"host", "localhost:4566"},
                   {"content-type", "application/x-www-form-urlencoded; charset=utf-8"}},
                  form);
}

HttpResponse QueryFixture::get(const std::string& path, const std::string& query,
                               const Headers& more) {
  Headers headers = more;
  headers.emplace_back("host", "localhost:4566");
  return exchange("GET", path, query, headers, "");
}

std::string QueryFixture::answer(const HttpResponse& response, const std::string& action,
                                 const std::string& result) {
  return kHead + action + "Response" + kXmlns + result + "<ResponseMetadata>" +
         request_id_element(response) + "</ResponseMetadata></" + action + "Response>";
}

std::string QueryFixture::error(const HttpResponse& response, const std::string& type,
                                const std::string& code, const std::string& message) {
  return std::string(kHead) + "ErrorResponse" + kXmlns + "<Error><Type>" + type + "</Type><Code>" +
         code + "</Code><Message>" + message + "</Message><Detail/></Error>" +
         request_id_element(response) + "</ErrorResponse>";
}

}  // namespace headrace::queue::sqs

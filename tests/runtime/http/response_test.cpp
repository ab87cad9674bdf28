#include "runtime/http/response.hpp"

#include <gtest/gtest.h>

namespace headrace::runtime {
namespace {

std::string header_of(const HttpResponse& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

TEST(ResponseHead, CommonHeadersCarryTheDateInHttpForm) {
  // The example of RFC 9110 section 5.6.7.
  const std::string lines = render_common_headers(from_epoch_ms(784'111'777'000));
  EXPECT_EQ(lines.substr(0, 37), "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n");
  EXPECT_NE(lines.find("X-Content-Type-Options: nosniff\r\n"), std::string::npos);
  EXPECT_NE(lines.find("Cross-Origin-Resource-Policy: same-origin\r\n"), std::string::npos);
}

TEST(ResponseHead, IsStatusHeadersLengthAndAnEmptyLine) {
  HttpResponse response;
  response.content_type = "text/xml";
  response.headers.emplace_back("x-amzn-RequestId", "1-2");
  response.body = "hello";
  std::string head;
  append_response_head(head, response, "Date: d\r\n", ConnectionHeader::kNone);
  EXPECT_EQ(head,
            "HTTP/1.1 200 OK\r\nDate: d\r\nContent-Type: text/xml\r\nx-amzn-RequestId: 1-2\r\n"
            "Content-Length: 5\r\n\r\n");
}

TEST(ResponseHead, ValuesCannotAddHeaders) {
  HttpResponse response;
  response.content_type = "text/plain\r\nA: 1";
  response.headers.emplace_back("X", std::string("1\r\nB: 2\0", 8));
  std::string head;
  append_response_head(head, response, "", ConnectionHeader::kClose);
  EXPECT_EQ(head,
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain  A: 1\r\nX: 1  B: 2 \r\n"
            "Content-Length: 0\r\nConnection: close\r\n\r\n");
}

TEST(ResponseHead, NoContentHasNoLength) {
  HttpResponse response;
  response.status = 204;
  std::string head;
  append_response_head(head, response, "", ConnectionHeader::kNone);
  EXPECT_EQ(head, "HTTP/1.1 204 No Content\r\n\r\n");
}

TEST(RefusalResponse, SpeaksTheCallersProtocol) {
  const Refusal refusal{403, "Not allowed."};
  EXPECT_EQ(refusal_response(refusal, HttpRequest{}, "1-2").body, "Not allowed.\n");

  HttpRequest json;
  json.headers.push_back({"x-amz-target", "AmazonSQS.SendMessage"});
  const HttpResponse response = refusal_response(refusal, json, "1-2");
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(response.content_type, "application/x-amz-json-1.0");
  EXPECT_EQ(
      response.body,
      R"({"__type":"com.amazon.coral.service#AccessDeniedException","message":"Not allowed."})");
  EXPECT_EQ(header_of(response, "Cache-Control"), "no-store");
  EXPECT_EQ(header_of(response, "x-amzn-query-error"), "AccessDenied;Sender");
  EXPECT_EQ(header_of(refusal_response({503, "Busy."}, json, "1-2"), "x-amzn-query-error"),
            "ServiceUnavailable;Receiver");

  HttpRequest form;
  form.headers.push_back({"content-type", "application/x-www-form-urlencoded; charset=utf-8"});
  EXPECT_EQ(refusal_response({503, "Busy."}, form, "1-2").body,
            "<?xml version=\"1.0\"?><ErrorResponse "
            "xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"><Error><Type>Receiver</Type>"
            "<Code>ServiceUnavailable</Code><Message>Busy.</Message><Detail/></Error>"
            "<RequestId>1-2</RequestId></ErrorResponse>");
}

TEST(RefusalResponse, HasAnIdInEveryProtocol) {
  HttpRequest json;
  json.headers.push_back({"x-amz-target", "AmazonSQS.SendMessage"});
  HttpRequest form;
  form.headers.push_back({"content-type", "application/x-www-form-urlencoded"});
  for (const HttpRequest* request : {&json, &form}) {
    EXPECT_EQ(header_of(refusal_response({403, "No."}, *request, "1-2"), "x-amzn-RequestId"),
              "1-2");
  }
  const HttpResponse plain = refusal_response({400, "No."}, HttpRequest{}, "1-2");
  EXPECT_EQ(header_of(plain, "x-amzn-RequestId"), "1-2");
}

TEST(RefusalResponse, KeepsItsOwnStatus) {
  HttpRequest json;
  json.headers.push_back({"x-amz-target", "AmazonSQS.SendMessage"});
  EXPECT_EQ(refusal_response({415, "No."}, json, "1-2").status, 415);
}

}  // namespace
}  // namespace headrace::runtime

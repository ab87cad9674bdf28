#include "runtime/http/response.hpp"

#include <gtest/gtest.h>

namespace headrace::runtime {
namespace {

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
  EXPECT_EQ(refusal_response(refusal, HttpRequest{}).body, "Not allowed.\n");

  HttpRequest json;
  json.headers.push_back({"x-amz-target", "AmazonSQS.SendMessage"});
  const HttpResponse response = refusal_response(refusal, json);
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(response.content_type, "application/x-amz-json-1.0");
  EXPECT_EQ(
      response.body,
      R"({"__type":"com.amazon.coral.service#AccessDeniedException","message":"Not allowed."})");
  ASSERT_EQ(response.headers.size(), 2u);
  EXPECT_EQ(response.headers[0].second, "no-store");
  EXPECT_EQ(response.headers[1].first, "x-amzn-query-error");
  EXPECT_EQ(response.headers[1].second, "AccessDenied;Sender");
  EXPECT_EQ(refusal_response({503, "Busy."}, json).headers[1].second,
            "ServiceUnavailable;Receiver");

  HttpRequest form;
  form.headers.push_back({"content-type", "application/x-www-form-urlencoded; charset=utf-8"});
  EXPECT_EQ(refusal_response({503, "Busy."}, form).body,
            "<?xml version=\"1.0\"?><ErrorResponse "
            "xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"><Error><Type>Receiver</Type>"
            "<Code>ServiceUnavailable</Code><Message>Busy.</Message></Error></ErrorResponse>");
}

}  // namespace
}  // namespace headrace::runtime

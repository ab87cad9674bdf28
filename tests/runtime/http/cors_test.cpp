#include "runtime/http/cors.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace headrace::runtime {
namespace {

const AllowedOrigins kOrigins = {"https://console.example.com", "http://localhost:5173"};

HttpRequest request_from(std::string_view method, std::string_view origin) {
  HttpRequest request;
  request.method = method;
  if (!origin.empty()) request.headers.push_back({"origin", origin});
  return request;
}

HttpRequest question_from(std::string_view origin) {
  HttpRequest request = request_from("OPTIONS", origin);
  request.headers.push_back({"access-control-request-method", "POST"});
  return request;
}

std::string header_of(const HttpResponse& response, std::string_view name) {
  const auto found = std::find_if(response.headers.begin(), response.headers.end(),
                                  [name](const auto& header) { return header.first == name; });
  return found == response.headers.end() ? std::string() : found->second;
}

TEST(Cors, OriginIsSchemeHostAndPort) {
  for (const char* text : {"https://console.example.com", "http://localhost",
                           "http://127.0.0.1:443", "http://[::1]:5173"}) {
    EXPECT_TRUE(is_origin(text)) << text;
  }
  for (const char* text :
       {"", "*", "null", "console.example.com", "https://", "https://*.example.com",
        "https://a.example/", "https://a.example/x", "ftp://a.example", "https://user@a.example",
        "https://a.example:0", "https://a.example:443", "http://a.example:80", "file://"}) {
    EXPECT_FALSE(is_origin(text)) << text;
  }
}

TEST(Cors, OnlyNamedOriginsAreAllowed) {
  EXPECT_EQ(allowed_origin(request_from("POST", "https://console.example.com"), kOrigins),
            "https://console.example.com");
  for (const char* origin :
       {"", "null", "http://console.example.com", "https://console.example.com:8443",
        "https://example.com", "https://console.example.com.evil.example"}) {
    EXPECT_EQ(allowed_origin(request_from("POST", origin), kOrigins), "") << origin;
  }
  EXPECT_EQ(allowed_origin(request_from("POST", ""), {}), "");
}

TEST(Cors, QuestionOfAnAllowedPageIsAnswered) {
  const auto answer = answer_preflight(question_from("http://localhost:5173"), kOrigins);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 204);
  EXPECT_EQ(header_of(*answer, "Access-Control-Allow-Origin"), "http://localhost:5173");
  EXPECT_EQ(header_of(*answer, "Access-Control-Allow-Methods"), "GET, POST, OPTIONS");
  EXPECT_EQ(header_of(*answer, "Access-Control-Allow-Credentials"), "");
  EXPECT_EQ(header_of(*answer, "Access-Control-Allow-Private-Network"), "");
}

TEST(Cors, OtherRequestsAreNoQuestion) {
  EXPECT_FALSE(answer_preflight(question_from("https://evil.example"), kOrigins));
  EXPECT_FALSE(answer_preflight(question_from(""), kOrigins));
  EXPECT_FALSE(answer_preflight(request_from("OPTIONS", "http://localhost:5173"), kOrigins));
  EXPECT_FALSE(answer_preflight(request_from("POST", "http://localhost:5173"), kOrigins));
}

TEST(Cors, AnswersNameTheOneOriginAndVaryByIt) {
  HttpResponse response;
  allow_reading(response, "http://localhost:5173");
  EXPECT_EQ(header_of(response, "Access-Control-Allow-Origin"), "http://localhost:5173");
  EXPECT_EQ(header_of(response, "Vary"), "Origin");
  EXPECT_EQ(header_of(response, "Access-Control-Expose-Headers"),
            "x-amzn-requestid, x-amzn-query-error, x-amzn-errortype");
  HttpResponse own;
  allow_reading(own, "");
  EXPECT_TRUE(own.headers.empty());
}

}  // namespace
}  // namespace headrace::runtime

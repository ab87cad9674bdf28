#include "runtime/http/guard.hpp"

#include <gtest/gtest.h>

#include "runtime/http/request_parser.hpp"

namespace headrace::runtime {
namespace {

const RequestLimits kLimits;

const GuardConfig kConfig{.public_host = "queue.example.com",
                          .hosts = {"sqs.internal.example.com"},
                          .origins = {}};

// 0 when the request may pass, the status otherwise.
int verdict(const std::string& request_line, const std::string& headers,
            const GuardConfig& config = kConfig) {
  RequestParser parser(kLimits);
  parser.feed(request_line + " HTTP/1.1\r\n" + headers + "\r\n");
  EXPECT_EQ(parser.state(), RequestParser::State::kComplete) << parser.refusal().reason;
  const HttpRequest request = parser.take();
  const auto refusal = check_guard(request, config);
  return refusal ? refusal->status : 0;
}

int host_verdict(const std::string& host) { return verdict("GET /", "Host: " + host + "\r\n"); }

TEST(Guard, HostsNoStrangerCanNamePass) {
  for (const char* host :
       {"localhost", "localhost:4566", "LOCALHOST:4566", "localhost.", "127.0.0.1",
        "127.0.0.1:4566", "10.0.0.7:4566", "0.0.0.0:4566", "[::1]", "[::1]:4566", "[fe80::1]:80",
        "headrace:4566", "sqs", "sqs.us-east-1.localhost:4566", "queue.example.com",
        "Queue.Example.com:443", "sqs.internal.example.com:4566"}) {
    EXPECT_EQ(host_verdict(host), 0) << host;
  }
}

TEST(Guard, PublicNamesAreRefused) {
  for (const char* host :
       {"evil.example", "evil.example:4566", "localhost.evil.example", "127.0.0.1.nip.io",
        "notlocalhost.com", "xqueue.example.com", "127.1.evil", "127.1", "queue.example.com.evil",
        "sqs.us-east-1.amazonaws.com", "localhost.localstack.cloud:4566"}) {
    EXPECT_EQ(host_verdict(host), 421) << host;
  }
}

TEST(Guard, NameThatIsOnlyTheSuffixIsNotConfiguredWhenEmpty) {
  EXPECT_EQ(verdict("GET /", "Host: a.b\r\n", GuardConfig{}), 421);
}

TEST(Guard, RequestWithoutHostIsRefused) {
  RequestParser parser(kLimits);
  parser.feed("GET / HTTP/1.0\r\n\r\n");
  const HttpRequest request = parser.take();
  EXPECT_TRUE(check_guard(request, kConfig).has_value());
}

const std::string kHost = "Host: localhost:4566\r\n";
const std::string kJson = "Content-Type: application/x-amz-json-1.0\r\n";
const std::string kTarget = "X-Amz-Target: AmazonSQS.SendMessage\r\n";
const std::string kForm = "Content-Type: application/x-www-form-urlencoded\r\n";
const std::string kEvil = "Origin: https://evil.example\r\n";

// The twelve attacks of a page in the developer's browser (CWE-352, CWE-346, CWE-350).
TEST(Guard, FormPostThatSendsAMessage) {
  EXPECT_EQ(verdict("POST /000000000000/q?Action=SendMessage", kHost + kForm + kEvil), 403);
}
TEST(Guard, FormPostThatPurges) {
  EXPECT_EQ(verdict("POST /000000000000/q?Action=PurgeQueue",
                    kHost + kForm + "Sec-Fetch-Site: cross-site\r\n"),
            403);
}
TEST(Guard, ImageThatDeletesAQueue) {
  EXPECT_EQ(verdict("GET /000000000000/q?Action=DeleteQueue",
                    kHost + "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n"),
            403);
  EXPECT_EQ(verdict("GET /q?Action=DeleteQueue", kHost + "Sec-Fetch-Site: same-site\r\n"), 403);
}
TEST(Guard, TextFetchThatIsReallyJson) {
  EXPECT_EQ(verdict("POST /", kHost + kTarget + "Content-Type: text/plain\r\n"), 415);
  EXPECT_EQ(verdict("POST /", kHost + kTarget), 415);
  EXPECT_EQ(verdict("POST /", kHost + kTarget + "Content-Type: text/plain\r\n" + kEvil), 403);
}
TEST(Guard, PreflightOfAForeignPage) {
  EXPECT_EQ(verdict("OPTIONS /", kHost + kEvil + "Access-Control-Request-Method: POST\r\n"), 403);
}
TEST(Guard, SandboxedFrame) {
  EXPECT_EQ(verdict("POST /", kHost + kForm + "Origin: null\r\n"), 403);
}
TEST(Guard, ReboundName) {
  EXPECT_EQ(verdict("POST /", "Host: evil.example:4566\r\nOrigin: http://evil.example:4566\r\n"),
            421);
  EXPECT_EQ(verdict("GET /_headrace/metrics", "Host: evil.example:4566\r\n"), 421);
}
TEST(Guard, PageThatCallsTheAnyAddress) {
  EXPECT_EQ(verdict("POST /", "Host: 0.0.0.0:4566\r\n" + kForm + kEvil), 403);
}
TEST(Guard, EventStreamOfAForeignPage) {
  EXPECT_EQ(verdict("GET /_headrace/events", kHost + kEvil + "Accept: text/event-stream\r\n"), 403);
}
TEST(Guard, ConsoleActionOfAnotherPort) {
  EXPECT_EQ(verdict("POST /_headrace/purge", kHost + "Origin: http://localhost:3000\r\n"), 403);
}
TEST(Guard, ScriptIncludeOfJson) {
  EXPECT_EQ(verdict("GET /_headrace/queues", kHost + "Sec-Fetch-Site: cross-site\r\n"
                                                     "Sec-Fetch-Dest: script\r\n"),
            403);
}
TEST(Guard, SimpleRequestToTheRuntimeApi) {
  EXPECT_EQ(verdict("POST /2018-06-01/runtime/invocation/x/response", kHost + kEvil), 403);
}

TEST(Guard, AllowedOriginPassesAlsoFromAnotherSite) {
  GuardConfig config;
  config.origins = {"https://console.example.com"};
  const std::string console = "Origin: https://console.example.com\r\n";
  const std::string foreign = "Sec-Fetch-Site: cross-site\r\n";
  EXPECT_EQ(verdict("POST /", kHost + kTarget + kJson + console + foreign, config), 0);
  EXPECT_EQ(
      verdict("OPTIONS /", kHost + console + "Access-Control-Request-Method: POST\r\n", config), 0);
  EXPECT_EQ(verdict("POST /", kHost + kForm + kEvil, config), 403);
  EXPECT_EQ(verdict("POST /", kHost + kForm + console + kEvil, config), 403);
  EXPECT_EQ(verdict("GET /?Action=ListQueues", kHost + foreign, config), 403);
  EXPECT_EQ(verdict("POST /", "Host: evil.example\r\n" + kForm + console, config), 421);
}

TEST(Guard, WhatSdksSendPasses) {
  EXPECT_EQ(verdict("POST /", kHost + kTarget + kJson), 0);
  EXPECT_EQ(verdict("POST /", kHost + kTarget +
                                  "Content-Type: application/x-amz-json-1.0; charset=utf-8\r\n"),
            0);
  EXPECT_EQ(verdict("POST /000000000000/q", kHost + kForm), 0);
  EXPECT_EQ(verdict("GET /?Action=ListQueues", "Host: sqs.us-east-1.localhost:4566\r\n"), 0);
  EXPECT_EQ(verdict("POST /2015-03-31/functions/f/invocations",
                    kHost + "Content-Type: application/json\r\n"),
            0);
}

TEST(Guard, JsonTypeIsExact) {
  for (const char* type :
       {"application/x-amz-json-1.1", "application/json", "text/plain",
        "application/x-amz-json-1.0x", "application/x-amz-json-1.0, text/plain"}) {
    EXPECT_EQ(verdict("POST /", kHost + kTarget + "Content-Type: " + type + "\r\n"), 415) << type;
  }
}

TEST(Guard, OwnOriginPasses) {
  EXPECT_EQ(verdict("POST /", kHost + "Origin: http://localhost:4566\r\n"
                                      "Sec-Fetch-Site: same-origin\r\n"),
            0);
  EXPECT_EQ(verdict("GET /", kHost + "Sec-Fetch-Site: none\r\n"), 0);
  EXPECT_EQ(verdict("GET /", kHost + "Origin: http://localhost:4566.evil\r\n"), 403);
  EXPECT_EQ(verdict("GET /", kHost + "Origin: ftp://localhost:4566\r\n"), 403);
}

TEST(Guard, SecondOriginDoesNotHideTheFirst) {
  EXPECT_EQ(verdict("POST /", kHost + "Origin: http://localhost:4566\r\n" + kEvil), 403);
  EXPECT_EQ(verdict("POST /", kHost + kEvil + "Origin: http://localhost:4566\r\n"), 403);
}

TEST(Guard, OnlyHealthIsExempt) {
  const std::string foreign = "Host: evil.example\r\n" + kEvil;
  EXPECT_EQ(verdict("GET /_headrace/health", foreign), 0);
  EXPECT_EQ(verdict("HEAD /_localstack/health", foreign), 0);
  EXPECT_EQ(verdict("POST /_headrace/health", foreign), 421);
  EXPECT_EQ(verdict("GET /_headrace/health/", foreign), 421);
  EXPECT_EQ(verdict("GET /_headrace/health/../metrics", foreign), 421);
}

}  // namespace
}  // namespace headrace::runtime

#include "runtime/function_api.hpp"

#include <boost/asio/co_spawn.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.hpp"
#include "tests/support/fake_function.hpp"
#include "tests/support/manual_clock.hpp"

namespace headrace::runtime {
namespace {

using functions::FakeFunction;
using functions::InvocationResult;
using testing::ElementsAre;
using testing::HasSubstr;

class ScriptedVersions final : public VersionControl {
 public:
  VersionHistory known;
  std::vector<std::string> asked;  // version wanted by each roll_back()

  const VersionHistory* history(std::string_view) const override { return &known; }
  boost::asio::awaitable<Result<FunctionVersion>> roll_back(std::string function,
                                                            std::string version) override {
    EXPECT_EQ(function, "welcome-email");
    asked.push_back(version);
    Result<FunctionVersion> chosen = known.choose(version);
    co_return chosen;
  }
};

class FunctionApiTest : public testing::Test {
 protected:
  FunctionApiTest() {
    auto made = std::make_unique<FakeFunction>(1, "welcome-email");
    function_ = made.get();
    functions_["welcome-email"] = std::move(made);
  }

  // Begins a request; its answer is in answers_ when it has come.
  void begin(const std::string& method, const std::string& path, std::string body,
             const std::string& content_type = "application/json") {
    HttpRequest request;
    request.head = std::make_unique<std::string>(method + path + content_type);
    const std::string_view head = *request.head;
    request.method = head.substr(0, method.size());
    request.path = head.substr(method.size(), path.size());
    request.headers.push_back({"content-type", head.substr(method.size() + path.size())});
    request.body = std::move(body);
    boost::asio::co_spawn(loop_, api_.handle(std::move(request), cancellation_),
                          [this](std::exception_ptr failure, HttpResponse response) {
                            ASSERT_FALSE(failure);
                            answers_.push_back(std::move(response));
                          });
    run_ready(loop_);
  }

  HttpResponse ask(const std::string& method, const std::string& path, std::string body,
                   const std::string& content_type = "application/json") {
    answers_.clear();
    begin(method, path, std::move(body), content_type);
    return answers_.at(0);
  }

  HttpResponse invoke(std::string body) { return ask("POST", kInvoke, std::move(body)); }

  static std::string text(const HttpResponse& response, std::string_view member) {
    const auto document = JsonDocument::parse(response.body);
    return std::string(document.value().root().find(member)->as_string().value_or("not a text"));
  }

  const std::string kInvoke = "/_headrace/functions/welcome-email/invoke";
  const std::string kEvent = R"({"Records":[{"messageId":"m1","body":"ada"},)"
                             R"({"messageId":"m2","body":"grace"}]})";

  boost::asio::io_context loop_;
  ManualClock clock_{loop_};
  std::unique_ptr<Offload> pool_ = make_inline_offload(loop_);
  Random random_{1};
  FunctionLogs logs_{clock_};
  FunctionTable functions_;
  FakeFunction* function_ = nullptr;
  ScriptedVersions versions_;
  FunctionApi api_{FunctionApi::Services{functions_, versions_, logs_, *pool_, random_}};
  Cancellation cancellation_;
  std::vector<HttpResponse> answers_;
};

TEST_F(FunctionApiTest, FunctionIsGivenTheEventAndItsAnswerIsTold) {
  function_->answer([](const functions::Event& event) {
    InvocationResult result;
    result.outcome = functions::Outcome::kSucceeded;
    result.payload = R"({"mails":)" + std::to_string(event.records.size()) + "}";
    result.log_lines = {"mail for " + event.records[0].body};
    return result;
  });
  const HttpResponse response = invoke(kEvent);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(text(response, "outcome"), "succeeded");
  EXPECT_EQ(text(response, "answer"), R"({"mails":2})");
  EXPECT_THAT(response.body, HasSubstr("mail for ada"));
  EXPECT_THAT(function_->batches(), ElementsAre(ElementsAre("m1", "m2")));
}

TEST_F(FunctionApiTest, FunctionErrorIsAnAnswer) {
  function_->answer([](const functions::Event&) {
    InvocationResult result;
    result.error_type = "std::runtime_error";
    result.error_message = "no address";
    return result;
  });
  const HttpResponse response = invoke(kEvent);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(text(response, "outcome"), "failed");
  EXPECT_EQ(text(response, "error_type"), "std::runtime_error");
  EXPECT_EQ(text(response, "error_message"), "no address");
}

TEST_F(FunctionApiTest, FailedRecordsAreNamed) {
  function_->answer([](const functions::Event&) {
    InvocationResult result;
    result.outcome = functions::Outcome::kSucceeded;
    result.record_failures = {{1, "no address"}};
    return result;
  });
  const HttpResponse response = invoke(kEvent);
  EXPECT_EQ(text(response, "outcome"), "succeeded");
  EXPECT_THAT(response.body,
              HasSubstr(R"("failed_records":[{"message_id":"m2","reason":"no address"}])"));
}

TEST_F(FunctionApiTest, InvocationIsInTheFunctionsLog) {
  invoke(kEvent);
  const auto lines = logs_.find({0, "welcome-email"});
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_THAT(lines[0].text, HasSubstr("START RequestId: "));
  EXPECT_THAT(lines[2].text, HasSubstr("REPORT RequestId: "));
}

TEST_F(FunctionApiTest, LargeEventIsReadAndAnswered) {
  const HttpResponse response =
      invoke(R"({"Records":[{"body":")" + std::string(1'000'000, 'x') + R"("}]})");
  EXPECT_EQ(text(response, "outcome"), "succeeded");
}

TEST_F(FunctionApiTest, WhatIsNoEventIsRefused) {
  EXPECT_EQ(invoke("{").status, 400);
  const HttpResponse response = invoke(R"({"Records":[{}]})");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(text(response, "error"), "Records[0].body: expected a text");
  EXPECT_EQ(invoke(std::string(6'291'457, ' ')).status, 413);
  EXPECT_TRUE(function_->batches().empty());
}

TEST_F(FunctionApiTest, OtherPathsMethodsAndContentTypesAreRefused) {
  EXPECT_EQ(ask("POST", "/_headrace/functions", kEvent).status, 405);
  EXPECT_EQ(ask("GET", "/_headrace/functions/", "").status, 404);
  EXPECT_EQ(ask("POST", "/_headrace/functions/nosuch/invoke", kEvent).status, 404);
  EXPECT_EQ(ask("POST", kInvoke + "/again", kEvent).status, 404);
  EXPECT_EQ(ask("GET", kInvoke, "").status, 405);
  EXPECT_EQ(ask("POST", kInvoke, kEvent, "text/plain").status, 415);
  EXPECT_EQ(ask("POST", kInvoke, kEvent, "application/x-www-form-urlencoded").status, 415);
  EXPECT_TRUE(function_->batches().empty());
}

TEST_F(FunctionApiTest, FunctionsAreListedAndShownWithTheirVersions) {
  versions_.known.add({"aaaa1111", "a.so", "1.0", "headrace C++ 1.0", kTestStart});
  versions_.known.activate("aaaa1111");
  versions_.known.add({"bbbb2222", "b.so", "", "", kTestStart});
  versions_.known.activate("bbbb2222");
  const HttpResponse list = ask("GET", "/_headrace/functions", "");
  EXPECT_EQ(list.status, 200);
  EXPECT_THAT(list.body, HasSubstr(R"({"functions":[{"name":"welcome-email","kind":"native")"));
  const HttpResponse shown = ask("GET", "/_headrace/functions/welcome-email", "");
  EXPECT_EQ(shown.status, 200);
  const auto document = JsonDocument::parse(shown.body);
  const std::vector<JsonValue> versions = document->root().find("versions")->elements();
  ASSERT_EQ(versions.size(), 2U);
  EXPECT_EQ(versions[0].find("sha256")->as_string(), "bbbb2222");
  EXPECT_EQ(versions[0].find("role")->as_string(), "active");
  EXPECT_EQ(versions[1].find("sdk")->as_string(), "headrace C++ 1.0");
  EXPECT_EQ(versions[1].find("role")->as_string(), "previous");
}

TEST_F(FunctionApiTest, RollBackNamesTheVersionThatServes) {
  const std::string path = "/_headrace/functions/welcome-email/rollback";
  versions_.known.add({"aaaa1111", "a.so", "1.0", "", kTestStart});
  const HttpResponse response = ask("POST", path, R"({"version":"aaaa"})");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(text(response, "sha256"), "aaaa1111");
  EXPECT_EQ(ask("POST", path, R"({"version":"cccc"})").status, 404);
  EXPECT_EQ(ask("POST", path, "{}").status, 409);
  EXPECT_EQ(ask("POST", path, "").status, 400);
  EXPECT_EQ(ask("GET", path, "").status, 405);
  EXPECT_THAT(versions_.asked, ElementsAre("aaaa", "cccc", ""));
}

TEST_F(FunctionApiTest, BusyFunctionIsNotWaitedFor) {
  function_->hold();
  begin("POST", kInvoke, kEvent);
  EXPECT_TRUE(answers_.empty());
  EXPECT_EQ(invoke(kEvent).status, 429);
  function_->release();
  run_ready(loop_);
  EXPECT_EQ(answers_.back().status, 200);
}

TEST_F(FunctionApiTest, FunctionThatCannotStartSaysWhy) {
  function_->refuse_slots("init failed: no outbox");
  const HttpResponse response = invoke(kEvent);
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(text(response, "error"), "init failed: no outbox");
}

}  // namespace
}  // namespace headrace::runtime

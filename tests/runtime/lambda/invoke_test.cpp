#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/codec.hpp"
#include "tests/runtime/lambda/lambda_fixture.hpp"

namespace headrace::runtime::lambda {
namespace {

using functions::FakeFunction;
using functions::InvocationResult;
using functions::Outcome;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

const std::string kInvoke = "/2015-03-31/functions/mail/invocations";
const Headers kAsEvent = {{"x-amz-invocation-type", "Event"}};

InvocationResult answered(std::string payload) {
  InvocationResult result;
  result.outcome = Outcome::kSucceeded;
  result.payload = std::move(payload);
  return result;
}

InvocationResult threw(const std::string& message) {
  InvocationResult result;
  result.outcome = Outcome::kFailed;
  result.error_type = "Error";
  result.error_message = message;
  result.payload = R"({"errorType":"Error","errorMessage":")" + message + R"("})";
  return result;
}

class LambdaInvokeTest : public LambdaFixture {
 protected:
  HttpResponse invoke(std::string body, const Headers& headers = {}) {
    return ask("POST", kInvoke, std::move(body), headers);
  }

  FakeFunction& function_ = add_function("mail");
};

TEST_F(LambdaInvokeTest, FunctionIsGivenTheBytesAndItsAnswerComesBack) {
  std::string seen;
  function_.answer([&seen](const functions::Event& event) {
    seen = event.json;
    return answered(R"({"sent":true})");
  });
  const HttpResponse response = invoke(R"( {"user": "ada"} )");
  EXPECT_EQ(seen, R"( {"user": "ada"} )");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"sent":true})");
  EXPECT_EQ(header(response, "X-Amz-Executed-Version"), "$LATEST");
  EXPECT_EQ(header(response, "X-Amz-Function-Error"), "absent");
}

TEST_F(LambdaInvokeTest, EmptyRequestIsAnEmptyObjectAndNoAnswerIsNull) {
  std::string seen;
  function_.answer([&seen](const functions::Event& event) {
    seen = event.json;
    return answered("");
  });
  EXPECT_EQ(invoke("").body, "null");
  EXPECT_EQ(seen, "{}");
}

TEST_F(LambdaInvokeTest, EveryNameFormAndQualifierOfTheLatestReachesIt) {
  for (const char* name :
       {"mail", "mail:$LATEST", "000000000000:function:mail",
        "arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Amail", "mail%3A%24LATEST"}) {
    const std::string target = "/2015-03-31/functions/" + std::string(name) + "/invocations";
    EXPECT_EQ(ask("POST", target, "{}").status, 200) << name;
  }
  EXPECT_EQ(ask("POST", kInvoke + "?Qualifier=%24LATEST", "{}").status, 200);
}

TEST_F(LambdaInvokeTest, FunctionErrorIsAnAnswerWithItsDocument) {
  function_.answer([](const functions::Event&) { return threw("no address"); });
  const HttpResponse response = invoke("{}");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(header(response, "X-Amz-Function-Error"), "Unhandled");
  EXPECT_EQ(member(response, "errorMessage"), "no address");
}

TEST_F(LambdaInvokeTest, FailedInitIsAFunctionErrorWithItsType) {
  function_.refuse_slots("init failed: Runtime.ImportModuleError: No module named 'mail'");
  const HttpResponse response = invoke("{}");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(header(response, "X-Amz-Function-Error"), "Unhandled");
  EXPECT_EQ(member(response, "errorType"), "Runtime.ImportModuleError");
  EXPECT_EQ(member(response, "errorMessage"), "No module named 'mail'");
}

TEST_F(LambdaInvokeTest, TailIsTheEndOfTheLog) {
  function_.answer([](const functions::Event&) {
    InvocationResult result = answered("1");
    result.log_lines = {std::string(5000, 'a'), "the last line"};
    return result;
  });
  EXPECT_EQ(header(invoke("{}"), "X-Amz-Log-Result"), "absent");
  const HttpResponse response = invoke("{}", {{"x-amz-log-type", "Tail"}});
  const auto log = base64_decode(header(response, "X-Amz-Log-Result"));
  ASSERT_TRUE(log);
  EXPECT_EQ(log->size(), 4096U);
  EXPECT_THAT(*log, HasSubstr("a\nthe last line\nEND RequestId: "));
  EXPECT_THAT(*log, HasSubstr("\nREPORT RequestId: "));
}

TEST_F(LambdaInvokeTest, DryRunRunsNothing) {
  const HttpResponse response = invoke("{}", {{"x-amz-invocation-type", "DryRun"}});
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.body, "");
  EXPECT_TRUE(function_.batches().empty());
}

TEST_F(LambdaInvokeTest, UnknownFunctionIsNamedWithItsVersion) {
  HttpResponse response = ask("POST", "/2015-03-31/functions/nobody/invocations", "{}");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(header(response, "x-amzn-ErrorType"), "ResourceNotFoundException");
  EXPECT_EQ(member(response, "Message"),
            "Function not found: arn:aws:lambda:us-east-1:000000000000:function:nobody:$LATEST");
  response = ask("POST", "/2015-03-31/functions/mail:7/invocations", "{}");
  EXPECT_EQ(member(response, "Message"),
            "Function not found: arn:aws:lambda:us-east-1:000000000000:function:mail:7");
}

TEST_F(LambdaInvokeTest, WhatIsNoJsonIsRefused) {
  for (const Headers& headers : {Headers{}, kAsEvent}) {
    const HttpResponse response = invoke("{\"user\"", headers);
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(header(response, "x-amzn-ErrorType"), "InvalidRequestContentException");
    EXPECT_THAT(member(response, "message"),
                StartsWith("Could not parse request body into json: "));
  }
  EXPECT_TRUE(function_.batches().empty());
}

TEST_F(LambdaInvokeTest, LargerEventsAreRefusedByTheLimitOfTheirType) {
  HttpResponse response = invoke(std::string(6'291'457, ' '));
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(header(response, "x-amzn-ErrorType"), "RequestTooLargeException");
  EXPECT_EQ(member(response, "message"),
            "6291457 byte payload is too large for the RequestResponse invocation type (limit "
            "6291456 bytes)");
  response = invoke(std::string(1'048'577, ' '), kAsEvent);
  EXPECT_EQ(response.status, 413);
  EXPECT_THAT(member(response, "message"), HasSubstr("(limit 1048576 bytes)"));
  EXPECT_EQ(invoke("1" + std::string(1'048'575, ' '), kAsEvent).status, 202);
}

TEST_F(LambdaInvokeTest, UnknownTypesAndContextsAreRefused) {
  EXPECT_EQ(member(invoke("{}", {{"x-amz-invocation-type", "Later"}}), "message"),
            "1 validation error detected: Value 'Later' at 'invocationType' failed to satisfy "
            "constraint: Member must satisfy enum value set: [Event, RequestResponse, DryRun]");
  EXPECT_EQ(invoke("{}", {{"x-amz-log-type", "Head"}}).status, 400);
  for (const std::string& context :
       {std::string("?"), base64_encode("[1]"), base64_encode("{"), std::string(3584, 'A')}) {
    const HttpResponse response = invoke("{}", {{"x-amz-client-context", context}});
    EXPECT_EQ(header(response, "x-amzn-ErrorType"), "InvalidRequestContentException") << context;
  }
}

TEST_F(LambdaInvokeTest, CallersWaitForASlot) {
  function_.hold();
  for (int i = 0; i < 3; ++i) begin("POST", kInvoke, "{}");
  EXPECT_EQ(function_.batches().size(), 2U);
  EXPECT_TRUE(answers().empty());
  function_.release();
  run_ready(loop_);
  EXPECT_EQ(function_.batches().size(), 3U);
  EXPECT_EQ(answers().size(), 3U);
}

TEST_F(LambdaInvokeTest, ThrottledFunctionAnswers429) {
  function_.answer([](const functions::Event&) {
    InvocationResult result;
    result.outcome = Outcome::kThrottled;
    return result;
  });
  const HttpResponse response = invoke("{}");
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(header(response, "x-amzn-ErrorType"), "TooManyRequestsException");
  EXPECT_EQ(member(response, "message"), "Rate Exceeded.");
  EXPECT_EQ(member(response, "Type"), "User");
}

TEST_F(LambdaInvokeTest, EventIsAcceptedAndThenHandled) {
  function_.hold();
  const HttpResponse response = invoke(R"({"user":"ada"})", kAsEvent);
  EXPECT_EQ(response.status, 202);
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(header(response, "X-Amz-Executed-Version"), "absent");
  EXPECT_EQ(function_.batches().size(), 1U);
  function_.release();
  run_ready(loop_);
  start_service();
  EXPECT_EQ(function_.batches().size(), 1U);
}

TEST_F(LambdaInvokeTest, FailedEventRunsThreeTimesInAll) {
  function_.answer([](const functions::Event&) { return threw("no address"); });
  invoke("{}", kAsEvent);
  EXPECT_EQ(function_.batches().size(), 1U);
  clock_.advance(std::chrono::seconds(61));
  EXPECT_EQ(function_.batches().size(), 2U);
  clock_.advance(std::chrono::seconds(121));
  EXPECT_EQ(function_.batches().size(), 3U);
  clock_.advance(std::chrono::hours(7));
  EXPECT_EQ(function_.batches().size(), 3U);
}

TEST_F(LambdaInvokeTest, AcceptedEventOutlivesTheServer) {
  std::vector<std::string> seen;
  function_.answer([&seen](const functions::Event& event) {
    seen.push_back(event.json);
    return seen.size() == 1 ? threw("not now") : answered("");
  });
  invoke(R"({"user":"ada"})", kAsEvent);
  start_service();
  EXPECT_THAT(seen, ElementsAre(R"({"user":"ada"})", R"({"user":"ada"})"));
  start_service();
  EXPECT_EQ(seen.size(), 2U);
}

TEST_F(LambdaInvokeTest, RecordsAreSeenByFunctionsThatTakeRecords) {
  const std::string event = R"({"Records":[{"messageId":"m1","body":"ada"}]})";
  EXPECT_EQ(invoke(event).status, 200);
  EXPECT_THAT(function_.batches(), ElementsAre(ElementsAre("m1")));
}

TEST_F(LambdaInvokeTest, FailedRecordsAreAnsweredAsBatchItemFailures) {
  function_.answer([](const functions::Event&) {
    InvocationResult result = answered("");
    result.record_failures.push_back({1, "no address"});
    return result;
  });
  const HttpResponse response =
      invoke(R"({"Records":[{"messageId":"m1","body":"a"},{"messageId":"m2","body":"b"}]})");
  EXPECT_EQ(response.body, R"({"batchItemFailures":[{"itemIdentifier":"m2"}]})");
}

}  // namespace
}  // namespace headrace::runtime::lambda

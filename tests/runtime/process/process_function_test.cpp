#include <algorithm>

#include <gmock/gmock.h>
#include <signal.h>

#include "base/json.hpp"
#include "functions/records_event.hpp"
#include "tests/runtime/process/process_fixture.hpp"

namespace headrace::runtime {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;

using NodeFunctionTest = ProcessFunctionTest;
using ProvidedFunctionTest = ProcessFunctionTest;

TEST_F(NodeFunctionTest, UnmodifiedHandlerParsesItsRecords) {
  use("index.parses");
  const InvocationResult good = invoke(make_event({R"({"a":1})", R"("b")"}));
  EXPECT_EQ(good.outcome, Outcome::kSucceeded) << good.error_message;
  EXPECT_EQ(good.payload, "null");
  EXPECT_GT(good.init_us, 0);
  EXPECT_GT(good.max_memory_bytes, 1 << 20);
  const InvocationResult bad = invoke(make_event({"{}", "no json"}));
  EXPECT_EQ(bad.outcome, Outcome::kFailed);
  EXPECT_EQ(bad.error_type, "SyntaxError");
  EXPECT_THAT(bad.payload, HasSubstr("\"trace\":["));
  EXPECT_EQ(bad.init_us, 0);
}

TEST_F(NodeFunctionTest, HandlerSeesTheEventAsItIs) {
  use("index.echoes");
  const Event event = make_event({"plain", "\"quoted\" \\ \xc3\xa4\n"});
  const auto answer = JsonDocument::parse(invoke(event).payload);
  const auto sent = JsonDocument::parse(functions::render_records_event(event));
  EXPECT_EQ(answer->root().to_json(), sent->root().to_json());
}

TEST_F(NodeFunctionTest, ModulesLoadByTheirNameAndByTheirPackage) {
  use("module.handler");
  EXPECT_EQ(invoke().payload, "\"from a module: 1\"");
  use("package/app.handler");
  EXPECT_EQ(invoke().payload, "\"a module by its package\"");
  use("index.nested.handler");
  EXPECT_EQ(invoke().payload, "\"nested\"");
}

TEST_F(NodeFunctionTest, CallbackAnswers) {
  use("index.callsBack");
  EXPECT_EQ(invoke().payload, "\"called back\"");
  use("index.callsBackAnError");
  const InvocationResult result = invoke();
  EXPECT_EQ(result.error_type, "RangeError");
  EXPECT_EQ(result.error_message, "too far");
}

TEST_F(NodeFunctionTest, CallbackWaitsForAnEmptyEventLoopUnlessToldOtherwise) {
  use("index.callsBackAndGoesOn");
  EXPECT_THAT(invoke("wait").log_lines, ElementsAre(HasSubstr("after the callback")));
  EXPECT_THAT(invoke("go").log_lines, IsEmpty());
}

TEST_F(NodeFunctionTest, HandlerWithoutAnAnswerAnswersNull) {
  use("index.saysNothing");
  EXPECT_EQ(invoke().payload, "null");
}

TEST_F(NodeFunctionTest, PromiseThatNeverSettlesIsAnError) {
  use("index.neverSettles");
  EXPECT_EQ(invoke().error_type, "Runtime.NodeJsExit");
}

TEST_F(NodeFunctionTest, WhatIsThrownIsTheError) {
  use("index.throws");
  const InvocationResult result = invoke();
  EXPECT_EQ(result.outcome, Outcome::kFailed);
  EXPECT_EQ(result.error_type, "TypeError");
  EXPECT_EQ(result.error_message, "no reason");
  EXPECT_THAT(result.payload,
              HasSubstr(R"({"errorType":"TypeError","errorMessage":"no reason","trace":[)"));
  EXPECT_THAT(result.log_lines, ElementsAre(HasSubstr("\treq-1\tERROR\tInvoke Error \t{")));
  use("index.throwsText");
  EXPECT_EQ(invoke().payload, R"({"errorType":"string","errorMessage":"just text","trace":[]})");
  use("index.throwsWithALargeMessage");
  EXPECT_EQ(invoke().error_type, "Error");
}

TEST_F(NodeFunctionTest, WhatNobodyCatchesIsTheErrorAndEndsTheProcess) {
  use("index.rejectsElsewhere");
  InvocationResult result = invoke();
  EXPECT_EQ(result.error_type, "Runtime.UnhandledPromiseRejection");
  EXPECT_EQ(result.error_message, "Error: nobody waits");
  EXPECT_GT(invoke().init_us, 0);
  use("index.throwsElsewhere");
  result = invoke();
  EXPECT_EQ(result.error_type, "Error");
  EXPECT_EQ(result.error_message, "nobody catches");
}

TEST_F(NodeFunctionTest, ExitIsAnErrorOfTheRuntime) {
  use("index.exits");
  EXPECT_EQ(invoke("3").payload,
            "{\"errorType\":\"Runtime.ExitError\",\"errorMessage\":\"RequestId: req-1 Error: "
            "Runtime exited with error: exit status 3\"}");
  EXPECT_EQ(invoke("0").error_message,
            "RequestId: req-1 Error: Runtime exited without providing a reason");
}

TEST_F(NodeFunctionTest, EndlessLoopEndsAtTheTimeout) {
  use("index.loops");
  ASSERT_TRUE(acquire());
  config.timeout = Duration(300);
  use("index.loops");
  const InvocationResult result = invoke();
  EXPECT_EQ(result.error_type, "Sandbox.Timedout");
  EXPECT_EQ(result.error_message, "RequestId: req-1 Error: Task timed out after 0.30 seconds");
  EXPECT_GE(result.duration_us, 299'000);
}

TEST_F(NodeFunctionTest, InvocationsReuseTheProcessAndRunInTheFolderOfTheCode) {
  use("index.tellsItsPid");
  const std::string pid = invoke().payload;
  EXPECT_EQ(invoke().payload, pid);
  use("index.tellsItsFolder");
  EXPECT_EQ(invoke().payload, "\"" NODE_CODE "\"");
}

TEST_F(NodeFunctionTest, IdleProcessIsEndedAtOnceAndItsDeathIsNoticed) {
  use("index.tellsItsPid");
  const pid_t pid = std::stoi(invoke().payload);
  end();
  EXPECT_NE(kill(pid, 0), 0);
  const pid_t second = std::stoi(invoke().payload);
  kill(second, SIGKILL);
  while (kill(second, 0) == 0) run(loop, clock.sleep_for(Duration(5)));
  EXPECT_NE(std::stoi(invoke().payload), second);
}

TEST_F(NodeFunctionTest, LinesOfTheConsoleBelongToTheirInvocation) {
  use("index.prints");
  const std::string time = "[0-9-]+T[0-9:.]+Z";
  const InvocationResult result = invoke("world");
  EXPECT_THAT(result.log_lines,
              ElementsAre(MatchesRegex(time + "\treq-1\tINFO\thello world"),
                          MatchesRegex(time + "\treq-1\tERROR\ttwo\rlines"), "plain"));
}

TEST_F(NodeFunctionTest, ContextIsAsOnAws) {
  use("index.tellsItsContext");
  const auto document = JsonDocument::parse(invoke().payload);
  const JsonValue context = document->root();
  const std::vector<std::pair<std::string, std::string>> texts = {
      {"functionName", "under-test"},     {"functionVersion", "$LATEST"},
      {"memoryLimitInMB", "128"},         {"awsRequestId", "req-1"},
      {"invokedFunctionArn", config.arn}, {"logGroupName", "/aws/lambda/under-test"}};
  for (const auto& [name, text] : texts) {
    EXPECT_EQ(context.find(name)->as_string(), text) << name;
  }
  EXPECT_THAT(std::string(*context.find("logStreamName")->as_string()),
              MatchesRegex("[0-9]+/[0-9]+/[0-9]+/\\[\\$LATEST\\][0-9a-f]+"));
  const auto remaining = context.find("remaining")->as_integer();
  EXPECT_GT(*remaining, 10'000);
  EXPECT_LE(*remaining, 20'000);
}

TEST_F(NodeFunctionTest, EnvironmentIsThatOfAwsAndTheConfiguredOne) {
  setenv("HEADRACE_TEST_SECRET", "x", 1);
  config.environment = {{"OUTBOX", "./outbox"}, {"AWS_REGION", "mars"}, {"LANG", "tlh"}};
  use("index.tellsAVariable");
  const std::vector<std::pair<std::string, std::string>> variables = {
      {"OUTBOX", "\"./outbox\""},
      {"AWS_REGION", "\"us-east-1\""},
      {"LANG", "\"tlh\""},
      {"_HANDLER", "\"index.tellsAVariable\""},
      {"AWS_EXECUTION_ENV", "\"AWS_Lambda_nodejs20.x\""},
      {"AWS_ENDPOINT_URL", "\"http://127.0.0.1:4566\""},
      {"AWS_ACCESS_KEY_ID", "\"000000000000\""},
      {"LAMBDA_TASK_ROOT", "\"" NODE_CODE "\""},
      {"TZ", "\":UTC\""},
      {"HEADRACE_TEST_SECRET", "null"}};
  for (const auto& [name, value] : variables) EXPECT_EQ(invoke(name).payload, value) << name;
}

TEST_F(NodeFunctionTest, ResponseAboveTheLimitIsAnError) {
  use("index.answersLarge");
  EXPECT_EQ(invoke("6291554").payload.size(), 6'291'556U);
  EXPECT_EQ(invoke("6291555").error_type, "Function.ResponseSizeTooLarge");
  EXPECT_EQ(invoke("1").payload, "\"x\"") << "the process goes on";
}

// So large that the server does not read it: the handler must not run anew.
TEST_F(NodeFunctionTest, ResponseFarAboveTheLimitIsAnErrorOfOneRun) {
  use("index.answersLarge");
  for (const char* size : {"13000000", "30000000"}) {
    const InvocationResult result = invoke(size);
    EXPECT_TRUE(failed_by_itself(result)) << size;
    EXPECT_THAT(result.log_lines, Contains(HasSubstr("INFO\truns")).Times(1)) << size;
  }
}

TEST_F(NodeFunctionTest, WhatNobodyCatchesBetweenInvocationsFailsNone) {
  use("index.rejectsLater");
  for (int i = 0; i < 3; ++i) {
    const InvocationResult result = invoke();
    ASSERT_EQ(result.outcome, Outcome::kSucceeded) << result.error_message;
    const pid_t pid = std::stoi(result.payload);
    while (kill(pid, 0) == 0) run(loop, clock.sleep_for(Duration(5)));
  }
}

TEST_F(NodeFunctionTest, AnswerThatIsNoJsonIsAnError) {
  use("index.answersACircle");
  EXPECT_THAT(invoke().error_message, HasSubstr("Unable to stringify response body"));
}

TEST_F(NodeFunctionTest, HoardOfMemoryEndsTheProcessOnly) {
  use("index.hoards");
  const InvocationResult result = invoke();
  EXPECT_EQ(result.error_type, "Runtime.ExitError");
  use("index.counts");
  EXPECT_EQ(invoke().payload, R"({"count":1})");
}

TEST_F(NodeFunctionTest, SlotIsRefusedWithTheReasonWhenInitFails) {
  const std::vector<std::pair<std::string, std::string>> reasons = {
      {"absent.handler", "Runtime.ImportModuleError: Error: Cannot find module"},
      {"misses_package.handler", "Runtime.ImportModuleError: Error: Cannot find module"},
      {"syntax_error.handler", "Runtime.UserCodeSyntaxError: SyntaxError: "},
      {"throws_at_load.handler", "Error: no database"},
      {"exits_at_load.handler", "the worker ended with exit status 4"},
      {"index.absent", "Runtime.HandlerNotFound: index.absent is undefined or not exported"},
      {"index.isNoFunction", "Runtime.HandlerNotFound: index.isNoFunction is not a function"},
      {"../index.counts", "Runtime.MalformedHandlerName: '../index.counts' is not a valid"},
      {"index", "Runtime.MalformedHandlerName: Bad handler"}};
  for (const auto& [handler, reason] : reasons) {
    use(handler);
    EXPECT_THAT(init_failure(), HasSubstr("init failed: " + reason)) << handler;
    EXPECT_THAT(init_failure(), HasSubstr(reason)) << "the next call tries again";
  }
}

TEST_F(ProvidedFunctionTest, ClientInCppServesEvents) {
  use("provided.al2023", PROVIDED_CODE, "any");
  const Event event = make_event({"echo"});
  EXPECT_EQ(invoke(event).payload, functions::render_records_event(event));
  const InvocationResult error = invoke("error");
  EXPECT_EQ(error.error_type, "Custom");
  EXPECT_EQ(error.error_message, "as asked");
  const Event chunked = make_event({"chunked", std::string(100'000, 'x')});
  EXPECT_EQ(invoke(chunked).payload, functions::render_records_event(chunked));
  EXPECT_EQ(invoke("too large").error_type, "Function.ResponseSizeTooLarge");
  EXPECT_EQ(invoke("echo").init_us, 0) << "all of it in one process";
}

TEST_F(ProvidedFunctionTest, AnswerCountsThoughTheProcessEndsAfterIt) {
  use("provided", PROVIDED_CODE, "");
  EXPECT_EQ(invoke("exit after the answer").payload, "\"answered\"");
  EXPECT_GT(invoke("echo").init_us, 0);
}

TEST_F(ProvidedFunctionTest, CodeWithoutABootstrapIsRefused) {
  use("provided", NODE_CODE, "");
  EXPECT_THAT(init_failure(), HasSubstr("Runtime.InvalidEntrypoint: " NODE_CODE "/bootstrap"));
  use("provided", "/nowhere", "");
  EXPECT_THAT(init_failure(), HasSubstr("/nowhere is no folder"));
}

}  // namespace
}  // namespace headrace::runtime

#include "functions/process_function.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "base/environment.hpp"
#include "base/json.hpp"
#include "base/offload.hpp"
#include "functions/records_event.hpp"
#include "runtime/runtime_api_server.hpp"
#include "tests/functions/event_builder.hpp"
#include "tests/functions/run_awaitable.hpp"

namespace headrace::runtime {
namespace {

using functions::Event;
using functions::InvocationResult;
using functions::make_event;
using functions::Outcome;
using functions::run;
using functions::Slot;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;

class ProcessFunctionTest : public testing::Test {
 protected:
  ProcessFunctionTest() {
    host.worker_program = WORKER;
    host.bootstraps = BOOTSTRAPS;
    host.runtime_api = server.start().value();
    host.endpoint_url = "http://127.0.0.1:4566";
    host.account = "000000000000";
    host.search_path = process_environment("PATH").value_or("");
    config.name = "under-test";
    config.arn = "arn:aws:lambda:us-east-1:000000000000:function:under-test";
    config.timeout = std::chrono::seconds(20);
    config.workers = {.min = 0, .max = 1, .idle_timeout = std::chrono::minutes(5)};
    use("nodejs20.x", NODE_CODE, "index.counts");
  }

  void TearDown() override {
    end();
    run(loop, server.stop());
  }

  void use(const std::string& runtime, const std::string& code, const std::string& handler) {
    end();
    config.process = {runtime, code, handler};
  }

  void use(const std::string& handler) {
    use(config.process.runtime, config.process.code, handler);
  }

  void end() {
    if (function) run(loop, function->stop());
    function.reset();
  }

  Result<Slot> acquire() {
    if (!function) {
      auto command = functions::find_command(host, config);
      if (!command) return command.error();
      function = std::make_unique<functions::ProcessFunction>(loop, clock, *spawner, server.seats(),
                                                              host, config, std::move(*command));
    }
    return run(loop, function->acquire_slot());
  }

  std::string init_failure() {
    const Result<Slot> slot = acquire();
    return slot ? "none" : slot.error().message;
  }

  InvocationResult invoke(const Event& event) {
    Result<Slot> slot = acquire();
    if (!slot) {
      InvocationResult failed;
      failed.error_message = "no slot: " + slot.error().message;
      return failed;
    }
    return run(loop, function->invoke(std::move(*slot), {"req-1", &event}));
  }

  InvocationResult invoke(const std::string& body = "") {
    const Event event = make_event({body});
    return invoke(event);
  }

  boost::asio::io_context loop;
  SystemClock clock{loop};
  std::unique_ptr<Offload> threads = make_thread_offload(loop, "spawner", 1);
  std::unique_ptr<functions::Spawner> spawner = functions::make_posix_spawner(*threads);
  RuntimeApiServer server{loop, clock};
  functions::ProcessHost host;
  functions::FunctionConfig config;
  std::unique_ptr<functions::ProcessFunction> function;
};

using NodeFunctionTest = ProcessFunctionTest;
using ProvidedFunctionTest = ProcessFunctionTest;

class PythonFunctionTest : public ProcessFunctionTest {
 protected:
  PythonFunctionTest() {
    config.environment = {{"PYTHONDONTWRITEBYTECODE", "1"}};  // the sources stay as they are
    use("python3.11", PYTHON_CODE, "app.parses");
  }
};

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

TEST_F(PythonFunctionTest, UnmodifiedHandlerParsesItsRecords) {
  const InvocationResult good = invoke(make_event({R"({"a":1})", R"("b")"}));
  EXPECT_EQ(good.outcome, Outcome::kSucceeded) << good.error_message;
  EXPECT_EQ(good.payload, "null");
  EXPECT_GT(good.init_us, 0);
  const InvocationResult bad = invoke(make_event({"{}", "no json"}));
  EXPECT_EQ(bad.error_type, "JSONDecodeError");
}

TEST_F(PythonFunctionTest, HandlerSeesTheEventAsItIs) {
  use("app.echoes");
  const Event event = make_event({"plain", "\"quoted\" \\ \xc3\xa4\n"});
  const auto answer = JsonDocument::parse(invoke(event).payload);
  const auto sent = JsonDocument::parse(functions::render_records_event(event));
  EXPECT_EQ(answer->root().to_json(), sent->root().to_json());
}

TEST_F(PythonFunctionTest, WhatIsRaisedIsTheError) {
  use("app.raises");
  const InvocationResult result = invoke();
  EXPECT_EQ(result.error_type, "KeyError");
  const auto document = JsonDocument::parse(result.payload);
  EXPECT_EQ(document->root().find("requestId")->as_string(), "req-1");
  const auto trace = document->root().find("stackTrace")->elements();
  ASSERT_EQ(trace.size(), 1U);
  EXPECT_THAT(std::string(*trace[0].as_string()),
              MatchesRegex("  File \"" PYTHON_CODE
                           "/app.py\", line [0-9]+, in raises\n    raise KeyError.*\n"));
  EXPECT_THAT(result.log_lines.front(), HasSubstr("[ERROR] KeyError: 'no reason'"));
}

TEST_F(PythonFunctionTest, PrintedAndLoggedLinesBelongToTheirInvocation) {
  use("app.prints");
  for (const char* body : {"one", "two"}) {
    EXPECT_THAT(invoke(body).log_lines,
                ElementsAre("printed", MatchesRegex(std::string("\\[INFO\\]\t[0-9-]+T[0-9:.]+Z\t") +
                                                    "req-1\tlogged " + body)));
  }
}

TEST_F(PythonFunctionTest, ExitAndEndlessLoopCostTheirBatchOnly) {
  use("app.exits");
  EXPECT_EQ(invoke("3").error_message,
            "RequestId: req-1 Error: Runtime exited with error: exit status 3");
  EXPECT_EQ(invoke("0").error_message,
            "RequestId: req-1 Error: Runtime exited without providing a reason");
  config.timeout = Duration(300);
  use("app.loops");
  EXPECT_EQ(invoke().error_type, "Sandbox.Timedout");
  EXPECT_EQ(invoke().error_type, "Sandbox.Timedout");
}

TEST_F(PythonFunctionTest, MemoryBeyondTheLimitIsTheHandlersError) {
  use("app.hoards");
  EXPECT_EQ(invoke().error_type, "MemoryError");
}

TEST_F(PythonFunctionTest, AnswersThatCannotBeSentAreErrors) {
  use("app.answers_an_object");
  const InvocationResult result = invoke();
  EXPECT_EQ(result.error_type, "Runtime.MarshalError");
  EXPECT_THAT(result.error_message, HasSubstr("Unable to marshal response: "));
  use("app.answers_large");
  EXPECT_EQ(invoke("6291555").error_type, "Function.ResponseSizeTooLarge");
  EXPECT_EQ(invoke("1").payload, "\"x\"");
}

TEST_F(PythonFunctionTest, ContextAndPlaceAreAsOnAws) {
  use("app.tells_its_context");
  const auto document = JsonDocument::parse(invoke().payload);
  const JsonValue context = document->root();
  const std::vector<std::pair<std::string, std::string>> texts = {
      {"function_name", "under-test"},      {"function_version", "$LATEST"},
      {"memory_limit_in_mb", "128"},        {"aws_request_id", "req-1"},
      {"invoked_function_arn", config.arn}, {"log_group_name", "/aws/lambda/under-test"}};
  for (const auto& [name, text] : texts) {
    EXPECT_EQ(context.find(name)->as_string(), text) << name;
  }
  EXPECT_GT(*context.find("remaining")->as_integer(), 10'000);
  use("app.tells_where_it_is");
  EXPECT_EQ(invoke().payload,
            "[\"" PYTHON_CODE "\", \"" PYTHON_CODE "\", \"AWS_Lambda_python3.11\"]");
  use("package/inner.handler");
  EXPECT_EQ(invoke().payload, "\"in a package\"");
}

TEST_F(PythonFunctionTest, SlotIsRefusedWithTheReasonWhenInitFails) {
  const std::vector<std::pair<std::string, std::string>> reasons = {
      {"absent.handler",
       "Runtime.ImportModuleError: Unable to import module 'absent': No module named 'absent'"},
      {"misses_package.handler",
       "Runtime.ImportModuleError: Unable to import module 'misses_package': No module named"},
      {"syntax_error.handler",
       "Runtime.UserCodeSyntaxError: Syntax error in module 'syntax_error': "},
      {"raises_at_load.handler", "ValueError: no database"},
      {"app.absent", "Runtime.HandlerNotFound: Handler 'absent' missing on module 'app'"},
      {"app", "Runtime.MalformedHandlerName: Bad handler 'app'"}};
  for (const auto& [handler, reason] : reasons) {
    use(handler);
    EXPECT_THAT(init_failure(), HasSubstr("init failed: " + reason)) << handler;
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

#include <gmock/gmock.h>

#include "base/json.hpp"
#include "functions/records_event.hpp"
#include "tests/runtime/process/process_fixture.hpp"

namespace headrace::runtime {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;

class PythonFunctionTest : public ProcessFunctionTest {
 protected:
  PythonFunctionTest() {
    config.environment = {{"PYTHONDONTWRITEBYTECODE", "1"}};  // the sources stay as they are
    use("python3.11", PYTHON_CODE, "app.parses");
  }
};

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

TEST_F(PythonFunctionTest, WhatWasPrintedOutlivesTheProcess) {
  config.timeout = Duration(300);
  use("app.prints_and_loops");
  const InvocationResult result = invoke();
  EXPECT_EQ(result.error_type, "Sandbox.Timedout");
  EXPECT_THAT(result.log_lines, Contains("before the loop"));
}

TEST_F(PythonFunctionTest, TextsThatAreNoUnicodeAreErrorsLikeOthers) {
  use("app.raises_a_surrogate");
  EXPECT_EQ(invoke().error_type, "ValueError");
}

TEST_F(PythonFunctionTest, DecimalsAreNumbers) {
  use("app.answers_a_decimal");
  EXPECT_EQ(invoke().payload, "{\"price\": 1.5}");
}

TEST_F(PythonFunctionTest, ResponseFarAboveTheLimitIsAnErrorOfOneRun) {
  use("app.answers_large");
  for (const char* size : {"13000000", "30000000"}) {
    const InvocationResult result = invoke(size);
    EXPECT_TRUE(failed_by_itself(result)) << size;
    EXPECT_THAT(result.log_lines, Contains("runs").Times(1)) << size;
  }
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

}  // namespace
}  // namespace headrace::runtime

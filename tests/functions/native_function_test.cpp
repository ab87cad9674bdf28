#include "functions/native_function.hpp"

#include <array>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include "functions/limits.hpp"
#include "functions/records_event.hpp"
#include "tests/functions/native_fixture.hpp"

namespace headrace::functions {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(NativeFunctionTest, BatchSucceedsWithTheHandlersAnswer) {
  const InvocationResult result = invoke_bodies({"respond {\"ok\":true}"});
  EXPECT_EQ(result.outcome, Outcome::kSucceeded) << result.error_message;
  EXPECT_EQ(result.payload, "{\"ok\":true}");
  EXPECT_GT(result.duration_us, 0);
  EXPECT_GT(result.init_us, 0);
  EXPECT_GT(result.max_memory_bytes, 0);
}

TEST_F(NativeFunctionTest, OnlyTheFirstInvocationOfAWorkerReportsItsInit) {
  invoke_bodies({"nothing"});
  EXPECT_EQ(invoke_bodies({"nothing"}).init_us, 0);
}

TEST_F(NativeFunctionTest, SegfaultCostsItsBatchOnly) {
  const InvocationResult result = invoke_bodies({"segfault"});
  EXPECT_EQ(result.outcome, Outcome::kFailed);
  EXPECT_EQ(result.error_type, "Runtime.ExitError");
  EXPECT_EQ(result.error_message,
            "RequestId: req-1 Error: Runtime exited with error: signal: segmentation fault");
  EXPECT_TRUE(works());
}

TEST_F(NativeFunctionTest, AbortCostsItsBatchOnly) {
  EXPECT_THAT(invoke_bodies({"abort"}).error_message, HasSubstr("signal: aborted"));
  EXPECT_TRUE(works());
}

TEST_F(NativeFunctionTest, ExitWithStatusIsAnError) {
  const InvocationResult result = invoke_bodies({"exit 3"});
  EXPECT_EQ(result.payload,
            "{\"errorType\":\"Runtime.ExitError\",\"errorMessage\":\"RequestId: req-1 Error: "
            "Runtime exited with error: exit status 3\"}");
  EXPECT_TRUE(works());
}

TEST_F(NativeFunctionTest, ExitWithSuccessInTheMiddleOfABatchIsAnError) {
  const InvocationResult result = invoke_bodies({"exit 0"});
  EXPECT_EQ(result.outcome, Outcome::kFailed);
  EXPECT_EQ(result.error_message,
            "RequestId: req-1 Error: Runtime exited without providing a reason");
  EXPECT_TRUE(works());
}

TEST_F(NativeFunctionTest, EndlessLoopEndsAtTheTimeout) {
  config.timeout = std::chrono::milliseconds(300);
  const InvocationResult result = invoke_bodies({"loop"});
  EXPECT_EQ(result.error_type, "Sandbox.Timedout");
  EXPECT_EQ(result.error_message, "RequestId: req-1 Error: Task timed out after 0.30 seconds");
  EXPECT_GE(result.duration_us, 299'000);
  EXPECT_TRUE(works());
}

TEST_F(NativeFunctionTest, EndlessLoopInAnotherProcessGroupEndsAtTheTimeout) {
  config.timeout = std::chrono::milliseconds(300);
  const pid_t pid = std::stoi(invoke_bodies({"pid"}).payload);
  EXPECT_EQ(invoke_bodies({"leave-group-and-loop"}).error_type, "Sandbox.Timedout");
  EXPECT_NE(kill(pid, 0), 0);
  EXPECT_TRUE(works());
}

// Processes that seem to survive a kill, as one does that the kernel holds.
class UndyingSpawner final : public Spawner {
 public:
  explicit UndyingSpawner(Spawner& inner) : inner_(inner) {}

  boost::asio::awaitable<Result<SpawnedProcess>> spawn(SpawnRequest request) override {
    Result<SpawnedProcess> process = co_await inner_.spawn(std::move(request));
    std::array<int, 2> pipes{};
    if (!process || pipe2(pipes.data(), O_CLOEXEC) != 0) co_return process;
    process->pidfd = UniqueFd(pipes[0]);
    never_written_.emplace_back(pipes[1]);
    co_return process;
  }

 private:
  Spawner& inner_;
  std::vector<UniqueFd> never_written_;
};

TEST_F(NativeFunctionTest, WorkerThatDoesNotDieHoldsUpNeitherItsLaneNorTheStop) {
  config.timeout = std::chrono::milliseconds(300);
  UndyingSpawner undying(*spawner);
  function = std::make_unique<NativeFunction>(loop, clock, undying, WORKER, config);
  EXPECT_EQ(invoke_bodies({"loop"}).error_type, "Sandbox.Timedout");
  EXPECT_TRUE(works());
  run(loop, function->stop());
  function.reset();
}

TEST_F(NativeFunctionTest, FrameAboveItsLimitFailsTheBatch) {
  EXPECT_EQ(invoke_bodies({"large-log-frame 1000000"}).error_type, "Runtime.InvalidFrame");
  EXPECT_TRUE(works());
}

TEST_F(NativeFunctionTest, TextsOfAnErrorAreCut) {
  const InvocationResult result = invoke_bodies({"throw " + std::string(60'000, 'x')});
  EXPECT_EQ(result.error_message, std::string(kErrorTextBytesMax, 'x'));
}

TEST_F(NativeFunctionTest, ReasonsOfRecordsAreCutEachAndTogether) {
  config.artifact = handler_path("picky");
  const InvocationResult result =
      invoke_bodies(std::vector<std::string>(1000, "bad" + std::string(2000, 'x')));
  ASSERT_EQ(result.record_failures.size(), 1000U);
  EXPECT_EQ(result.record_failures[0].reason.size(), kReasonBytesMax);
  std::size_t sum = 0;
  for (const RecordFailure& failure : result.record_failures) sum += failure.reason.size();
  EXPECT_EQ(sum, kReasonsBytesMax);
  EXPECT_EQ(result.record_failures[999].reason, "");
}

TEST_F(NativeFunctionTest, ThrowFailsTheBatchAndKeepsTheWorker) {
  const std::string pid = invoke_bodies({"pid"}).payload;
  const InvocationResult result = invoke_bodies({"throw a \"bad\" day"});
  EXPECT_EQ(result.error_type, "std::runtime_error");
  EXPECT_EQ(result.error_message, "a \"bad\" day");
  EXPECT_EQ(result.payload, R"({"errorType":"std::runtime_error","errorMessage":"a \"bad\" day"})");
  EXPECT_EQ(invoke_bodies({"pid"}).payload, pid);
}

TEST_F(NativeFunctionTest, WhatIsNoExceptionCanBeThrown) {
  EXPECT_EQ(invoke_bodies({"throw-int"}).error_type, "int");
}

TEST_F(NativeFunctionTest, GarbageOnTheSocketCostsItsBatchOnly) {
  const InvocationResult result = invoke_bodies({"garbage"});
  EXPECT_EQ(result.outcome, Outcome::kFailed);
  EXPECT_EQ(result.error_type, "Runtime.InvalidFrame");
  EXPECT_TRUE(works());
}

TEST_F(NativeFunctionTest, GarbageOnTheSocketEndsALoopingWorkerAtOnce) {
  const InvocationResult result = invoke_bodies({"garbage-and-loop"});
  EXPECT_EQ(result.error_type, "Runtime.InvalidFrame");
  EXPECT_LT(result.duration_us, 5'000'000);
}

TEST_F(NativeFunctionTest, ClosedSocketCostsItsBatchOnly) {
  EXPECT_EQ(invoke_bodies({"close-socket"}).outcome, Outcome::kFailed);
  EXPECT_TRUE(works());
}

TEST_F(NativeFunctionTest, LeakBeyondTheMemoryLimitIsTheHandlersError) {
  config.memory_bytes = 64U << 20U;
  const InvocationResult result = invoke_bodies({"leak"});
  EXPECT_EQ(result.outcome, Outcome::kFailed);
  EXPECT_EQ(result.error_type, "std::bad_alloc");
  EXPECT_LT(result.max_memory_bytes, 80 << 20);
}

TEST_F(NativeFunctionTest, ForkInAHandlerGivesOneAnswer) {
  EXPECT_EQ(invoke_bodies({"fork", "respond 1"}).payload, "1");
  EXPECT_TRUE(works());
}

TEST_F(NativeFunctionTest, ChildOfAHandlerHoldsNothingUp) {
  EXPECT_EQ(invoke_bodies({"fork-and-linger"}).outcome, Outcome::kSucceeded);
  EXPECT_TRUE(works());
  EXPECT_EQ(invoke_bodies({"exit 1"}).outcome, Outcome::kFailed);
  EXPECT_TRUE(works());
}

TEST_F(NativeFunctionTest, PrintedAndLoggedLinesBelongToTheirInvocation) {
  EXPECT_THAT(invoke_bodies({"print one", "print-open-line two"}).log_lines,
              ElementsAre("one", "two"));
  EXPECT_THAT(invoke_bodies({"log three", "warn four"}).log_lines,
              ElementsAre("three", "[WARNING] four"));
  EXPECT_THAT(invoke_bodies({"nothing"}).log_lines, IsEmpty());
}

TEST_F(NativeFunctionTest, LastWordsOfACrashAreKept) {
  EXPECT_THAT(invoke_bodies({"print one", "log two", "segfault"}).log_lines,
              testing::UnorderedElementsAre("one", "two"));
}

TEST_F(NativeFunctionTest, FloodOfOutputIsCut) {
  const InvocationResult result = invoke_bodies({"flood"});
  EXPECT_EQ(result.outcome, Outcome::kSucceeded);
  ASSERT_FALSE(result.log_lines.empty());
  EXPECT_LT(result.log_lines.size(), 300U);
  EXPECT_THAT(result.log_lines.back(), HasSubstr("dropped"));
}

TEST_F(NativeFunctionTest, HandlerMayAskForTheEventOfLambda) {
  const Event event = make_event({"event"});
  EXPECT_EQ(invoke(event).payload, render_records_event(event));
}

TEST_F(NativeFunctionTest, AnswerAboveTheLimitIsAnError) {
  EXPECT_EQ(invoke_bodies({"respond-large 6291556"}).payload.size(), 6'291'556U);
  const InvocationResult result = invoke_bodies({"respond-large 6291557"});
  EXPECT_EQ(result.error_type, "Function.ResponseSizeTooLarge");
}

TEST_F(NativeFunctionTest, EnvironmentIsTheConfiguredOneAndNothingElse) {
  setenv("HEADRACE_TEST_SECRET", "x", 1);
  config.environment = {{"OUTBOX", "./outbox"}, {"AWS_REGION", "mars"}};
  EXPECT_EQ(invoke_bodies({"environment OUTBOX"}).payload, "./outbox");
  EXPECT_EQ(invoke_bodies({"environment AWS_REGION"}).payload, "us-east-1");
  EXPECT_EQ(invoke_bodies({"environment AWS_LAMBDA_FUNCTION_NAME"}).payload, "under-test");
  EXPECT_EQ(invoke_bodies({"environment HEADRACE_TEST_SECRET"}).payload, "unset");
}

TEST_F(NativeFunctionTest, HandlerSeesTheTimeItHasLeft) {
  const int remaining_ms = std::stoi(invoke_bodies({"remaining"}).payload);
  EXPECT_GT(remaining_ms, 5'000);
  EXPECT_LE(remaining_ms, 10'000);
}

TEST_F(NativeFunctionTest, ThrowingRecordHandlerFailsThatRecord) {
  config.artifact = handler_path("picky");
  const InvocationResult result = invoke_bodies({"good", "bad 1", "fine", "bad 2"});
  EXPECT_EQ(result.outcome, Outcome::kSucceeded);
  ASSERT_EQ(result.record_failures.size(), 2U);
  EXPECT_EQ(result.record_failures[0].index, 1U);
  EXPECT_EQ(result.record_failures[0].reason, "refused bad 1");
  EXPECT_EQ(result.record_failures[1].index, 3U);
}

TEST_F(NativeFunctionTest, FailedRecordOfAFifoBatchFailsTheRestOfItsGroup) {
  config.artifact = handler_path("picky");
  Event event = make_event({"a", "bad", "b", "c", "d"});
  for (Record& record : event.records) {
    record.group_id = record.body == "b" ? "other" : "one";
    record.sequence_number = "18849496460467696128";
  }
  const InvocationResult result = invoke(event);
  std::vector<std::uint32_t> failed;
  for (const RecordFailure& failure : result.record_failures) failed.push_back(failure.index);
  EXPECT_THAT(failed, ElementsAre(1, 3, 4));
  EXPECT_THAT(result.log_lines, ElementsAre("saw a", "saw bad", "saw b"));
}

TEST_F(NativeFunctionTest, HandlerInPlainCWorks) {
  config.artifact = handler_path("plain");
  const InvocationResult result = invoke_bodies({"x", "", "y"});
  EXPECT_EQ(result.payload, "{\"seen\":3}");
  ASSERT_EQ(result.record_failures.size(), 1U);
  EXPECT_EQ(result.record_failures[0].index, 1U);
  EXPECT_EQ(result.record_failures[0].reason, "empty body");
}

TEST_F(NativeFunctionTest, LargeBatchArrivesWhole) {
  config.artifact = handler_path("plain");
  Event event = make_event(std::vector<std::string>(10'000, std::string(600, 'x')));
  EXPECT_EQ(invoke(event).payload, "{\"seen\":10000}");
}

TEST_F(NativeFunctionTest, SlotIsRefusedWithTheReasonWhenInitFails) {
  const std::map<std::string, std::string> reasons = {
      {"init_fails", "no database: init returned 7"},
      {"other_abi", "handler ABI 9"},
      {"missing_symbol", "a_function_that_nobody_has"},
      {"no_entry", "HEADRACE_FUNCTION"},
      {"crashes_on_load", "signal: aborted"},
      {"not_there", "cannot open shared object file"}};
  for (const auto& [name, reason] : reasons) {
    config.artifact = handler_path(name);
    start();
    const Result<Slot> slot = acquire();
    ASSERT_FALSE(slot) << name;
    EXPECT_THAT(slot.error().message, HasSubstr(reason));
    EXPECT_FALSE(acquire()) << "the next call tries again";
    EXPECT_EQ(function->running(), 0U);
    run(loop, function->stop());
  }
}

}  // namespace
}  // namespace headrace::functions

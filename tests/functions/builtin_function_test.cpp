#include "functions/builtin_function.hpp"

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include "functions/limits.hpp"
#include "functions/records_event.hpp"
#include "tests/functions/event_builder.hpp"
#include "tests/support/manual_clock.hpp"

namespace headrace::functions {
namespace {

using namespace std::chrono_literals;

class BuiltinFunctionTest : public testing::Test {
 protected:
  BuiltinFunctionTest() {
    config_.name = "under-test";
    config_.timeout = 3s;
    config_.workers.max = 1;
  }

  void make(BuiltinAction action) {
    function_ = std::make_unique<BuiltinFunction>(clock_, config_, std::move(action));
  }

  // Begins an invocation; its result is in result_ when it has ended.
  void begin(const Event& event) {
    result_.reset();
    boost::asio::co_spawn(loop_, invoke(&event),
                          [](std::exception_ptr failure) { ASSERT_FALSE(failure); });
    run_ready(loop_);
  }

  InvocationResult invoke_at_once(const Event& event) {
    begin(event);
    return result_.value();
  }

  boost::asio::awaitable<void> invoke(const Event* event) {
    Result<Slot> slot = co_await function_->acquire_slot();
    Invocation invocation{"req-1", event};
    result_ = co_await function_->invoke(std::move(*slot), std::move(invocation));
  }

  boost::asio::io_context loop_;
  ManualClock clock_{loop_};
  FunctionConfig config_;
  std::unique_ptr<BuiltinFunction> function_;
  std::optional<InvocationResult> result_;
};

TEST_F(BuiltinFunctionTest, EchoAnswersWithTheEvent) {
  make(make_echo());
  const Event event = make_event({"ada", "grace"});
  const InvocationResult result = invoke_at_once(event);
  EXPECT_EQ(result.outcome, Outcome::kSucceeded);
  EXPECT_EQ(result.payload, render_records_event(event));
}

TEST_F(BuiltinFunctionTest, EchoOfMoreThanAnAnswerMayHoldFails) {
  make(make_echo());
  const Event event = make_event({std::string(kResponseBytesMax, 'x')});
  const InvocationResult result = invoke_at_once(event);
  EXPECT_EQ(result.outcome, Outcome::kFailed);
  EXPECT_EQ(result.error_type, "Function.ResponseSizeTooLarge");
}

TEST_F(BuiltinFunctionTest, FailFailsTheBatch) {
  make(make_fail());
  const InvocationResult result = invoke_at_once(make_event({"ada"}));
  EXPECT_EQ(result.outcome, Outcome::kFailed);
  EXPECT_EQ(result.error_type, "Builtin.Fail");
}

TEST_F(BuiltinFunctionTest, SleepTakesItsTimeAndSucceeds) {
  make(make_sleep(clock_, 2s, config_));
  const Event event = make_event({"ada"});
  begin(event);
  clock_.advance(1999ms);
  EXPECT_FALSE(result_);
  clock_.advance(1ms);
  ASSERT_TRUE(result_);
  EXPECT_EQ(result_->outcome, Outcome::kSucceeded);
  EXPECT_EQ(result_->duration_us, 2'000'000);
}

TEST_F(BuiltinFunctionTest, SleepBeyondTheTimeoutTimesOut) {
  make(make_sleep(clock_, 1h, config_));
  const Event event = make_event({"ada"});
  begin(event);
  clock_.advance(3s);
  ASSERT_TRUE(result_);
  EXPECT_EQ(result_->outcome, Outcome::kFailed);
  EXPECT_EQ(result_->error_type, "Sandbox.Timedout");
  EXPECT_EQ(result_->error_message, "RequestId: req-1 Error: Task timed out after 3.00 seconds");
}

TEST_F(BuiltinFunctionTest, NoMoreRunAtOneTimeThanConfigured) {
  make(make_sleep(clock_, 1s, config_));
  const Event event = make_event({"ada"});
  begin(event);
  begin(event);
  EXPECT_EQ(function_->running(), 1U);
  clock_.advance(1s);
  EXPECT_TRUE(result_);
  EXPECT_EQ(function_->running(), 1U);
  clock_.advance(1s);
  EXPECT_EQ(function_->running(), 0U);
}

}  // namespace
}  // namespace headrace::functions

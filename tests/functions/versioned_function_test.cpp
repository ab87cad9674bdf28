#include "functions/versioned_function.hpp"

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include "tests/functions/event_builder.hpp"
#include "tests/support/fake_function.hpp"
#include "tests/support/manual_clock.hpp"

namespace headrace::functions {
namespace {

// A FakeFunction that tells when it is stopped, and when it is gone.
class WatchedFunction final : public Function {
 public:
  struct Life {
    bool stopped = false;
    bool gone = false;
  };

  WatchedFunction(std::string version, std::size_t limit, Life& life) : inner(limit), life_(life) {
    config_.version = std::move(version);
    config_.workers.max = limit;
  }
  ~WatchedFunction() override { life_.gone = true; }

  const FunctionConfig& config() const override { return config_; }
  boost::asio::awaitable<Result<Slot>> acquire_slot() override { return inner.acquire_slot(); }
  boost::asio::awaitable<InvocationResult> invoke(Slot slot, Invocation invocation) override {
    return inner.invoke(std::move(slot), std::move(invocation));
  }
  boost::asio::awaitable<void> stop() override {
    life_.stopped = true;
    inner.refuse_slots("the function is stopping");
    co_return;
  }
  std::size_t running() const override { return inner.running(); }
  std::size_t limit() const override { return inner.limit(); }

  FakeFunction inner;

 private:
  Life& life_;
  FunctionConfig config_;
};

class VersionedFunctionTest : public testing::Test {
 protected:
  ~VersionedFunctionTest() override {
    spawn(function_.stop());
    run_ready(loop_);
  }

  static std::unique_ptr<WatchedFunction> make(const std::string& version,
                                               WatchedFunction::Life& life) {
    return std::make_unique<WatchedFunction>(version, 1, life);
  }

  template <class T>
  void spawn(boost::asio::awaitable<T> work) {
    boost::asio::co_spawn(loop_, std::move(work),
                          [](std::exception_ptr failure, auto&&...) { EXPECT_FALSE(failure); });
  }

  void begin_invocation() {
    spawn(invoke_once());
    run_ready(loop_);
  }

  boost::asio::awaitable<int> invoke_once() {
    Result<Slot> slot = co_await function_.acquire_slot();
    EXPECT_TRUE(slot);
    Invocation invocation{"req-1", &event_};
    const InvocationResult result =
        co_await function_.invoke(std::move(*slot), std::move(invocation));
    versions_.push_back(result.version);
    co_return 0;
  }

  boost::asio::awaitable<int> take_slot() {
    Result<Slot> slot = co_await function_.acquire_slot();
    EXPECT_TRUE(slot);
    slots_.push_back(std::move(*slot));
    co_return 0;
  }

  const Event event_ = make_event({"ada"});
  boost::asio::io_context loop_;
  WatchedFunction::Life old_life_;
  WatchedFunction::Life new_life_;
  std::unique_ptr<WatchedFunction> first_ = make("1", old_life_);
  WatchedFunction& old_ = *first_;
  VersionedFunction function_{loop_.get_executor(), std::move(first_)};
  std::vector<std::string> versions_;  // of what has ended, in that order
  std::vector<Slot> slots_;
};

TEST_F(VersionedFunctionTest, WhatBeginsAfterAReplacementRunsOnTheNewVersion) {
  begin_invocation();
  function_.replace(make("2", new_life_));
  begin_invocation();
  EXPECT_EQ(versions_, (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(function_.config().version, "2");
}

TEST_F(VersionedFunctionTest, WhatRunsEndsWhereItBegan) {
  old_.inner.hold();
  begin_invocation();
  function_.replace(make("2", new_life_));
  begin_invocation();
  EXPECT_EQ(versions_, (std::vector<std::string>{"2"}));
  EXPECT_TRUE(old_life_.stopped);
  EXPECT_FALSE(old_life_.gone);
  EXPECT_EQ(function_.retiring(), 1U);
  old_.inner.release();
  run_ready(loop_);
  EXPECT_EQ(versions_, (std::vector<std::string>{"2", "1"}));
  EXPECT_TRUE(old_life_.gone);
  EXPECT_EQ(function_.retiring(), 0U);
}

TEST_F(VersionedFunctionTest, SlotOfAnOldVersionKeepsIt) {
  spawn(take_slot());
  run_ready(loop_);
  EXPECT_EQ(function_.running(), 1U);
  function_.replace(make("2", new_life_));
  run_ready(loop_);
  EXPECT_FALSE(old_life_.gone);
  slots_.clear();
  run_ready(loop_);
  EXPECT_TRUE(old_life_.gone);
  EXPECT_EQ(function_.running(), 0U);
}

TEST_F(VersionedFunctionTest, WhoIsRefusedByAReplacedVersionGetsASlotOfTheNext) {
  old_.inner.hold();
  begin_invocation();  // takes the only slot
  begin_invocation();  // waits for it
  function_.replace(make("2", new_life_));
  old_.inner.release();
  run_ready(loop_);
  EXPECT_EQ(versions_.size(), 2U);
  EXPECT_TRUE(old_life_.gone);
}

TEST_F(VersionedFunctionTest, RefusalOfTheNewestVersionIsTold) {
  old_.inner.refuse_slots("init failed");
  boost::asio::co_spawn(loop_, function_.acquire_slot(),
                        [](std::exception_ptr, const Result<Slot>& slot) {
                          ASSERT_FALSE(slot);
                          EXPECT_EQ(slot.error().message, "init failed");
                        });
  run_ready(loop_);
}

TEST_F(VersionedFunctionTest, StopWaitsForOldVersions) {
  old_.inner.hold();
  begin_invocation();
  function_.replace(make("2", new_life_));
  bool stopped = false;
  boost::asio::co_spawn(loop_, function_.stop(),
                        [&stopped](std::exception_ptr) { stopped = true; });
  run_ready(loop_);
  EXPECT_TRUE(new_life_.stopped);
  EXPECT_FALSE(stopped);
  old_.inner.release();
  run_ready(loop_);
  EXPECT_TRUE(stopped);
}

}  // namespace
}  // namespace headrace::functions

#include "runtime/mapping_runner.hpp"

#include <algorithm>
#include <set>

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include "tests/runtime/mapping_fixture.hpp"

namespace headrace::runtime {
namespace {

using functions::Event;
using functions::InvocationResult;
using functions::Outcome;
using namespace std::chrono_literals;

class MappingRunnerTest : public MappingFixture {};

TEST_F(MappingRunnerTest, HandledMessagesAreDeleted) {
  start();
  send(1);
  EXPECT_EQ(batch_sizes(), std::vector<std::size_t>{1});
  EXPECT_EQ(describe("signup").visible + describe("signup").in_flight, 0U);
}

TEST_F(MappingRunnerTest, BacklogComesInFullBatches) {
  send(25);
  start(1);
  EXPECT_EQ(batch_sizes(), (std::vector<std::size_t>{10, 10, 5}));
  EXPECT_EQ(describe("signup").deleted_total, 25U);
}

TEST_F(MappingRunnerTest, FailedBatchReappearsAfterTheVisibilityTimeout) {
  answer_ = [](const Event&) { return failed("boom"); };
  start();
  send(1);
  clock_.advance(29s);
  EXPECT_EQ(function_->batches().size(), 1U);
  clock_.advance(1s);
  EXPECT_EQ(function_->batches().size(), 2U);
}

TEST_F(MappingRunnerTest, MessagesOfAnInvocationThatTimedOutReappear) {
  answer_ = [](const Event&) {
    InvocationResult result = failed("RequestId: 1 Error: Task timed out after 3.00 seconds");
    result.error_type = "Sandbox.Timedout";
    return result;
  };
  start();
  send(1);
  clock_.advance(30s);
  EXPECT_EQ(function_->batches().size(), 2U);
  EXPECT_EQ(describe("signup").deleted_total, 0U);
}

TEST_F(MappingRunnerTest, PoisonMessageIsDeliveredThreeTimesThenDeadLettered) {
  answer_ = [](const Event&) { return failed("mailbox unavailable"); };
  start();
  send(1);
  clock_.advance(200s);
  EXPECT_EQ(function_->batches().size(), 3U);
  EXPECT_EQ(describe("signup").visible + describe("signup").in_flight, 0U);
  EXPECT_EQ(describe("dlq").visible, 1U);
  queue::PeekRequest request;
  request.address = address("dlq");
  const auto peeked = await(store_->broker().peek(request));
  EXPECT_EQ(last_errors_.find((*peeked)[0].message.message_id), "Error: mailbox unavailable");
}

TEST_F(MappingRunnerTest, OnlyTheReportedMessageStays) {
  answer_ = [](const Event& event) {
    InvocationResult result;
    result.outcome = Outcome::kSucceeded;
    result.payload =
        R"({"batchItemFailures":[{"itemIdentifier":")" + event.records[1].message_id + "\"}]}";
    return result;
  };
  send(3);
  start(1);
  EXPECT_EQ(describe("signup").deleted_total, 2U);
  EXPECT_EQ(describe("signup").in_flight, 1U);
}

TEST_F(MappingRunnerTest, WindowHoldsMessagesVisibleUntilItEnds) {
  mapping_.batching_window = 5s;
  start();
  send(3);
  clock_.advance(4s);
  EXPECT_TRUE(function_->batches().empty());
  EXPECT_EQ(describe("signup").visible, 3U);
  clock_.advance(1s);
  EXPECT_EQ(batch_sizes(), std::vector<std::size_t>{3});
}

TEST_F(MappingRunnerTest, WindowEndsEarlyWhenTheBatchIsFull) {
  mapping_.batching_window = 60s;
  mapping_.batch_size = 4;
  start();
  send(4);
  EXPECT_EQ(batch_sizes(), std::vector<std::size_t>{4});
}

TEST_F(MappingRunnerTest, EventNeverExceedsSixMebibytes) {
  send(8, 1'000'000);
  start(1);
  ASSERT_EQ(batch_sizes(), (std::vector<std::size_t>{6, 2}));
}

TEST_F(MappingRunnerTest, MaximumConcurrencyLeavesTheRestVisible) {
  mapping_.maximum_concurrency = 2;
  send(50);
  function_ = nullptr;
  start(8);
  EXPECT_EQ(describe("signup").visible, 0U);  // drained: nothing held it
  function_->hold();
  send(50);
  EXPECT_EQ(function_->running(), 2U);
  EXPECT_EQ(describe("signup").visible, 50U - describe("signup").in_flight);
  EXPECT_LE(describe("signup").in_flight, 20U);
  function_->release();
  run_ready(loop_);
  EXPECT_EQ(function_->most_at_once(), 2U);
  EXPECT_EQ(describe("signup").deleted_total, 100U);
}

TEST_F(MappingRunnerTest, ConcurrencyFollowsTheBacklog) {
  start(4);
  function_->hold();
  send(1);
  EXPECT_EQ(function_->running(), 1U);
  send(30);
  EXPECT_EQ(function_->running(), 4U);
  function_->release();
  run_ready(loop_);
}

TEST_F(MappingRunnerTest, FunctionThatCannotStartBurnsNoReceives) {
  start();
  function_->refuse_slots("libwelcome_email.so: undefined symbol");
  send(1);
  clock_.advance(10s);
  EXPECT_TRUE(function_->batches().empty());
  EXPECT_EQ(describe("signup").received_total, 0U);
  EXPECT_LE(function_->refused(), 5U);  // backs off: 1 s, 2 s, 4 s, 8 s
  function_->refuse_slots("");
  clock_.advance(60s);
  EXPECT_EQ(function_->batches().size(), 1U);
}

TEST_F(MappingRunnerTest, ThrottledBatchIsHeldAndTriedAgain) {
  int calls = 0;
  answer_ = [&calls](const Event&) {
    InvocationResult result;
    result.outcome = ++calls < 3 ? Outcome::kThrottled : Outcome::kSucceeded;
    return result;
  };
  send(2);
  start(1);
  clock_.advance(5s);
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(describe("signup").received_total, 2U);  // each once: no receive burnt
  EXPECT_EQ(describe("signup").deleted_total, 2U);
}

TEST_F(MappingRunnerTest, ThrottledBatchIsLetGoBeforeItReappears) {
  answer_ = [](const Event&) { return throttled(); };
  start();
  send(1);
  clock_.advance(29s + 900ms);
  EXPECT_EQ(describe("signup").received_total, 1U);
  EXPECT_EQ(runner_->status().last_result, "throttled: status 503");
  EXPECT_GE(runner_->status().throttles, 6U);
  clock_.advance(10s);
  EXPECT_EQ(describe("signup").received_total, 2U);
}

// Others had the slot until the messages were visible again: somebody else may have them by now.
TEST_F(MappingRunnerTest, ThrottledBatchIsNotInvokedOnceItReappeared) {
  int calls = 0;
  answer_ = [&calls](const Event&) {
    if (++calls == 1) return throttled();
    InvocationResult result;
    result.outcome = Outcome::kSucceeded;
    return result;
  };
  start(1);
  send(1);
  auto taken = await(function_->acquire_slot());
  clock_.advance(40s);
  EXPECT_EQ(calls, 1);
  *taken = functions::Slot();
  clock_.advance(1s);
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(describe("signup").received_total, 2U);
  EXPECT_EQ(describe("signup").deleted_total, 1U);
}

TEST_F(MappingRunnerTest, MessageThatWasOnlyThrottledSaysSoInTheDeadLetterQueue) {
  answer_ = [](const Event&) { return throttled(); };
  start();
  send(1);
  clock_.advance(300s);
  queue::PeekRequest request;
  request.address = address("dlq");
  const auto peeked = await(store_->broker().peek(request));
  ASSERT_EQ(peeked->size(), 1U);
  EXPECT_EQ(last_errors_.find((*peeked)[0].message.message_id), "throttled: status 503");
}

TEST_F(MappingRunnerTest, RetryAfterOfZeroIsNoBusyLoop) {
  answer_ = [](const Event&) { return throttled(0s); };
  start(1);
  send(1);
  clock_.advance(1s);
  EXPECT_LE(function_->batches().size(), 4U);  // after 100 ms, 200 ms, 400 ms, ...
}

TEST_F(MappingRunnerTest, RetryAfterIsHeldToAMinute) {
  int calls = 0;
  answer_ = [&calls](const Event&) { return ++calls == 1 ? throttled(24h) : throttled(); };
  start(1);
  send(1);
  clock_.advance(61s);
  EXPECT_GE(calls, 2);
}

TEST_F(MappingRunnerTest, ThrottlingIsSatOutAlsoWithoutAVisibilityTimeout) {
  create("quick", {{"VisibilityTimeout", "0"}});
  mapping_.queue = address("quick");
  answer_ = [](const Event&) { return throttled(); };
  start(1);
  send_to("quick", 1);
  clock_.advance(1s);
  EXPECT_LE(describe("quick").received_total, 4U);
}

TEST_F(MappingRunnerTest, ThrottledBatchIsHeldByTheTimeoutItWasLeasedUnder) {
  answer_ = [](const Event&) { return throttled(); };
  start(1);
  send(1);
  ASSERT_TRUE(
      await(store_->broker().set_attributes(address("signup"), {{"VisibilityTimeout", "300"}}))
          .has_value());
  clock_.advance(45s);
  EXPECT_EQ(describe("signup").received_total, 2U);
}

TEST_F(MappingRunnerTest, SlotIsGivenBackWhileTheQueueIsGone) {
  start(1);
  {
    const Result<functions::Slot> taken = await(function_->acquire_slot());
    send(1);
    ASSERT_TRUE(await(store_->broker().delete_queue(address("signup"))).has_value());
  }
  run_ready(loop_);
  EXPECT_EQ(runner_->status().last_result, "The specified queue does not exist.");
  EXPECT_EQ(function_->running(), 0U);
}

TEST_F(MappingRunnerTest, HugeErrorIsKeptShort) {
  answer_ = [](const Event&) { return failed(std::string(1'000'000, 'x')); };
  start();
  send(2);
  EXPECT_EQ(runner_->status().last_result, "Error: " + std::string(505, 'x'));
}

TEST_F(MappingRunnerTest, WhileOneMappingDrainsNoOtherLeases) {
  create("orders", {});
  start(1);
  function_->hold();
  send(1);
  functions::FakeFunction other(1);
  EventSourceMapping orders = mapping_;
  orders.queue = address("orders");
  std::vector<std::unique_ptr<MappingRunner>> runners;
  runners.push_back(std::move(runner_));
  runners.push_back(std::make_unique<MappingRunner>(surroundings(), orders, other));
  runners.back()->start();
  bool stopped = false;
  boost::asio::co_spawn(loop_, stop_all(runners),
                        [&stopped](std::exception_ptr) { stopped = true; });
  run_ready(loop_);
  send_to("orders", 1);
  EXPECT_FALSE(stopped);
  EXPECT_TRUE(other.batches().empty());
  function_->release();
  run_ready(loop_);
  EXPECT_TRUE(stopped);
  EXPECT_EQ(describe("orders").visible, 1U);
}

TEST_F(MappingRunnerTest, ASlowMappingDelaysNoOther) {
  create("orders", {});
  start(1);
  function_->hold();
  send(25);
  functions::FakeFunction quick(1);
  EventSourceMapping orders = mapping_;
  orders.queue = address("orders");
  MappingRunner other(surroundings(), orders, quick);
  other.start();
  send_to("orders", 25);
  EXPECT_EQ(function_->running(), 1U);
  EXPECT_EQ(describe("orders").deleted_total, 25U);
  await(other.stop());
  function_->release();
  run_ready(loop_);
}

TEST_F(MappingRunnerTest, StopFinishesRunningBatchesAndLeasesNothingMore) {
  start(1);
  function_->hold();
  send(15);
  bool stopped = false;
  boost::asio::co_spawn(loop_, runner_->stop(), [&stopped](std::exception_ptr) { stopped = true; });
  run_ready(loop_);
  EXPECT_FALSE(stopped);
  function_->release();
  run_ready(loop_);
  EXPECT_TRUE(stopped);
  EXPECT_EQ(function_->batches().size(), 1U);
  EXPECT_EQ(describe("signup").deleted_total, function_->batches()[0].size());
  EXPECT_EQ(describe("signup").in_flight, 0U);
}

TEST_F(MappingRunnerTest, LogsStartEndAndReport) {
  answer_ = [](const Event&) {
    InvocationResult result;
    result.outcome = Outcome::kSucceeded;
    result.log_lines = {"New user: ada"};
    result.duration_us = 3010;
    result.init_us = 110'100;
    return result;
  };
  start();
  send(1);
  const auto lines = logs_.find({0, "welcome-email"});
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_TRUE(lines[0].text.starts_with("START RequestId: "));
  EXPECT_TRUE(lines[0].text.ends_with(" Version: $LATEST"));
  EXPECT_EQ(lines[1].text, "New user: ada");
  EXPECT_TRUE(lines[2].text.starts_with("END RequestId: "));
  const std::string report = lines[3].text.substr(lines[3].text.find('\t'));
  EXPECT_EQ(report,
            "\tDuration: 3.01 ms\tBilled Duration: 4 ms\tMemory Size: 128 MB"
            "\tInit Duration: 110.10 ms");
}

TEST_F(MappingRunnerTest, LogsSayWhyRecordsFailed) {
  answer_ = [](const Event& event) {
    InvocationResult result;
    result.outcome = Outcome::kSucceeded;
    for (std::uint32_t i = 0; i < event.records.size(); ++i) {
      result.record_failures.push_back({i, "mailbox full"});
    }
    return result;
  };
  mapping_.batch_size = 10;
  start(1);
  send(1);
  const auto lines = logs_.find({0, "welcome-email"});
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[1].text, "[ERROR] " + function_->batches()[0][0] + ": mailbox full");
  EXPECT_TRUE(lines[2].text.starts_with("END RequestId: "));
}

TEST_F(MappingRunnerTest, LogsCountFailedRecordsBeyondAHundred) {
  mapping_.batch_size = 150;
  answer_ = [](const Event& event) {
    InvocationResult result;
    result.outcome = Outcome::kSucceeded;
    for (std::uint32_t i = 0; i < event.records.size(); ++i) {
      result.record_failures.push_back({i, "mailbox full"});
    }
    return result;
  };
  send(150);
  start(1);
  const auto lines = logs_.find({0, "welcome-email"});
  ASSERT_EQ(lines.size(), 104U);
  EXPECT_EQ(lines[101].text, "[ERROR] 50 more records failed");
}

TEST_F(MappingRunnerTest, LogsSayWhyTheFunctionFailed) {
  answer_ = [](const Event&) { return failed("no database"); };
  start(1);
  send(1);
  const auto lines = logs_.find({0, "welcome-email"});
  ASSERT_EQ(lines.size(), 4U);
  EXPECT_EQ(lines[1].text, "[ERROR] Error: no database");
  EXPECT_TRUE(lines[3].text.ends_with("\tStatus: error\tError Type: Error"));
}

}  // namespace
}  // namespace headrace::runtime

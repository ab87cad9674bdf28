// Dead-letter moves and redrives (SQS spec 8).
#include <gtest/gtest.h>

#include "tests/queue/engine_harness.hpp"

namespace headrace::queue {
namespace {

class DeadLetter : public ::testing::Test {
 protected:
  DeadLetter() {
    EXPECT_TRUE(bench.create("dlq").has_value());
    EXPECT_TRUE(bench.create("signup", {{"RedrivePolicy", redrive_policy("dlq", 2)}}).has_value());
  }
  // Receives as often as the policy allows and once more.
  void wear_out() {
    for (int i = 0; i < 3; ++i) bench.receive("signup", 10, 0);
  }

  EngineHarness bench;
};

TEST_F(DeadLetter, TheReceiveThatWouldExceedTheCountMovesInsteadOfReturning) {
  bench.send("signup", "bad");
  EXPECT_EQ(bench.receive("signup", 1, 0).size(), 1U);
  EXPECT_EQ(bench.receive("signup", 1, 0).size(), 1U);
  EXPECT_EQ(bench.describe("dlq").visible, 0U);
  EXPECT_TRUE(bench.receive("signup", 1, 0).empty());
  EXPECT_EQ(bench.describe("signup").visible, 0U);
  EXPECT_EQ(bench.describe("dlq").visible, 1U);
}

TEST_F(DeadLetter, NothingMovesWithoutAReceive) {
  bench.send("signup", "bad");
  bench.receive("signup", 1, 0);
  bench.receive("signup", 1, 1);
  bench.advance(1h);
  EXPECT_EQ(bench.describe("signup").visible, 1U);
  EXPECT_EQ(bench.describe("dlq").visible, 0U);
}

TEST_F(DeadLetter, TheMoveKeepsIdentityTimesAndCountAndNamesTheSource) {
  const Uuid id = bench.send("signup", "bad");
  bench.advance(3s);
  wear_out();
  const auto got = bench.receive("dlq", 1);
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].id, id);
  EXPECT_EQ(got[0].body, "bad");
  EXPECT_EQ(got[0].receive_count, 3U);  // goes on counting
  EXPECT_EQ(got[0].sent, kTestStart);
  EXPECT_EQ(got[0].first_received, kTestStart + 3s);
  EXPECT_EQ(got[0].source_arn, "arn:aws:sqs:us-east-1:000000000000:signup");
}

TEST_F(DeadLetter, TheSearchGoesOnBehindWhatMoved) {
  bench.send("signup", "bad");
  bench.receive("signup", 1, 0);
  bench.receive("signup", 1, 0);
  bench.send("signup", "good");
  const auto got = bench.receive("signup", 1);
  ASSERT_EQ(got.size(), 1U);
  EXPECT_EQ(got[0].body, "good");
  EXPECT_EQ(bench.describe("dlq").visible, 1U);
}

TEST_F(DeadLetter, TheRetentionClockGoesOnFromTheOriginalSend) {
  ASSERT_TRUE(bench.set("dlq", {{"MessageRetentionPeriod", "100"}}).has_value());
  bench.send("signup", "bad");
  bench.advance(60s);
  wear_out();
  bench.advance(40s);
  EXPECT_EQ(bench.describe("dlq").visible, 1U);
  bench.advance(1ms);
  EXPECT_EQ(bench.describe("dlq").visible, 0U);
}

TEST_F(DeadLetter, ArrivalsIgnoreTheDelayOfTheDeadLetterQueue) {
  ASSERT_TRUE(bench.set("dlq", {{"DelaySeconds", "900"}}).has_value());
  bench.send("signup", "bad");
  wear_out();
  EXPECT_EQ(bench.receive("dlq", 1).size(), 1U);
}

TEST_F(DeadLetter, AChainCountsTheReceivesOfEachQueue) {
  ASSERT_TRUE(bench.create("last").has_value());
  ASSERT_TRUE(bench.set("dlq", {{"RedrivePolicy", redrive_policy("last", 1)}}).has_value());
  bench.send("signup", "bad");
  wear_out();
  EXPECT_EQ(bench.receive("dlq", 1, 0).size(), 1U);
  EXPECT_TRUE(bench.receive("dlq", 1, 0).empty());
  EXPECT_EQ(bench.describe("last").visible, 1U);
}

TEST_F(DeadLetter, AMissingDeadLetterQueueLeavesTheMessageWhereItIs) {
  bench.send("signup", "bad");
  bench.remove_queue("dlq");
  for (std::uint32_t count = 1; count <= 5; ++count) {
    const auto got = bench.receive("signup", 1, 0);
    ASSERT_EQ(got.size(), 1U);
    EXPECT_EQ(got[0].receive_count, count);
  }
}

TEST_F(DeadLetter, HandleOfTheMovedMessageHasNoEffect) {
  bench.send("signup", "bad");
  const std::string handle = bench.receive("signup", 1, 0)[0].handle;
  wear_out();
  EXPECT_TRUE(bench.remove("signup", handle).has_value());
  EXPECT_EQ(bench.describe("dlq").visible, 1U);
  EXPECT_FALSE(bench.change("signup", handle, 5).has_value());
}

TEST_F(DeadLetter, RedriveSendsEachMessageHomeAsANewOne) {
  ASSERT_TRUE(bench.create("orders", {{"RedrivePolicy", redrive_policy("dlq", 1)}}).has_value());
  const Uuid id = bench.send("signup", "s");
  bench.send("orders", "o");
  wear_out();
  bench.receive("orders", 1, 0);
  bench.receive("orders", 1, 0);
  ASSERT_EQ(bench.describe("dlq").visible, 2U);
  bench.advance(10s);
  EXPECT_EQ(bench.redrive("dlq"), 2U);
  EXPECT_EQ(bench.describe("dlq").visible, 0U);
  EXPECT_EQ(bench.describe("orders").visible, 1U);
  const auto got = bench.receive("signup", 1, 0);
  ASSERT_EQ(got.size(), 1U);
  EXPECT_NE(got[0].id, id);
  EXPECT_EQ(got[0].receive_count, 1U);
  EXPECT_EQ(got[0].sent, kTestStart + 10s);
  EXPECT_EQ(got[0].source_arn, "");
}

TEST_F(DeadLetter, ARedrivenMessageKeepsItsNewIdentityThroughTheNextDeadLetterMove) {
  bench.send("signup", "bad");
  wear_out();
  ASSERT_EQ(bench.redrive("dlq"), 1U);
  const Uuid second = bench.receive("signup", 1, 0)[0].id;
  EXPECT_EQ(bench.receive("signup", 1, 0)[0].id, second);
  EXPECT_TRUE(bench.receive("signup", 1, 0).empty());
  EXPECT_EQ(bench.receive("dlq", 1, 0)[0].id, second);
}

TEST_F(DeadLetter, RedriveToANamedQueueTakesVisibleMessagesOnlyOldestFirst) {
  ASSERT_TRUE(bench.create("elsewhere").has_value());
  bench.send("dlq", "held");
  ASSERT_EQ(bench.receive("dlq", 1).size(), 1U);
  bench.send("dlq", "first");
  bench.send("dlq", "second");
  EXPECT_EQ(bench.redrive("dlq", "elsewhere"), 2U);
  EXPECT_EQ(bench.describe("dlq").in_flight, 1U);
  const auto got = bench.receive("elsewhere", 10);
  ASSERT_EQ(got.size(), 2U);
  EXPECT_EQ(got[0].body, "first");
}

TEST_F(DeadLetter, RedriveLeavesMessagesWhoseSourceIsUnknown) {
  bench.send("dlq", "sent here");
  EXPECT_EQ(bench.redrive("dlq"), 0U);
  EXPECT_EQ(bench.describe("dlq").visible, 1U);
}

TEST_F(DeadLetter, MovesKeepOneBodyEach) {
  bench.send("signup", "bad");
  wear_out();
  bench.redrive("dlq");
  EXPECT_EQ(bench.bodies_alive(), 1U);
  EXPECT_TRUE(bench.remove("signup", bench.receive("signup")[0].handle).has_value());
  EXPECT_EQ(bench.bodies_alive(), 0U);
}

}  // namespace
}  // namespace headrace::queue

// Fair queues: MessageGroupId on standard queues (SQS spec 7.5).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/queue/engine_harness.hpp"

namespace headrace::queue {
namespace {

class FairQueue : public ::testing::Test {
 protected:
  FairQueue() { EXPECT_TRUE(bench.create("q").has_value()); }

  void send(const std::string& group, int count) {
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(bench.send_to_group("q", group, group + std::to_string(i)).has_value());
    }
  }
  std::string next() {
    const auto got = bench.receive("q", 1, 300);
    return got.empty() ? "" : got[0].group_id;
  }
  // Receives so many messages of a group and keeps them.
  void hold(int count) {
    for (int i = 0; i < count; ++i) ASSERT_FALSE(bench.receive("q", 1, 300).empty());
  }

  EngineHarness bench;
};

TEST_F(FairQueue, AQuietTenantPassesANoisyOne) {
  send("noisy", 1100);
  hold(100);
  send("quiet", 1);
  EXPECT_EQ(next(), "quiet");
  EXPECT_EQ(next(), "noisy");
}

TEST_F(FairQueue, NothingOfANoisyTenantIsLost) {
  send("noisy", 1100);
  hold(100);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(next(), "noisy");
  EXPECT_EQ(next(), "");
}

TEST_F(FairQueue, OfTwoNoisyTenantsTheOneWithFewerInFlightGoesFirst) {
  send("a", 200);
  hold(100);
  send("b", 200);
  for (int i = 0; i < 31; ++i) ASSERT_EQ(next(), "b");  // quiet until it holds more than 30
  ASSERT_EQ(bench.queue("q").messages().groups().noisy_count(), 2U);
  for (int i = 0; i < 69; ++i) ASSERT_EQ(next(), "b");
  EXPECT_EQ(next(), "a");  // 100 each now
}

TEST_F(FairQueue, ATenantThatUsesMostOfTheConsumersTimeIsNoisy) {
  send("slow", 50);
  for (int i = 0; i < 10; ++i) {
    const auto got = bench.receive("q", 1, 300);
    bench.advance(10s);
    ASSERT_TRUE(bench.remove("q", got[0].handle));
  }
  ASSERT_EQ(bench.queue("q").messages().groups().noisy_count(), 1U);
  send("quick", 1);
  EXPECT_EQ(next(), "quick");
}

TEST_F(FairQueue, ATenantIsQuietAgainWithoutBacklog) {
  send("a", 100);
  hold(50);
  ASSERT_EQ(bench.queue("q").messages().groups().noisy_count(), 1U);
  hold(50);
  EXPECT_EQ(bench.queue("q").messages().groups().noisy_count(), 0U);
}

TEST_F(FairQueue, ATenantIsQuietAgainAfterFiveMinutesWithoutSends) {
  send("a", 100);
  hold(50);
  bench.advance(299s);
  next();
  EXPECT_EQ(bench.queue("q").messages().groups().noisy_count(), 1U);
  bench.advance(2s);
  next();
  EXPECT_EQ(bench.queue("q").messages().groups().noisy_count(), 0U);
}

TEST_F(FairQueue, GroupsAreServedInTurns) {
  send("a", 3);
  send("b", 3);
  std::string turns;
  for (int i = 0; i < 6; ++i) turns += next();
  EXPECT_EQ(turns, "ababab");
}

TEST_F(FairQueue, MessagesWithoutAGroupAreNeverNoisy) {
  for (int i = 0; i < 100; ++i) bench.send("q", std::to_string(i));
  hold(60);
  EXPECT_EQ(bench.queue("q").messages().groups().noisy_count(), 0U);
}

TEST_F(FairQueue, MessagesOfOneGroupRunInParallel) {
  send("a", 2);
  EXPECT_EQ(next(), "a");
  EXPECT_EQ(next(), "a");
}

TEST_F(FairQueue, AGroupLivesAsLongAsItsMessages) {
  for (int i = 0; i < 1000; ++i) send("tenant-" + std::to_string(i), 1);
  EXPECT_EQ(bench.queue("q").messages().groups().size(), 1000U);
  for (int i = 0; i < 1000; ++i) {
    const auto got = bench.receive("q");
    ASSERT_TRUE(bench.remove("q", got[0].handle));
  }
  EXPECT_EQ(bench.queue("q").messages().groups().size(), 0U);
}

}  // namespace
}  // namespace headrace::queue

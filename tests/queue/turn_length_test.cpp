// Every turn is bounded (design 8.7): passing time and freeing work in steps that can be counted.
#include <gtest/gtest.h>

#include "tests/queue/server_harness.hpp"

namespace headrace::queue {
namespace {

constexpr std::size_t kMany = 100'000;

TEST(TurnLength, APurgeFreesWithinItsBudget) {
  EngineHarness bench;
  ASSERT_TRUE(bench.create("q").has_value());
  for (std::size_t i = 0; i < kMany; ++i) bench.send("q", "x");
  bench.purge("q");
  EXPECT_EQ(bench.engine().message_count(), kMany);  // the purge itself frees nothing
  EXPECT_EQ(bench.describe("q").visible, 0U);
  for (std::size_t left = kMany; left > 0;) {
    bench.engine().advance_to(bench.now(), 500);
    ASSERT_GE(bench.engine().message_count() + 500, left);
    ASSERT_LT(bench.engine().message_count(), left);
    left = bench.engine().message_count();
  }
  EXPECT_EQ(bench.bodies_alive(), 0U);
}

TEST(TurnLength, ExpiryDropsWithinItsBudget) {
  EngineHarness bench;
  ASSERT_TRUE(bench.create("q", {{"MessageRetentionPeriod", "60"}}).has_value());
  for (std::size_t i = 0; i < kMany; ++i) bench.send("q", "x");
  const TimePoint later = bench.now() + 2min;
  EXPECT_TRUE(bench.engine().advance_to(later, 500));
  EXPECT_EQ(bench.engine().message_count(), kMany - 500);
}

TEST(TurnLength, AMessageBehindManyExpiredOnesReachesALongPoll) {
  ServerHarness server;
  ASSERT_TRUE(server.create("q", {{"MessageRetentionPeriod", "60"}}).has_value());
  server.send("q", std::vector<std::string>(5000, "old"));
  server.send("q", {"young"}, 60);
  server.clock.advance(59s);
  server.send("q", {"young"});
  const auto poll = server.receive("q", 1, 0);
  EXPECT_EQ((**poll)[0].content.body, "old");
  server.clock.advance(2s);
  const auto woken = server.receive("q", 10, 20);
  server.run();
  ASSERT_TRUE(woken.arrived());
  EXPECT_EQ((**woken)[0].content.body, "young");
}

TEST(TurnLength, AReceiveDeadLettersABoundedNumberAndTheNextGoesOn) {
  ServerHarness server;
  ASSERT_TRUE(server.create("dlq").has_value());
  ASSERT_TRUE(server.create("q", {{"RedrivePolicy", redrive_policy("dlq", 1)}}).has_value());
  server.send("q", std::vector<std::string>(5000, "bad"));
  EXPECT_EQ((*server.receive("q", 5000, 0, 0))->size(), 5000U);
  EXPECT_TRUE((*server.receive("q", 10, 20))->empty());
  EXPECT_EQ(server.describe("dlq").visible, 1024U);  // four decisions of 256
  for (int i = 0; i < 4; ++i) server.receive("q", 10, 0);
  EXPECT_EQ(server.describe("dlq").visible, 5000U);
  EXPECT_EQ(server.describe("q").visible, 0U);
}

}  // namespace
}  // namespace headrace::queue

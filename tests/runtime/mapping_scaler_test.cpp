#include "runtime/mapping_scaler.hpp"

#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/runtime/mapping_fixture.hpp"

namespace headrace::runtime {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart = from_epoch_ms(1'767'225'600'000);

MappingScaler aws(std::size_t ceiling = 5000) {
  ScalerRules rules;
  rules.scaling = Scaling::kAws;
  rules.ceiling = ceiling;
  return MappingScaler(rules, kStart);
}

// Lambda: 5 at once, 300 more a minute, 1,250 at most.
TEST(MappingScaler, AwsDrawsLambdasCurve) {
  const std::vector<std::pair<Duration, std::size_t>> curve = {
      {0s, 5},     {199ms, 5},   {200ms, 6},   {1s, 10},      {10s, 55},   {60s, 305},
      {120s, 605}, {240s, 1205}, {249s, 1250}, {10min, 1250}, {24h, 1250},
  };
  MappingScaler scaler = aws();
  for (const auto& [after, allowed] : curve) {
    EXPECT_EQ(scaler.allowed(kStart + after), allowed) << after.count() << " ms";
  }
  EXPECT_EQ(scaler.grows_at(), kForever);
}

TEST(MappingScaler, AwsAllowsTheSameHoweverOftenItIsAsked) {
  MappingScaler often = aws();
  for (Duration after = 0s; after <= 60s; after += 7ms) {
    EXPECT_EQ(often.allowed(kStart + after), aws().allowed(kStart + after));
  }
}

TEST(MappingScaler, AwsStaysBelowItsCeiling) {
  EXPECT_EQ(aws(3).allowed(kStart), 3U);
  EXPECT_EQ(aws(3).grows_at(), kForever);
  EXPECT_EQ(aws(8).allowed(kStart + 1h), 8U);
}

TEST(MappingScaler, AwsSaysWhenItGrows) {
  MappingScaler scaler = aws();
  EXPECT_EQ(scaler.grows_at(), kStart + 200ms);
  EXPECT_EQ(scaler.allowed(kStart + 500ms), 7U);
  EXPECT_EQ(scaler.grows_at(), kStart + 600ms);
}

TEST(MappingScaler, AwsGoesBackToFiveAndThenTwoWhenTheQueueRests) {
  struct Case {
    Duration rested;
    std::size_t allowed;
  };
  for (const Case& one : {Case{5s, 55}, Case{19s, 55}, Case{20s, 5}, Case{59s, 5}, Case{60s, 2}}) {
    MappingScaler scaler = aws();
    ASSERT_EQ(scaler.allowed(kStart + 10s), 55U);
    const TimePoint now = kStart + 10s + one.rested;
    scaler.backlog_began(now, one.rested, 0);
    EXPECT_EQ(scaler.allowed(now), one.allowed) << one.rested.count() << " ms";
    EXPECT_EQ(scaler.allowed(now + 200ms), one.allowed + 1);
  }
}

// Handlers that are as fast as the senders leave the queue empty now and then.
TEST(MappingScaler, AwsGrowsAlsoWhenTheBacklogPausesOften) {
  MappingScaler scaler = aws();
  for (Duration after = 50ms; after <= 60s; after += 50ms) {
    scaler.backlog_began(kStart + after, 1ms, 1);
  }
  // A minute without the 1.2 s of pauses: 294 steps.
  EXPECT_EQ(scaler.allowed(kStart + 60s), 5U + 294U);
}

TEST(MappingScaler, AwsAllowsAtLeastWhatIsInWork) {
  MappingScaler scaler = aws();
  ASSERT_EQ(scaler.allowed(kStart + 10s), 55U);
  scaler.backlog_began(kStart + 40s, 30s, 50);
  EXPECT_EQ(scaler.allowed(kStart + 40s), 50U);
}

TEST(MappingScaler, AwsRestsAtFiveWithMaximumConcurrency) {
  ScalerRules rules;
  rules.scaling = Scaling::kAws;
  rules.ceiling = 100;
  rules.rests_at_two = false;
  MappingScaler scaler(rules, kStart);
  scaler.backlog_began(kStart + 1h, 1h, 0);
  EXPECT_EQ(scaler.allowed(kStart + 1h), 5U);
}

TEST(MappingScaler, AwsSlowsDownOnFunctionErrorsButNotBelowTwo) {
  MappingScaler scaler = aws();
  const TimePoint now = kStart + 10s;
  ASSERT_EQ(scaler.allowed(now), 55U);
  scaler.function_failed(now);
  EXPECT_EQ(scaler.allowed(now), 54U);
  EXPECT_EQ(scaler.allowed(now + 199ms), 54U);
  EXPECT_EQ(scaler.allowed(now + 200ms), 55U);
  for (int i = 0; i < 100; ++i) scaler.function_failed(now + 200ms);
  EXPECT_EQ(scaler.allowed(now + 200ms), 2U);
  EXPECT_EQ(scaler.allowed(now + 1s), 6U);
}

TEST(MappingScaler, AwsKeepsItsPaceWithReportedItemFailures) {
  ScalerRules rules;
  rules.scaling = Scaling::kAws;
  rules.ceiling = 100;
  rules.slows_on_errors = false;
  MappingScaler scaler(rules, kStart);
  scaler.function_failed(kStart);
  EXPECT_EQ(scaler.allowed(kStart), 5U);
}

TEST(MappingScaler, FastAllowsEverythingAtOnceAndAlways) {
  ScalerRules rules;
  rules.ceiling = 2000;
  MappingScaler scaler(rules, kStart);
  EXPECT_EQ(scaler.allowed(kStart), 2000U);
  scaler.function_failed(kStart);
  scaler.backlog_began(kStart + 1h, 1h, 0);
  EXPECT_EQ(scaler.allowed(kStart + 1h), 2000U);
  EXPECT_EQ(scaler.grows_at(), kForever);
}

class MappingScalingTest : public MappingFixture {
 protected:
  MappingScalingTest() {
    mapping_.scaling = Scaling::kAws;
    mapping_.batch_size = 1;
    mapping_.item_failures = ItemFailures::kIgnored;
  }
};

TEST_F(MappingScalingTest, AwsBeginsABacklogWithFiveAndAddsOneEach200Milliseconds) {
  start(50);
  function_->hold();
  send(100);
  EXPECT_EQ(function_->running(), 5U);
  clock_.advance(199ms);
  EXPECT_EQ(function_->running(), 5U);
  clock_.advance(1ms);
  EXPECT_EQ(function_->running(), 6U);
  clock_.advance(2s);
  EXPECT_EQ(function_->running(), 16U);
  EXPECT_EQ(describe("signup").visible, 84U);  // the rest is not leased
  function_->release();
  run_ready(loop_);
  EXPECT_EQ(describe("signup").deleted_total, 100U);
}

TEST_F(MappingScalingTest, AwsRunsFewerBatchesAfterFunctionErrors) {
  answer_ = [](const functions::Event&) { return failed("boom"); };
  start(50);
  send(3);
  function_->hold();
  send(20);
  EXPECT_EQ(function_->running(), 2U);
  function_->release();
  run_ready(loop_);
}

TEST_F(MappingScalingTest, StoppingEndsTheWaitForRoom) {
  start(50);
  function_->hold();
  send(10);
  runner_->begin_stop();
  function_->release();
  await(runner_->stop());
  EXPECT_EQ(function_->batches().size(), 5U);
}

TEST_F(MappingScalingTest, FastUsesTheWholePoolAtOnce) {
  mapping_.scaling = Scaling::kFast;
  start(50);
  function_->hold();
  send(100);
  EXPECT_EQ(function_->running(), 50U);
  function_->release();
  run_ready(loop_);
}

}  // namespace
}  // namespace headrace::runtime

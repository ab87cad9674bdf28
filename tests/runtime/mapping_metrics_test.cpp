#include <gtest/gtest.h>

#include "tests/runtime/mapping_fixture.hpp"

namespace headrace::runtime {
namespace {

using functions::Event;
using namespace std::chrono_literals;

class MappingMetricsTest : public MappingFixture {};

TEST_F(MappingMetricsTest, CountEventsAsAwsDoes) {
  mapping_.filters.add(R"({"body":[{"prefix":"x"}]})").value();
  send(3);
  send_body("signup", "other");
  start(1);
  EXPECT_EQ(metric("polled_events"), 4U);
  EXPECT_EQ(metric("filtered_out_events"), 1U);
  EXPECT_EQ(metric("invoked_events"), 3U);
  EXPECT_EQ(metric("failed_invoke_events"), 0U);
  EXPECT_EQ(metric("deleted_events"), 3U);
}

TEST_F(MappingMetricsTest, AnAnswerWithFailuresCountsAllItsEvents) {
  answer_ = [](const Event&) {
    functions::InvocationResult result;
    result.outcome = functions::Outcome::kSucceeded;
    result.record_failures.push_back({0, "mailbox full"});
    return result;
  };
  send(3);
  start(1);
  EXPECT_EQ(metric("failed_invoke_events"), 3U);
  EXPECT_EQ(metric("deleted_events"), 2U);
  clock_.advance(30s);
  EXPECT_EQ(metric("polled_events"), 4U);
  EXPECT_EQ(metric("invoked_events"), 4U);
}

TEST_F(MappingMetricsTest, EachAttemptOfAThrottledBatchCounts) {
  int calls = 0;
  answer_ = [&calls](const Event&) {
    functions::InvocationResult result = throttled();
    if (++calls == 3) result.outcome = functions::Outcome::kSucceeded;
    return result;
  };
  send(2);
  start(1);
  clock_.advance(5s);
  EXPECT_EQ(metric("polled_events"), 2U);
  EXPECT_EQ(metric("invoked_events"), 6U);
  EXPECT_EQ(metric("failed_invoke_events"), 4U);
  EXPECT_EQ(metric("deleted_events"), 2U);
}

TEST_F(MappingMetricsTest, WhatCouldNotBeDeletedDoesNotCount) {
  start(1);
  function_->hold();
  send(1);
  ASSERT_TRUE(await(store_->broker().delete_queue(address("signup"))).has_value());
  function_->release();
  run_ready(loop_);
  EXPECT_EQ(metric("invoked_events"), 1U);
  EXPECT_EQ(metric("deleted_events"), 0U);
}

}  // namespace
}  // namespace headrace::runtime

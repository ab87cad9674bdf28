#include <gtest/gtest.h>

#include "tests/runtime/mapping_fixture.hpp"

namespace headrace::runtime {
namespace {

using functions::Event;

class MappingFilterTest : public MappingFixture {
 protected:
  MappingFilterTest() {
    mapping_.filters.add(R"({"body":{"plan":["gold"]}})").value();
    answer_ = [this](const Event& event) {
      for (const functions::Record& record : event.records) bodies_.push_back(record.body);
      functions::InvocationResult result;
      result.outcome = functions::Outcome::kSucceeded;
      return result;
    };
  }

  std::vector<std::string> bodies_;
};

TEST_F(MappingFilterTest, WhatNoFilterMatchesIsDeletedWithoutInvocation) {
  start();
  send_body("signup", R"({"plan":"tin"})");
  EXPECT_TRUE(function_->batches().empty());
  EXPECT_EQ(describe("signup").deleted_total, 1U);
  EXPECT_EQ(describe("signup").in_flight, 0U);
  EXPECT_EQ(describe("dlq").visible, 0U);
  EXPECT_EQ(function_->running(), 0U);
  EXPECT_EQ(metric("filtered_out_events"), 1U);
  EXPECT_EQ(metric("deleted_events"), 0U);
}

TEST_F(MappingFilterTest, TheOthersOfTheBatchAreDeliveredAsTheyWereSent) {
  const std::string gold = " {\"plan\" : \"gold\", \"n\": 1.0e2}\n";
  send_body("signup", R"({"plan":"tin"})");
  send_body("signup", gold);
  send_body("signup", "plain text");
  start(1);
  EXPECT_EQ(batch_sizes(), std::vector<std::size_t>{1});
  EXPECT_EQ(bodies_, std::vector<std::string>{gold});
  EXPECT_EQ(describe("signup").deleted_total, 3U);
  EXPECT_EQ(metric("polled_events"), 3U);
  EXPECT_EQ(metric("filtered_out_events"), 2U);
  EXPECT_EQ(metric("invoked_events"), 1U);
}

TEST_F(MappingFilterTest, FailuresAreThoseOfTheMessagesThatPassed) {
  answer_ = [](const Event& event) {
    functions::InvocationResult result;
    result.outcome = functions::Outcome::kSucceeded;
    result.record_failures.push_back({static_cast<std::uint32_t>(event.records.size() - 1), "no"});
    return result;
  };
  send_body("signup", "no JSON");
  send_body("signup", R"({"plan":"gold","n":1})");
  send_body("signup", R"({"plan":"gold","n":2})");
  start(1);
  EXPECT_EQ(batch_sizes(), std::vector<std::size_t>{2});
  EXPECT_EQ(describe("signup").deleted_total, 2U);
  EXPECT_EQ(describe("signup").in_flight, 1U);
}

TEST_F(MappingFilterTest, LargeBatchesAreFilteredToo) {
  const std::string padding(100'000, 'x');
  send_body("signup", R"({"plan":"gold","padding":")" + padding + "\"}");
  send_body("signup", R"({"plan":"tin","padding":")" + padding + "\"}");
  start(1);
  EXPECT_EQ(batch_sizes(), std::vector<std::size_t>{1});
  EXPECT_EQ(describe("signup").deleted_total, 2U);
}

}  // namespace
}  // namespace headrace::runtime

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/runtime/mapping_fixture.hpp"

namespace headrace::runtime {
namespace {

using functions::Event;
using functions::Record;
using namespace std::chrono_literals;
using Bodies = std::vector<std::string>;

// A mapping of a FIFO queue with eight seconds of visibility and two receives.
class MappingFifoTest : public MappingFixture {
 protected:
  MappingFifoTest() {
    mapping_.queue = address("orders.fifo");
    create("dlq.fifo", {{"FifoQueue", "true"}});
    create("orders.fifo",
           {{"FifoQueue", "true"},
            {"VisibilityTimeout", "8"},
            {"RedrivePolicy",
             R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dlq.fifo",)"
             R"("maxReceiveCount":2})"}});
    answer_ = [this](const Event& event) {
      batches_.push_back(event.records);
      functions::InvocationResult result;
      result.outcome = functions::Outcome::kSucceeded;
      for (std::uint32_t i = 0; i < event.records.size(); ++i) {
        const std::string& body = event.records[i].body;
        if (std::find(bad_.begin(), bad_.end(), body) != bad_.end()) {
          result.record_failures.push_back({i, "bad"});
        }
      }
      return result;
    };
  }

  void send_all(const std::string& group, const Bodies& bodies) {
    for (const std::string& body : bodies) send_body("orders.fifo", body, group);
  }

  static Bodies bodies_of(const std::vector<Record>& records, const std::string& group) {
    Bodies bodies;
    for (const Record& record : records) {
      if (record.group_id == group) bodies.push_back(record.body);
    }
    return bodies;
  }

  // Of all batches, in order.
  Bodies delivered(const std::string& group) const {
    Bodies all;
    for (const std::vector<Record>& batch : batches_) {
      const Bodies bodies = bodies_of(batch, group);
      all.insert(all.end(), bodies.begin(), bodies.end());
    }
    return all;
  }

  Bodies bad_;  // these fail
  std::vector<std::vector<Record>> batches_;
};

TEST_F(MappingFifoTest, RecordsHaveTheAttributesOfFifo) {
  start();
  send_all("g", {"1"});
  ASSERT_EQ(batches_.size(), 1U);
  const Record& record = batches_[0][0];
  EXPECT_EQ(record.group_id, "g");
  EXPECT_EQ(record.deduplication_id, "g1");
  EXPECT_EQ(record.sequence_number.size(), 20U);
}

TEST_F(MappingFifoTest, OneGroupIsNeverInTwoInvocationsAtOnce) {
  mapping_.batch_size = 1;
  start(4);
  function_->hold();
  send_all("g", {"1", "2", "3", "4", "5"});
  EXPECT_EQ(function_->running(), 1U);
  function_->release();
  run_ready(loop_);
  EXPECT_EQ(function_->most_at_once(), 1U);
  EXPECT_EQ(delivered("g"), (Bodies{"1", "2", "3", "4", "5"}));
}

TEST_F(MappingFifoTest, ActiveGroupsRunSideBySide) {
  mapping_.batch_size = 1;
  start(8);
  function_->hold();
  for (const char* group : {"a", "b", "c"}) send_all(group, {"1", "2"});
  EXPECT_EQ(function_->running(), 3U);
  function_->release();
  run_ready(loop_);
  EXPECT_EQ(function_->most_at_once(), 3U);
  for (const char* group : {"a", "b", "c"}) EXPECT_EQ(delivered(group), (Bodies{"1", "2"}));
}

TEST_F(MappingFifoTest, ScalingOfAwsLeavesItToTheGroups) {
  mapping_.batch_size = 1;
  mapping_.scaling = Scaling::kAws;
  start(8);
  function_->hold();
  for (const char* group : {"a", "b", "c", "d", "e", "f", "g"}) send_all(group, {"1", "2"});
  EXPECT_EQ(function_->running(), 7U);
  function_->release();
  run_ready(loop_);
}

TEST_F(MappingFifoTest, ABatchMayMixGroupsAndKeepsTheOrderOfEach) {
  send_all("a", {"1"});
  send_all("b", {"1"});
  send_all("a", {"2"});
  send_all("b", {"2"});
  start(1);
  ASSERT_EQ(batches_.size(), 1U);
  EXPECT_EQ(bodies_of(batches_[0], "a"), (Bodies{"1", "2"}));
  EXPECT_EQ(bodies_of(batches_[0], "b"), (Bodies{"1", "2"}));
}

TEST_F(MappingFifoTest, ABlockedGroupDoesNotBlockAnother) {
  mapping_.batch_size = 1;
  bad_ = {"bad"};
  start(2);
  send_all("a", {"bad", "next"});
  send_all("b", {"1", "2", "3"});
  EXPECT_EQ(delivered("b"), (Bodies{"1", "2", "3"}));
  EXPECT_EQ(delivered("a"), (Bodies{"bad"}));
  clock_.advance(7s);
  EXPECT_EQ(delivered("a"), (Bodies{"bad"}));
  bad_.clear();
  clock_.advance(1s);
  EXPECT_EQ(delivered("a"), (Bodies{"bad", "bad", "next"}));
}

// As recorded from AWS: [1,2,3,4], then [2,3,4], then 4 is dead-lettered.
TEST_F(MappingFifoTest, PartialFailuresKeepTheOrderOfTheirGroup) {
  bad_ = {"2", "3", "4"};
  send_all("g", {"1", "2", "3", "4"});
  start(2);
  ASSERT_EQ(batches_.size(), 1U);
  EXPECT_EQ(bodies_of(batches_[0], "g"), (Bodies{"1", "2", "3", "4"}));
  bad_ = {"4"};
  clock_.advance(8s);
  ASSERT_EQ(batches_.size(), 2U);
  EXPECT_EQ(bodies_of(batches_[1], "g"), (Bodies{"2", "3", "4"}));
  EXPECT_EQ(batches_[1][0].receive_count, 2U);
  clock_.advance(60s);
  EXPECT_EQ(batches_.size(), 2U);
  EXPECT_EQ(describe("dlq.fifo").visible, 1U);
  EXPECT_EQ(describe("orders.fifo").visible + describe("orders.fifo").in_flight, 0U);
}

TEST_F(MappingFifoTest, FilteredMessagesLeaveTheirGroupInOrder) {
  mapping_.filters.add(R"({"body":[{"anything-but":"2"}]})").value();
  mapping_.batch_size = 2;
  send_all("g", {"1", "2", "3"});
  start(1);
  EXPECT_EQ(delivered("g"), (Bodies{"1", "3"}));
  EXPECT_EQ(describe("orders.fifo").deleted_total, 3U);
}

}  // namespace
}  // namespace headrace::runtime

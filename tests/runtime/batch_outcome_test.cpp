// The decision table of the event source mapping specification, section 4.2, row by row.
#include "runtime/batch_outcome.hpp"

#include <gtest/gtest.h>

namespace headrace::runtime {
namespace {

using functions::Event;
using functions::InvocationResult;
using functions::Outcome;
using functions::RecordFailure;

Event three_records() {
  Event event;
  for (const char* id : {"id-1", "id-2", "id-3"}) event.records.emplace_back().message_id = id;
  return event;
}

InvocationResult answered(std::string payload) {
  InvocationResult result;
  result.outcome = Outcome::kSucceeded;
  result.payload = std::move(payload);
  return result;
}

// Which of the three messages are deleted, as "++-".
std::string verdict(const InvocationResult& result, ItemFailures item_failures) {
  std::string text;
  for (const auto& failure : judge(three_records(), result, item_failures).failures) {
    text += failure ? '-' : '+';
  }
  return text;
}

std::string reported(const std::string& payload) {
  return verdict(answered(payload), ItemFailures::kReported);
}

TEST(BatchOutcome, FunctionErrorDeletesNothing) {
  InvocationResult result;
  result.outcome = Outcome::kFailed;
  result.error_type = "Sandbox.Timedout";
  result.error_message = "Task timed out after 2.00 seconds";
  result.payload = R"({"batchItemFailures":[{"itemIdentifier":"id-1"}]})";
  EXPECT_EQ(verdict(result, ItemFailures::kReported), "---");
  EXPECT_EQ(verdict(result, ItemFailures::kIgnored), "---");
  const BatchOutcome outcome = judge(three_records(), result, ItemFailures::kReported);
  EXPECT_TRUE(outcome.function_error);
  EXPECT_EQ(*outcome.failures[2], "Sandbox.Timedout: Task timed out after 2.00 seconds");
}

TEST(BatchOutcome, WithoutReportingAnyAnswerDeletesAllAndAListIsNoticed) {
  EXPECT_EQ(verdict(answered("not json"), ItemFailures::kIgnored), "+++");
  const auto listed = answered(R"({"batchItemFailures":[{"itemIdentifier":"id-1"}]})");
  EXPECT_EQ(verdict(listed, ItemFailures::kIgnored), "+++");
  EXPECT_TRUE(judge(three_records(), listed, ItemFailures::kIgnored).item_failures_ignored);
  const auto none = answered(R"({"batchItemFailures":[]})");
  EXPECT_FALSE(judge(three_records(), none, ItemFailures::kIgnored).item_failures_ignored);
}

TEST(BatchOutcome, NullEmptyAndMissingListsDeleteAll) {
  EXPECT_EQ(reported(""), "+++");
  EXPECT_EQ(reported("null"), "+++");
  EXPECT_EQ(reported("{}"), "+++");
  EXPECT_EQ(reported(R"({"batchItemFailures":null})"), "+++");
  EXPECT_EQ(reported(R"({"batchItemFailures":[]})"), "+++");
}

TEST(BatchOutcome, ValidListKeepsExactlyTheListed) {
  EXPECT_EQ(reported(R"({"batchItemFailures":[{"itemIdentifier":"id-2"}]})"), "+-+");
  EXPECT_EQ(reported(R"({"batchItemFailures":[{"itemIdentifier":"id-3"},
                        {"itemIdentifier":"id-1"},{"itemIdentifier":"id-3"}]})"),
            "-+-");
}

TEST(BatchOutcome, AllListedDeletesNothingAndIsNoFunctionError) {
  const auto all = answered(R"({"batchItemFailures":[{"itemIdentifier":"id-1"},
                               {"itemIdentifier":"id-2"},{"itemIdentifier":"id-3"}]})");
  EXPECT_EQ(verdict(all, ItemFailures::kReported), "---");
  EXPECT_FALSE(judge(three_records(), all, ItemFailures::kReported).function_error);
}

TEST(BatchOutcome, MalformedEntriesFailTheWholeBatch) {
  EXPECT_EQ(reported(R"({"batchItemFailures":[{"foo":"notvalid"}]})"), "---");
  EXPECT_EQ(reported(R"({"batchItemFailures":[{"itemIdentifier":""}]})"), "---");
  EXPECT_EQ(reported(R"({"batchItemFailures":[{"itemIdentifier":null}]})"), "---");
  EXPECT_EQ(reported(R"({"batchItemFailures":[{"itemIdentifier":7}]})"), "---");
  EXPECT_EQ(reported(R"({"batchItemFailures":["id-1"]})"), "---");
  EXPECT_EQ(reported(R"({"batchItemFailures":[{"itemIdentifier":"id-9"}]})"), "---");
  EXPECT_EQ(reported(R"({"batchItemFailures":"id-1"})"), "---");
}

TEST(BatchOutcome, AnswersThatAreNoJsonObjectFailTheWholeBatch) {
  EXPECT_EQ(reported("not json"), "---");
  EXPECT_EQ(reported("\"ok\""), "---");
  EXPECT_EQ(reported("5"), "---");
  EXPECT_EQ(reported("[]"), "---");
  EXPECT_EQ(reported(R"({"batchItemFailures":[]} trailing)"), "---");
}

TEST(BatchOutcome, RecordsFailedByIndexStayAlone) {
  InvocationResult result = answered("");
  result.record_failures = {RecordFailure{1, "mailbox unavailable"}};
  EXPECT_EQ(verdict(result, ItemFailures::kReported), "+-+");
  EXPECT_EQ(*judge(three_records(), result, ItemFailures::kReported).failures[1],
            "mailbox unavailable");
}

TEST(BatchOutcome, RecordsFailedByIndexFailTheBatchWithoutReporting) {
  InvocationResult result = answered("");
  result.record_failures = {RecordFailure{1, "mailbox unavailable"}};
  EXPECT_EQ(verdict(result, ItemFailures::kIgnored), "---");
}

TEST(BatchOutcome, AnIndexOutsideTheBatchFailsTheWholeBatch) {
  InvocationResult result = answered("");
  result.record_failures = {RecordFailure{3, "x"}};
  EXPECT_EQ(verdict(result, ItemFailures::kReported), "---");
}

}  // namespace
}  // namespace headrace::runtime

// The rules of one standard queue, on plain time arguments. Numbers: docs of SQS, spec 5 and 6.
#include <gtest/gtest.h>

#include "queue/limits.hpp"
#include "tests/queue/engine_harness.hpp"

namespace headrace::queue {
namespace {

class StandardQueue : public ::testing::Test {
 protected:
  StandardQueue() { EXPECT_TRUE(bench.create("signup").has_value()); }

  Delivery receive_one(std::optional<std::int64_t> visibility = std::nullopt) {
    auto got = bench.receive("signup", 1, visibility);
    EXPECT_EQ(got.size(), 1U);
    return got.empty() ? Delivery{} : got[0];
  }
  std::vector<std::uint64_t> counts() {
    const QueueDescription now = bench.describe("signup");
    return {now.visible, now.in_flight, now.delayed};
  }
  using Counts = std::vector<std::uint64_t>;

  EngineHarness bench;
};

TEST_F(StandardQueue, DeliversWhatWasSentWithItsId) {
  const Uuid id = bench.send("signup", "hello");
  const Delivery got = receive_one();
  EXPECT_EQ(got.id, id);
  EXPECT_EQ(got.body, "hello");
  EXPECT_EQ(got.receive_count, 1U);
  EXPECT_EQ(got.sent, kTestStart);
  EXPECT_EQ(got.source_arn, "");
}

TEST_F(StandardQueue, DeliversInTheOrderOfSends) {
  for (const char* body : {"a", "b", "c"}) bench.send("signup", body);
  const auto got = bench.receive("signup", 10);
  ASSERT_EQ(got.size(), 3U);
  EXPECT_EQ(got[0].body + got[1].body + got[2].body, "abc");
}

TEST_F(StandardQueue, NeverReturnsMoreThanAskedFor) {
  for (int i = 0; i < 5; ++i) bench.send("signup", "x");
  EXPECT_EQ(bench.receive("signup", 3).size(), 3U);
  EXPECT_EQ(bench.receive("signup", 3).size(), 2U);
  EXPECT_TRUE(bench.receive("signup", 3).empty());
}

TEST_F(StandardQueue, AMessageIsInExactlyOneOfTheThreeCounts) {
  bench.send("signup", "now");
  bench.send("signup", "later", 5);
  EXPECT_EQ(counts(), (Counts{1, 0, 1}));
  const Delivery got = receive_one();
  EXPECT_EQ(counts(), (Counts{0, 1, 1}));
  bench.advance(5s);
  EXPECT_EQ(counts(), (Counts{1, 1, 0}));
  EXPECT_TRUE(bench.remove("signup", got.handle).has_value());
  EXPECT_EQ(counts(), (Counts{1, 0, 0}));
}

TEST_F(StandardQueue, MessageReappearsAfterVisibilityTimeout) {
  bench.send("signup", "x");
  receive_one();  // 30 s by default
  bench.advance(29'999ms);
  EXPECT_TRUE(bench.receive("signup").empty());
  bench.advance(1ms);
  EXPECT_EQ(receive_one().receive_count, 2U);
}

TEST_F(StandardQueue, FirstReceiveTimeIsSetOnce) {
  bench.send("signup", "x");
  bench.advance(1500ms);
  EXPECT_EQ(receive_one().first_received, kTestStart + 1500ms);
  bench.advance(30s);
  EXPECT_EQ(receive_one().first_received, kTestStart + 1500ms);
}

TEST_F(StandardQueue, EveryReceiveGivesANewHandle) {
  bench.send("signup", "x");
  const Delivery first = receive_one(0);
  EXPECT_NE(first.handle, receive_one(0).handle);
}

TEST_F(StandardQueue, ReceiveWithTimeoutZeroCountsAndLeavesTheMessageVisible) {
  bench.send("signup", "x");
  const Delivery first = receive_one(0);
  EXPECT_EQ(counts(), (Counts{1, 0, 0}));
  EXPECT_EQ(receive_one(0).receive_count, 2U);
  EXPECT_TRUE(bench.remove("signup", first.handle).has_value());
  EXPECT_EQ(counts(), (Counts{0, 0, 0}));
}

TEST_F(StandardQueue, ReceivesOwnTimeoutIsNotRemembered) {
  bench.send("signup", "x");
  receive_one(2);
  bench.advance(2s);
  receive_one();
  bench.advance(2s);
  EXPECT_TRUE(bench.receive("signup").empty());
}

TEST_F(StandardQueue, DelayHidesUntilItEndsAndOwnDelayOverridesTheQueues) {
  ASSERT_TRUE(bench.set("signup", {{"DelaySeconds", "10"}}).has_value());
  bench.send("signup", "queue's");
  bench.send("signup", "own zero", 0);
  EXPECT_EQ(receive_one().body, "own zero");
  bench.advance(9'999ms);
  EXPECT_TRUE(bench.receive("signup").empty());
  bench.advance(1ms);
  const Delivery got = receive_one();
  EXPECT_EQ(got.body, "queue's");
  EXPECT_EQ(got.sent, kTestStart);  // the time of the send, not of the end of the delay
}

TEST_F(StandardQueue, ChangedQueueDelayIsNotRetroactive) {
  bench.send("signup", "x", std::nullopt);
  ASSERT_TRUE(bench.set("signup", {{"DelaySeconds", "900"}}).has_value());
  EXPECT_EQ(bench.receive("signup").size(), 1U);
}

TEST_F(StandardQueue, ChangedVisibilityTimeoutLeavesRunningLeasesAlone) {
  bench.send("signup", "x");
  receive_one();
  ASSERT_TRUE(bench.set("signup", {{"VisibilityTimeout", "1"}}).has_value());
  bench.advance(29s);
  EXPECT_TRUE(bench.receive("signup").empty());
}

TEST_F(StandardQueue, DeletedMessageNeverComesBackAndDeletingAgainSucceeds) {
  bench.send("signup", "x");
  const Delivery got = receive_one();
  EXPECT_TRUE(bench.remove("signup", got.handle).has_value());
  EXPECT_TRUE(bench.remove("signup", got.handle).has_value());
  bench.advance(1h);
  EXPECT_TRUE(bench.receive("signup").empty());
  EXPECT_EQ(bench.bodies_alive(), 0U);
}

TEST_F(StandardQueue, DeleteWorksAfterTheTimeoutAndWithAnOlderHandle) {
  bench.send("signup", "a");
  const Delivery late = receive_one();
  bench.advance(31s);
  EXPECT_TRUE(bench.remove("signup", late.handle).has_value());
  EXPECT_EQ(counts(), (Counts{0, 0, 0}));

  bench.send("signup", "b");
  const Delivery older = receive_one(1);
  bench.advance(1s);
  receive_one();
  EXPECT_TRUE(bench.remove("signup", older.handle).has_value());
  EXPECT_EQ(counts(), (Counts{0, 0, 0}));
}

TEST_F(StandardQueue, UndecodableHandleIsRefusedWithItsText) {
  const Status status = bench.remove("signup", "garbage");
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, ErrorCode::kReceiptHandleIsInvalid);
  EXPECT_EQ(status.error().message,
            "The input receipt handle \"garbage\" is not a valid receipt handle.");
}

TEST_F(StandardQueue, AnyChangedBitOfAHandleIsRefused) {
  bench.send("signup", "x");
  const std::string handle = receive_one().handle;
  EXPECT_LE(handle.size(), kReceiptHandleLengthMax);
  for (std::size_t i = 0; i < handle.size(); ++i) {
    std::string forged = handle;
    forged[i] = forged[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(bench.remove("signup", forged).has_value()) << "at " << i;
  }
  EXPECT_FALSE(bench.remove("signup", handle + "A").has_value());
  EXPECT_FALSE(bench.remove("signup", "").has_value());
}

TEST_F(StandardQueue, HandleOfAnotherQueueIsRefusedWithItsText) {
  ASSERT_TRUE(bench.create("other").has_value());
  bench.send("signup", "x");
  const std::string handle = receive_one().handle;
  const Status status = bench.remove("other", handle);
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, ErrorCode::kReceiptHandleIsInvalid);
  EXPECT_EQ(status.error().message,
            "The receipt handle \"" + handle + "\" is not valid for this queue.");
}

TEST_F(StandardQueue, HandleOfTheDeletedQueueOfThatNameIsRefused) {
  bench.send("signup", "x");
  const std::string handle = receive_one().handle;
  bench.remove_queue("signup");
  ASSERT_TRUE(bench.create("signup").has_value());
  EXPECT_FALSE(bench.remove("signup", handle).has_value());
}

TEST_F(StandardQueue, VisibilityZeroReleasesAtOnce) {
  bench.send("signup", "x");
  const Delivery got = receive_one();
  EXPECT_TRUE(bench.change("signup", got.handle, 0).has_value());
  EXPECT_EQ(receive_one().receive_count, 2U);
}

TEST_F(StandardQueue, ChangedVisibilityCountsFromTheCallAndReplacesTheRest) {
  bench.send("signup", "x");
  const Delivery got = receive_one();
  bench.advance(10s);
  EXPECT_TRUE(bench.change("signup", got.handle, 5).has_value());
  bench.advance(4'999ms);
  EXPECT_TRUE(bench.receive("signup").empty());
  bench.advance(1ms);
  EXPECT_EQ(bench.receive("signup").size(), 1U);
}

TEST_F(StandardQueue, HeartbeatsKeepAMessageHidden) {
  ASSERT_TRUE(bench.set("signup", {{"VisibilityTimeout", "2"}}).has_value());
  bench.send("signup", "x");
  const Delivery got = receive_one();
  for (int i = 0; i < 20; ++i) {
    bench.advance(1s);
    EXPECT_TRUE(bench.change("signup", got.handle, 2).has_value());
    EXPECT_TRUE(bench.receive("signup").empty());
  }
}

TEST_F(StandardQueue, ChangeAfterTheTimeoutHidesAgain) {
  bench.send("signup", "x");
  const Delivery got = receive_one(1);
  bench.advance(2s);
  EXPECT_TRUE(bench.change("signup", got.handle, 10).has_value());
  EXPECT_TRUE(bench.receive("signup").empty());
  EXPECT_EQ(counts(), (Counts{0, 1, 0}));
}

TEST_F(StandardQueue, OlderHandleReleasesTheMessage) {
  bench.send("signup", "x");
  const Delivery older = receive_one(0);
  receive_one();
  EXPECT_TRUE(bench.change("signup", older.handle, 0).has_value());
  EXPECT_EQ(bench.receive("signup").size(), 1U);
}

TEST_F(StandardQueue, ChangeOnADeletedMessageIsRefusedWithItsText) {
  bench.send("signup", "x");
  const Delivery got = receive_one();
  ASSERT_TRUE(bench.remove("signup", got.handle).has_value());
  const Status status = bench.change("signup", got.handle, 5);
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, ErrorCode::kInvalidParameterValue);
  EXPECT_EQ(status.error().message,
            "Value " + got.handle +
                " for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not "
                "available for visibility timeout change.");
}

TEST_F(StandardQueue, TwelveHoursCountFromTheReceive) {
  bench.send("signup", "x");
  bench.advance(1h);
  const Delivery got = receive_one();
  bench.advance(5s);
  EXPECT_TRUE(bench.change("signup", got.handle, 43'195).has_value());
  const Status status = bench.change("signup", got.handle, 43'196);
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, ErrorCode::kInvalidParameterValue);
  EXPECT_EQ(status.error().message,
            "Value 43196 for parameter VisibilityTimeout is invalid. Reason: Total "
            "VisibilityTimeout for the message is beyond the limit [43200 seconds].");
}

TEST_F(StandardQueue, SizeCountsBodyAndAttributesAndTheMaximumItselfPasses) {
  ASSERT_TRUE(bench.set("signup", {{"MaximumMessageSize", "1024"}}).has_value());
  SendEntry entry{content_with(std::string(1000, 'b')), std::nullopt};
  // 4 + 6 + 14 = 24 bytes
  entry.content.attributes = {{"name", "String", ValueKind::kText, std::string(14, 'v')}};
  entry.content.trace_header = std::string(200, 't');  // system attributes are not counted
  const auto fits = bench.engine().decide_send(bench.queue("signup"), entry, {}, bench.now());
  EXPECT_TRUE(fits.has_value());
  entry.content.body += 'b';
  const auto over = bench.engine().decide_send(bench.queue("signup"), entry, {}, bench.now());
  ASSERT_FALSE(over.has_value());
  EXPECT_EQ(over.error().code, ErrorCode::kInvalidParameterValue);
  EXPECT_EQ(over.error().message,
            "One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.");
}

TEST_F(StandardQueue, RetentionRemovesMessagesAlsoInFlight) {
  ASSERT_TRUE(bench.set("signup", {{"MessageRetentionPeriod", "60"}}).has_value());
  bench.send("signup", "in flight");
  const Delivery got = receive_one(600);
  bench.send("signup", "waiting");
  bench.advance(60s);  // removed when the age is more than the period
  EXPECT_EQ(counts(), (Counts{1, 1, 0}));
  bench.advance(1ms);
  EXPECT_EQ(counts(), (Counts{0, 0, 0}));
  EXPECT_TRUE(bench.remove("signup", got.handle).has_value());
  EXPECT_FALSE(bench.change("signup", got.handle, 5).has_value());
  EXPECT_EQ(bench.bodies_alive(), 0U);
}

TEST_F(StandardQueue, ExpiredMessageIsNotDeliveredEvenBeforeItIsRemoved) {
  ASSERT_TRUE(bench.set("signup", {{"MessageRetentionPeriod", "60"}}).has_value());
  bench.send("signup", "x");
  bench.advance(60s);
  const auto later = bench.engine().decide_receive(
      bench.queue("signup"), ReceiveOrder{1, UINT64_MAX, 30s}, bench.now() + 1ms);
  EXPECT_FALSE(later.has_value());
}

TEST_F(StandardQueue, ShorterRetentionExpiresWhatIsStoredAndALongerOneDoesNotBringItBack) {
  bench.send("signup", "x");
  bench.advance(2min);
  ASSERT_TRUE(bench.set("signup", {{"MessageRetentionPeriod", "60"}}).has_value());
  ASSERT_TRUE(bench.set("signup", {{"MessageRetentionPeriod", "1209600"}}).has_value());
  bench.settle_time();
  EXPECT_TRUE(bench.receive("signup").empty());
  EXPECT_EQ(counts(), (Counts{0, 0, 0}));
  bench.send("signup", "y");
  bench.advance(2min);
  EXPECT_EQ(receive_one().body, "y");
}

TEST_F(StandardQueue, PurgeTakesVisibleInFlightAndDelayedAndNothingSentAfter) {
  bench.send("signup", "in flight");
  const Delivery got = receive_one();
  bench.send("signup", "visible");
  bench.send("signup", "delayed", 60);
  bench.purge("signup");
  bench.send("signup", "after");
  bench.settle_time();
  EXPECT_EQ(counts(), (Counts{1, 0, 0}));
  EXPECT_EQ(bench.bodies_alive(), 1U);
  EXPECT_TRUE(bench.remove("signup", got.handle).has_value());
  EXPECT_EQ(receive_one().body, "after");
}

TEST_F(StandardQueue, EventByteBudgetLeasesOnlyWhatFitsButAlwaysOne) {
  const std::uint32_t one = event_size(content_with(std::string(2000, 'x')));
  for (int i = 0; i < 3; ++i) bench.send("signup", std::string(2000, 'x'));
  EXPECT_EQ(bench.receive("signup", 10, 30, 2 * one).size(), 2U);
  EXPECT_EQ(counts(), (Counts{1, 2, 0}));
  EXPECT_EQ(bench.receive("signup", 10, 30, 1).size(), 1U);
}

TEST_F(StandardQueue, InFlightStopsAtTheLimit) {
  for (std::size_t i = 0; i < kInFlightMax + 5; ++i) bench.send("signup", "x");
  std::size_t leased = 0;
  for (auto got = bench.receive("signup", 10'000); !got.empty();
       got = bench.receive("signup", 10'000)) {
    leased += got.size();
  }
  EXPECT_EQ(leased, 120'000U);
  EXPECT_EQ(counts(), (Counts{5, 120'000, 0}));
}

TEST_F(StandardQueue, OldestSentTimeIsThatOfTheOldestNotDeleted) {
  bench.send("signup", "a");
  bench.advance(5s);
  bench.send("signup", "b");
  EXPECT_EQ(bench.describe("signup").oldest_sent, kTestStart);
  ASSERT_TRUE(bench.remove("signup", receive_one().handle).has_value());
  EXPECT_EQ(bench.describe("signup").oldest_sent, kTestStart + 5s);
}

}  // namespace
}  // namespace headrace::queue

// FIFO queues: groups, deduplication, receive attempts (SQS spec 7.1 to 7.3, 6.4).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/queue/engine_harness.hpp"

namespace headrace::queue {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> bodies(const std::vector<Delivery>& deliveries) {
  std::vector<std::string> bodies;
  for (const Delivery& delivery : deliveries) bodies.push_back(delivery.body);
  return bodies;
}

class Fifo : public ::testing::Test {
 protected:
  Fifo() { EXPECT_TRUE(bench.create("q.fifo", attributes()).has_value()); }

  static AttributeMap attributes() {
    return {{"FifoQueue", "true"}, {"ContentBasedDeduplication", "true"}};
  }
  void send(const std::string& group, const std::string& body) {
    ASSERT_TRUE(bench.send_to_group("q.fifo", group, body).has_value());
  }
  std::vector<Delivery> receive(std::size_t max = 10,
                                std::optional<std::int64_t> visibility = std::nullopt) {
    return bench.receive("q.fifo", max, visibility);
  }
  Status remove(const Delivery& delivery) { return bench.remove("q.fifo", delivery.handle); }
  Status change(const Delivery& delivery, std::int64_t seconds) {
    return bench.change("q.fifo", delivery.handle, seconds);
  }

  EngineHarness bench;
};

TEST_F(Fifo, OneMessageInFlightBlocksItsGroup) {
  send("g", "1");
  const auto first = receive(1);
  send("g", "2");
  EXPECT_THAT(receive(), IsEmpty());
  EXPECT_TRUE(remove(first[0]));
  EXPECT_THAT(bodies(receive()), ElementsAre("2"));
}

TEST_F(Fifo, OtherGroupsGoOnWhileOneIsBlocked) {
  for (const char* body : {"1", "2", "3", "4"}) send("g", body);
  EXPECT_THAT(bodies(receive(2)), ElementsAre("1", "2"));
  send("h", "other");
  EXPECT_THAT(bodies(receive()), ElementsAre("other"));
}

TEST_F(Fifo, AReceiveDrainsOneGroupBeforeTheNext) {
  send("g1", "g1-m1");
  send("g2", "g2-m1");
  send("g1", "g1-m2");
  send("g1", "g1-m3");
  EXPECT_THAT(bodies(receive()), ElementsAre("g1-m1", "g1-m2", "g1-m3", "g2-m1"));
}

TEST_F(Fifo, AGroupThatWasServedGoesBehindTheOthers) {
  for (const char* body : {"a1", "a2"}) send("a", body);
  for (const char* body : {"b1", "b2"}) send("b", body);
  const auto first = receive(1);
  EXPECT_THAT(bodies(first), ElementsAre("a1"));
  EXPECT_TRUE(remove(first[0]));
  EXPECT_THAT(bodies(receive(1)), ElementsAre("b1"));
}

TEST_F(Fifo, MessagesComeAgainInTheirOrderAfterTheTimeout) {
  for (const char* body : {"1", "2", "3"}) send("g", body);
  EXPECT_THAT(bodies(receive(10, 5)), ElementsAre("1", "2", "3"));
  bench.advance(5s);
  EXPECT_THAT(bodies(receive()), ElementsAre("1", "2", "3"));
}

TEST_F(Fifo, DeletingPartOfABatchKeepsTheGroupBlockedAndDeletingAllFreesIt) {
  for (const char* body : {"1", "2", "3"}) send("g", body);
  const auto two = receive(2);
  EXPECT_TRUE(remove(two[0]));
  EXPECT_THAT(receive(), IsEmpty());
  EXPECT_TRUE(remove(two[1]));
  EXPECT_THAT(bodies(receive()), ElementsAre("3"));
}

TEST_F(Fifo, ReleasingTheFirstOfTwoDeliversExactlyIt) {
  for (const char* body : {"1", "2", "3"}) send("g", body);
  const auto two = receive(2);
  EXPECT_TRUE(change(two[0], 0));
  EXPECT_THAT(bodies(receive()), ElementsAre("1"));
}

class FifoExtension : public Fifo, public ::testing::WithParamInterface<std::size_t> {};

// Recorded on AWS: of three messages, extending number n leaves those before it deliverable.
TEST_P(FifoExtension, ExtendingOneMessageStopsTheGroupThere) {
  for (const char* body : {"0", "1", "2"}) send("g", body);
  const auto three = receive(10, 5);
  EXPECT_TRUE(change(three[GetParam()], 60));
  bench.advance(5s);
  EXPECT_EQ(receive().size(), GetParam());
}
INSTANTIATE_TEST_SUITE_P(EachOfThree, FifoExtension, ::testing::Values(0, 1, 2));

TEST_F(Fifo, AReceiveWithTimeoutZeroDoesNotBlock) {
  send("g", "1");
  EXPECT_THAT(bodies(receive(10, 0)), ElementsAre("1"));
  EXPECT_THAT(bodies(receive(10, 0)), ElementsAre("1"));
}

TEST_F(Fifo, BlockedMessagesCountAsVisible) {
  for (const char* body : {"1", "2", "3", "4", "5", "6"}) send("g", body);
  receive(2);
  const QueueDescription counts = bench.describe("q.fifo");
  EXPECT_EQ(counts.visible, 4U);
  EXPECT_EQ(counts.in_flight, 2U);
}

TEST_F(Fifo, AnExpiredMessageInFlightUnblocksItsGroup) {
  ASSERT_TRUE(bench.set("q.fifo", {{"MessageRetentionPeriod", "60"}}));
  send("g", "old");
  receive(1, 3600);
  bench.advance(30s);
  send("g", "young");
  EXPECT_THAT(receive(), IsEmpty());
  bench.advance(31s);
  EXPECT_THAT(bodies(receive()), ElementsAre("young"));
}

TEST_F(Fifo, APurgeTakesTheBlocksAndTheMemoryOfSends) {
  send("g", "1");
  receive();
  bench.purge("q.fifo");
  send("g", "1");
  EXPECT_THAT(bodies(receive()), ElementsAre("1"));
}

TEST_F(Fifo, SequenceNumbersIncreaseAndStay) {
  const auto first = bench.send_to_group("q.fifo", "g", "1");
  const auto second = bench.send_to_group("q.fifo", "g", "2");
  ASSERT_TRUE(first->sequence && second->sequence);
  EXPECT_LT(*first->sequence, *second->sequence);
  EXPECT_EQ(to_sequence_number(*first->sequence).size(), 20U);
}

TEST_F(Fifo, ADelayBlocksTheGroupFromThere) {
  send("g", "1");
  ASSERT_TRUE(bench.set("q.fifo", {{"DelaySeconds", "10"}}));
  send("g", "2");
  EXPECT_THAT(bodies(receive()), ElementsAre("1"));
  bench.advance(10s);
  EXPECT_THAT(receive(), IsEmpty());  // "1" is in flight
}

TEST_F(Fifo, ANewDelayHoldsForMessagesThatWait) {
  ASSERT_TRUE(bench.set("q.fifo", {{"DelaySeconds", "100"}}));
  send("g", "1");
  send("h", "2");
  ASSERT_TRUE(bench.set("q.fifo", {{"DelaySeconds", "10"}}));
  bench.advance(9s);
  EXPECT_EQ(bench.describe("q.fifo").delayed, 2U);
  bench.advance(1s);
  EXPECT_EQ(bench.describe("q.fifo").delayed, 0U);
  EXPECT_THAT(bodies(receive()), ElementsAre("1", "2"));
}

TEST_F(Fifo, OnlyTheQueuesDelayCounts) {
  std::vector<SendEntry> entries(1);
  entries[0].content = content_with("x");
  entries[0].content.group_id = "g";
  entries[0].content.deduplication_id = "d";
  entries[0].delay_seconds = 2;
  Queue& queue = bench.queue("q.fifo");
  const auto refused = bench.engine().decide_send(queue, entries[0], Uuid{}, bench.now());
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidParameterValue);
  EXPECT_EQ(refused.error().message,
            "Value 2 for parameter DelaySeconds is invalid. Reason: The request include parameter "
            "that is not valid for this queue type.");
  ASSERT_TRUE(bench.set("q.fifo", {{"DelaySeconds", "5"}}));
  entries[0].delay_seconds = 0;
  const auto decision = bench.engine().decide_send(queue, entries[0], Uuid{}, bench.now());
  ASSERT_TRUE(decision.has_value());
  EXPECT_EQ(decision->record->available, bench.now() + 5s);
}

TEST_F(Fifo, AGroupIsAsked) {
  const auto refused = bench.send_to_group("q.fifo", "", "x");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kMissingParameter);
  EXPECT_EQ(refused.error().message, "The request must contain the parameter MessageGroupId.");
}

TEST_F(Fifo, ADeduplicationIdIsAskedWithoutContentBasedDeduplication) {
  ASSERT_TRUE(bench.set("q.fifo", {{"ContentBasedDeduplication", "false"}}));
  const auto refused = bench.send_to_group("q.fifo", "g", "x");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidParameterValue);
  EXPECT_EQ(refused.error().message,
            "The queue should either have ContentBasedDeduplication enabled or "
            "MessageDeduplicationId provided explicitly");
}

// Handles (spec 6.4).

TEST_F(Fifo, AnExpiredHandleDoesNotDelete) {
  send("g", "1");
  const auto got = receive(1, 5);
  bench.advance(5s);
  const Status refused = remove(got[0]);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidParameterValue);
  EXPECT_EQ(refused.error().message,
            "Value " + got[0].handle +
                " for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.");
  EXPECT_FALSE(change(got[0], 10).has_value());
  EXPECT_EQ(bench.describe("q.fifo").visible, 1U);
}

TEST_F(Fifo, AnExtendedHandleDeletesAfterTheFirstTimeout) {
  send("g", "1");
  const auto got = receive(1, 5);
  EXPECT_TRUE(change(got[0], 30));
  bench.advance(6s);
  EXPECT_TRUE(remove(got[0]));
  EXPECT_EQ(bench.describe("q.fifo").visible, 0U);
}

TEST_F(Fifo, AnOlderHandleDoesNotDelete) {
  send("g", "1");
  const auto old = receive(1, 5);
  bench.advance(5s);
  const auto got = receive(1, 30);
  EXPECT_FALSE(remove(old[0]).has_value());
  EXPECT_TRUE(remove(got[0]));
  EXPECT_TRUE(remove(got[0]));  // gone: a success
}

// Deduplication.

TEST_F(Fifo, ADuplicateIsSwallowedForFiveMinutesAlsoAfterTheDelete) {
  const auto original = bench.send_to_group("q.fifo", "g", "1", "id");
  remove(receive()[0]);
  bench.advance(299s);
  const auto duplicate = bench.send_to_group("q.fifo", "g", "other body", "id");
  EXPECT_EQ(duplicate->message_id, original->message_id);
  EXPECT_EQ(duplicate->sequence, original->sequence);
  EXPECT_THAT(receive(), IsEmpty());
  bench.advance(1s);
  const auto fresh = bench.send_to_group("q.fifo", "g", "1", "id");
  EXPECT_NE(fresh->message_id, original->message_id);
  EXPECT_THAT(bodies(receive()), ElementsAre("1"));
}

TEST_F(Fifo, ADuplicateDoesNotProlongTheInterval) {
  send("g", "1");
  bench.advance(200s);
  send("g", "1");
  bench.advance(100s);
  send("g", "1");
  EXPECT_EQ(bench.describe("q.fifo").visible, 2U);
}

TEST_F(Fifo, TheBodysHashIsTheDeduplicationId) {
  send("g", "hello");
  // SHA-256 of "hello" (RFC 6234's algorithm, computed elsewhere).
  const char* const hash = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
  EXPECT_EQ(receive()[0].deduplication_id, hash);
  ASSERT_TRUE(bench.send_to_group("q.fifo", "h", "another", hash).has_value());
  EXPECT_THAT(receive(), IsEmpty());  // an explicit id equal to the hash is a duplicate
}

TEST_F(Fifo, TheScopeDecidesWhetherGroupsShareIds) {
  ASSERT_TRUE(bench.send_to_group("q.fifo", "g", "1", "id").has_value());
  ASSERT_TRUE(bench.send_to_group("q.fifo", "h", "2", "id").has_value());
  EXPECT_EQ(bench.describe("q.fifo").visible, 1U);
  ASSERT_TRUE(bench.set("q.fifo", {{"DeduplicationScope", "messageGroup"}}));
  ASSERT_TRUE(bench.send_to_group("q.fifo", "h", "2", "id").has_value());
  EXPECT_EQ(bench.describe("q.fifo").visible, 2U);
  ASSERT_TRUE(bench.send_to_group("q.fifo", "g", "1", "id").has_value());
  EXPECT_EQ(bench.describe("q.fifo").visible, 2U);  // sent before the change, still a duplicate
  ASSERT_TRUE(bench.set("q.fifo", {{"DeduplicationScope", "queue"}}));
  ASSERT_TRUE(bench.send_to_group("q.fifo", "k", "3", "id").has_value());
  EXPECT_EQ(bench.describe("q.fifo").visible, 2U);
}

TEST_F(Fifo, RestartForgetsNeitherBlocksNorSends) {
  ASSERT_TRUE(bench.send_to_group("q.fifo", "g", "1", "id").has_value());
  send("g", "2");
  const auto held = bench.receive("q.fifo", 1, 60);
  const auto again = bench.replayed();
  ASSERT_TRUE(again->send_to_group("q.fifo", "g", "1", "id").has_value());
  EXPECT_EQ(again->describe("q.fifo").visible, 1U);
  EXPECT_THAT(again->receive("q.fifo", 10), IsEmpty());
  EXPECT_TRUE(again->remove("q.fifo", held[0].handle));
  EXPECT_THAT(bodies(again->receive("q.fifo", 10)), ElementsAre("2"));
}

// ReceiveRequestAttemptId.

class FifoAttempt : public Fifo {
 protected:
  FifoAttempt() {
    for (const char* body : {"1", "2", "3"}) send("g", body);
    first = attempt();
  }
  std::vector<Delivery> attempt(std::size_t max = 2) {
    return bench.receive("q.fifo", max, 30, UINT64_MAX, "try-1");
  }

  std::vector<Delivery> first;
};

TEST_F(FifoAttempt, RepeatingItReturnsTheSameMessagesAndHandles) {
  bench.advance(10s);
  EXPECT_EQ(attempt(), first);
  EXPECT_EQ(attempt(1), first);
}

TEST_F(FifoAttempt, RepeatingItRestartsTheTimeout) {
  bench.advance(20s);
  attempt();
  bench.advance(20s);
  EXPECT_THAT(receive(), IsEmpty());
  bench.advance(10s);
  EXPECT_THAT(bodies(receive()), ElementsAre("1", "2", "3"));
}

TEST_F(FifoAttempt, ItIsANewReceiveOnceAMessageWasDeletedOrChanged) {
  EXPECT_TRUE(change(first[0], 40));
  EXPECT_THAT(attempt(), IsEmpty());
  EXPECT_TRUE(remove(first[0]));
  EXPECT_TRUE(remove(first[1]));
  EXPECT_THAT(bodies(attempt()), ElementsAre("3"));
}

TEST_F(FifoAttempt, ItIsANewReceiveAfterTheTimeout) {
  bench.advance(30s);
  const auto again = attempt();
  EXPECT_THAT(bodies(again), ElementsAre("1", "2"));
  EXPECT_NE(again[0].handle, first[0].handle);
  EXPECT_EQ(again[0].receive_count, 2U);
}

TEST_F(FifoAttempt, ItIsANewReceiveAfterFiveMinutes) {
  for (int i = 0; i < 15; ++i) {
    bench.advance(20s);
    if (i < 14) {
      ASSERT_EQ(attempt(), first);
    }
  }
  EXPECT_THAT(attempt(), IsEmpty());
}

TEST_F(FifoAttempt, ItOutlivesARestart) {
  const auto again = bench.replayed();
  EXPECT_EQ(again->receive("q.fifo", 2, 30, UINT64_MAX, "try-1"), first);
}

TEST(StandardReceive, IgnoresAReceiveAttemptId) {
  EngineHarness bench;
  ASSERT_TRUE(bench.create("q").has_value());
  bench.send("q", "1");
  bench.send("q", "2");
  EXPECT_THAT(bodies(bench.receive("q", 1, 30, UINT64_MAX, "try-1")), ElementsAre("1"));
  EXPECT_THAT(bodies(bench.receive("q", 1, 30, UINT64_MAX, "try-1")), ElementsAre("2"));
}

TEST(StandardSend, RefusesADeduplicationId) {
  EngineHarness bench;
  ASSERT_TRUE(bench.create("q").has_value());
  const auto refused = bench.send_to_group("q", "g", "x", "id");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidParameterValue);
  EXPECT_EQ(refused.error().message,
            "The request include parameter MessageDeduplicationId which is not valid for this "
            "queue type");
}

// Dead letters of FIFO queues (spec 8.2).

class FifoDeadLetter : public ::testing::Test {
 protected:
  FifoDeadLetter() {
    const AttributeMap fifo = {{"FifoQueue", "true"}};
    EXPECT_TRUE(bench.create("dlq.fifo", fifo).has_value());
    AttributeMap attributes = fifo;
    attributes["RedrivePolicy"] = redrive_policy("dlq.fifo", 1);
    attributes["DeduplicationScope"] = "messageGroup";
    EXPECT_TRUE(bench.create("q.fifo", attributes).has_value());
  }
  void send(const std::string& group, const std::string& body, const std::string& id) {
    ASSERT_TRUE(bench.send_to_group("q.fifo", group, body, id).has_value());
  }

  EngineHarness bench;
};

TEST_F(FifoDeadLetter, TheGroupGoesOnBehindWhatMoved) {
  send("g", "bad", "1");
  send("g", "good", "2");
  bench.receive("q.fifo", 1, 0);
  EXPECT_THAT(bodies(bench.receive("q.fifo", 10)), ElementsAre("good"));
  EXPECT_THAT(bodies(bench.receive("dlq.fifo", 10)), ElementsAre("bad"));
}

TEST_F(FifoDeadLetter, MessagesThatSharedADeduplicationIdBothArriveUnderTheirMessageIds) {
  send("g", "one", "same");
  send("h", "two", "same");
  bench.receive("q.fifo", 10, 0);
  bench.receive("q.fifo", 10, 0);
  const auto dead = bench.receive("dlq.fifo", 10);
  ASSERT_THAT(bodies(dead), ElementsAre("one", "two"));
  for (const Delivery& message : dead) {
    EXPECT_EQ(message.deduplication_id, to_string(message.id));
    EXPECT_EQ(message.source_arn, "arn:aws:sqs:us-east-1:000000000000:q.fifo");
    EXPECT_EQ(message.receive_count, 2U);
  }
  EXPECT_EQ(dead[1].group_id, "h");
}

TEST_F(FifoDeadLetter, RetentionBeginsAnewAndTheSendTimeStays) {
  ASSERT_TRUE(bench.set("q.fifo", {{"MessageRetentionPeriod", "100"}}));
  ASSERT_TRUE(bench.set("dlq.fifo", {{"MessageRetentionPeriod", "60"}}));
  send("g", "bad", "1");
  bench.advance(50s);
  bench.receive("q.fifo", 1, 0);
  bench.advance(40s);
  bench.receive("q.fifo", 1, 0);
  bench.advance(60s);
  const auto dead = bench.receive("dlq.fifo", 1, 0);
  ASSERT_EQ(dead.size(), 1U);
  EXPECT_EQ(dead[0].sent, kTestStart);
  EXPECT_EQ(dead[0].first_received, kTestStart + 50s);
  bench.advance(1s);
  EXPECT_THAT(bench.receive("dlq.fifo", 1), IsEmpty());
}

TEST_F(FifoDeadLetter, ARedriveReturnsNewMessagesInOrder) {
  for (const char* body : {"1", "2", "3"}) send("g", body, body);
  bench.receive("q.fifo", 10, 0);
  bench.receive("q.fifo", 10, 0);
  EXPECT_EQ(bench.redrive("dlq.fifo"), 3U);
  const auto back = bench.receive("q.fifo", 10);
  EXPECT_THAT(bodies(back), ElementsAre("1", "2", "3"));
  EXPECT_EQ(back[0].receive_count, 1U);
  EXPECT_EQ(back[0].group_id, "g");
}

TEST_F(FifoDeadLetter, TheTypesMustBeTheSame) {
  ASSERT_TRUE(bench.create("standard").has_value());
  const Status refused = bench.set("standard", {{"RedrivePolicy", redrive_policy("dlq.fifo", 3)}});
  ASSERT_FALSE(refused.has_value());
  EXPECT_THAT(refused.error().message,
              ::testing::EndsWith("Dead-letter queue must be same type of queue as the source.."));
}

}  // namespace
}  // namespace headrace::queue

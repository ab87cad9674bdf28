// Long polls: who is woken, when, and by what (design 8.9; SQS spec 6.1). In memory and on a disk.
#include <gtest/gtest.h>

#include "tests/queue/server_harness.hpp"

namespace headrace::queue {
namespace {

class LongPoll : public ::testing::TestWithParam<bool> {
 protected:
  LongPoll() {
    if (GetParam()) {
      server = std::make_unique<ServerHarness>(disk);
    } else {
      server = std::make_unique<ServerHarness>();
    }
    EXPECT_TRUE(server->create("q").has_value());
  }
  std::string body_of(const ReceiveAnswer& answer) {
    if (!answer.arrived() || !*answer || (*answer)->empty()) return "";
    return (**answer)[0].content.body;
  }

  FakeFileSystem disk;
  std::unique_ptr<ServerHarness> server;
};

INSTANTIATE_TEST_SUITE_P(Journals, LongPoll, ::testing::Bool(), [](const auto& test) {
  return test.param ? std::string("OnDisk") : std::string("InMemory");
});

TEST_P(LongPoll, ReturnsAtOnceWhenAMessageIsThere) {
  server->send("q", {"x"});
  EXPECT_EQ(body_of(server->receive("q", 10, 20)), "x");
}

TEST_P(LongPoll, IsWokenByASendAndDoesNotWaitForMore) {
  const auto poll = server->receive("q", 10, 20);
  EXPECT_FALSE(poll.arrived());
  EXPECT_EQ(server->broker->parked_receives(), 1U);
  server->send("q", {"x"});
  EXPECT_EQ(body_of(poll), "x");
  EXPECT_EQ((*poll)->size(), 1U);
  EXPECT_EQ(server->broker->parked_receives(), 0U);
}

TEST_P(LongPoll, IsWokenWhenADelayEnds) {
  server->send("q", {"x"}, 5);
  const auto poll = server->receive("q", 1, 20);
  server->clock.advance(4'999ms);
  EXPECT_FALSE(poll.arrived());
  server->clock.advance(1ms);
  EXPECT_EQ(body_of(poll), "x");
}

TEST_P(LongPoll, IsWokenWhenAVisibilityTimeoutEnds) {
  server->send("q", {"x"});
  server->receive("q", 1, 0, 3);
  const auto poll = server->receive("q", 1, 20);
  server->clock.advance(2'999ms);
  EXPECT_FALSE(poll.arrived());
  server->clock.advance(1ms);
  EXPECT_EQ(body_of(poll), "x");
  EXPECT_EQ((**poll)[0].receive_count, 2U);
}

TEST_P(LongPoll, IsWokenByARelease) {
  server->send("q", {"x"});
  const auto held = server->receive("q", 1, 0);
  const auto poll = server->receive("q", 1, 20);
  EXPECT_FALSE(poll.arrived());
  server->change("q", (**held)[0].receipt_handle, 0);
  EXPECT_EQ(body_of(poll), "x");
}

TEST_P(LongPoll, IsWokenByADeadLetterMove) {
  ASSERT_TRUE(server->create("dlq").has_value());
  ASSERT_TRUE(server->create("src", {{"RedrivePolicy", redrive_policy("dlq", 1)}}).has_value());
  server->send("src", {"bad"});
  server->receive("src", 1, 0, 0);
  const auto poll = server->receive("dlq", 1, 20);
  EXPECT_FALSE(poll.arrived());
  EXPECT_TRUE((*server->receive("src", 1, 0, 0))->empty());
  EXPECT_EQ(body_of(poll), "bad");
}

TEST_P(LongPoll, IsWokenByARedrive) {
  ASSERT_TRUE(server->create("to").has_value());
  server->send("q", {"x"});
  const auto poll = server->receive("to", 1, 20);
  const auto moved = server->start(
      server->broker->move_messages(MoveRequest{address_of("q"), address_of("to"), 100}));
  EXPECT_EQ((*moved)->moved, 1U);
  EXPECT_EQ(body_of(poll), "x");
}

TEST_P(LongPoll, WaitersAreServedInTheOrderTheyCameEachMessageOnce) {
  const auto first = server->receive("q", 1, 20);
  const auto second = server->receive("q", 1, 20);
  const auto third = server->receive("q", 1, 20);
  server->send("q", {"a", "b"});
  EXPECT_EQ(body_of(first), "a");
  EXPECT_EQ(body_of(second), "b");
  EXPECT_FALSE(third.arrived());
}

TEST_P(LongPoll, EndsEmptyAtItsDeadline) {
  const auto poll = server->receive("q", 1, 5);
  server->clock.advance(4'999ms);
  EXPECT_FALSE(poll.arrived());
  server->clock.advance(1ms);
  ASSERT_TRUE(poll.arrived());
  EXPECT_TRUE((*poll)->empty());
  server->send("q", {"x"});
  EXPECT_EQ(server->describe("q").visible, 1U);
}

TEST_P(LongPoll, TheQueuesOwnWaitTimeCountsAndAnExplicitZeroOverridesIt) {
  ASSERT_TRUE(server->create("slow", {{"ReceiveMessageWaitTimeSeconds", "10"}}).has_value());
  Cancellation never;
  const auto poll = server->start(server->broker->receive(
      ReceiveRequest{address_of("slow"), 1, UINT64_MAX, std::nullopt, std::nullopt}, never));
  EXPECT_FALSE(poll.arrived());
  EXPECT_TRUE(server->receive("slow", 1, 0).arrived());
  server->clock.advance(10s);
  EXPECT_TRUE(poll.arrived());
}

TEST_P(LongPoll, AVanishedClientLeasesNothing) {
  Cancellation gone;
  const auto poll = server->receive("q", gone, 20);
  gone.request();
  server->run();
  EXPECT_TRUE(poll.arrived());
  server->send("q", {"x"});
  EXPECT_EQ(server->describe("q").visible, 1U);
  EXPECT_EQ(server->describe("q").in_flight, 0U);
}

TEST_P(LongPoll, StopEndsAllAndParksNoMore) {
  const auto poll = server->receive("q", 1, 20);
  server->broker->stop();
  server->run();
  ASSERT_TRUE(poll.arrived());
  EXPECT_TRUE((*poll)->empty());
  EXPECT_TRUE(server->receive("q", 1, 20).arrived());
}

TEST_P(LongPoll, DeletingTheQueueEndsIt) {
  const auto poll = server->receive("q", 1, 20);
  server->start(server->broker->delete_queue(address_of("q")));
  EXPECT_TRUE(poll.arrived());
  EXPECT_EQ(server->broker->parked_receives(), 0U);
}

// A message given to a parked receive and deleted through an older handle before that receive has
// gone on must be neither read nor delivered.
TEST_P(LongPoll, AMessageDeletedBeforeItsReceiverGoesOnIsNotDelivered) {
  server->send("q", {"x"});
  const auto older = server->receive("q", 1, 0, 1);
  const auto poll = server->receive("q", 1, 20);
  ASSERT_FALSE(poll.arrived());
  const std::string handle = (**older)[0].receipt_handle;
  server->clock.call_at(server->clock.now() + 1s, [&] {
    // Runs after the visibility timer of the same moment, before the woken receive.
    Answer<Result<std::vector<Status>>>::of(
        server->loop, server->broker->remove(DeleteRequest{address_of("q"), {handle}}));
  });
  server->clock.advance(1s);
  server->run();
  EXPECT_EQ(server->describe("q").in_flight, 0U);
}

TEST_P(LongPoll, IsServedWhenTheInFlightLimitLeavesRoomAgain) {
  for (std::size_t i = 0; i < 12; ++i) {
    server->send("q", std::vector<std::string>(10'000, "x"));
  }
  std::string handle;
  for (int i = 0; i < 12; ++i) {
    const auto got = server->receive("q", 10'000, 0, 600);
    ASSERT_EQ((*got)->size(), 10'000U);
    handle = (**got)[0].receipt_handle;
  }
  server->send("q", {"one more"});
  const auto refused = server->receive("q", 1, 0);
  ASSERT_FALSE(refused->has_value());
  EXPECT_EQ(refused->error().code, ErrorCode::kOverLimit);
  const auto poll = server->receive("q", 1, 20);
  EXPECT_FALSE(poll.arrived());
  server->remove("q", handle);
  EXPECT_EQ(body_of(poll), "one more");
}

TEST(Restart, HandlesLeasesAndCountsSurvive) {
  FakeFileSystem disk;
  std::string handle;
  {
    ServerHarness server(disk);
    ASSERT_TRUE(server.create("q").has_value());
    server.send("q", {"a"});
    server.send("q", {"b"}, 60);
    const auto got = server.receive("q", 1, 0, 30);
    handle = (**got)[0].receipt_handle;
  }
  ServerHarness server(disk, Durability::kSync, ServerHarness::kSegmentBytes, kTestStart + 10s);
  ASSERT_TRUE(server.opened()) << server.refusal();
  EXPECT_EQ(server.describe("q").in_flight, 1U);
  EXPECT_EQ(server.describe("q").delayed, 1U);
  EXPECT_TRUE((*server.receive("q", 10))->empty());
  const auto removed = server.remove("q", handle);
  ASSERT_TRUE(removed.arrived());
  EXPECT_TRUE((**removed)[0].has_value());
  EXPECT_EQ(server.describe("q").in_flight, 0U);
  server.clock.advance(50s);
  const auto got = server.receive("q", 10);
  ASSERT_EQ((*got)->size(), 1U);
  EXPECT_EQ((**got)[0].content.body, "b");
}

}  // namespace
}  // namespace headrace::queue

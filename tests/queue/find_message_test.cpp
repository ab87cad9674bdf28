// Where a message is, by its id, and who hears of its moves.
#include <gtest/gtest.h>

#include "tests/queue/server_harness.hpp"

namespace headrace::queue {
namespace {

using namespace std::chrono_literals;

struct SeenMove {
  MoveKind kind;
  Place from;
  Place to;
  std::string from_queue;
  std::string to_queue;
  Uuid new_id;
  std::uint32_t receive_count;
  std::int64_t max_receive_count;
};

class Moves final : public MoveObserver {
 public:
  void message_moved(const MessageMove& move) override {
    seen.push_back({move.kind, move.from, move.to, move.from_queue.name, move.to_queue.name,
                    move.new_id, move.receive_count, move.max_receive_count});
  }
  std::vector<SeenMove> seen;
};

class FindMessage : public ::testing::Test {
 protected:
  FindMessage() {
    EXPECT_TRUE(server.create("dlq").has_value());
    EXPECT_TRUE(
        server
            .create("q", {{"VisibilityTimeout", "30"}, {"RedrivePolicy", redrive_policy("dlq", 1)}})
            .has_value());
    server.broker->set_observer(moves);
  }

  Uuid send(const std::string& queue, std::optional<std::int64_t> delay = std::nullopt) {
    const auto sent = server.send(queue, {"x"}, delay);
    return (**sent)[0]->message_id;
  }
  FindMessageRequest request(const Uuid& id) {
    const QueueAddress scope = address_of("q");
    return {scope.region, scope.account, {id}, {}, Search::kEverywhere};
  }
  std::optional<FoundMessage> find(FindMessageRequest asked) {
    return server.start(server.broker->find_message(std::move(asked), cancellation)).take();
  }
  std::optional<FoundMessage> find(const Uuid& id) { return find(request(id)); }

  // Receives once, and once more than allowed.
  void dead_letter() {
    server.receive("q");
    server.clock.advance(30s);
    server.run();
    server.receive("q");
  }
  void redrive() {
    MoveRequest move;
    move.source = address_of("dlq");
    EXPECT_EQ((*server.start(server.broker->move_messages(move)))->moved, 1U);
  }

  Moves moves;
  Cancellation cancellation;
  ServerHarness server;
};

TEST_F(FindMessage, TellsQueueStateAndWhenItsStateEnds) {
  const Uuid visible = send("dlq");
  const Uuid delayed = send("q", 60);
  const TimePoint sent = server.clock.now();
  EXPECT_EQ(find(visible)->queue.name, "dlq");
  EXPECT_EQ(find(visible)->seen.state, MessageState::kVisible);
  EXPECT_EQ(find(visible)->seen.message.content.body, "x");
  EXPECT_EQ(find(delayed)->seen.state, MessageState::kDelayed);
  EXPECT_EQ(find(delayed)->due, sent + 60s);
  server.clock.advance(60s);
  server.run();
  server.receive("q");
  EXPECT_EQ(find(delayed)->seen.state, MessageState::kInFlight);
  EXPECT_EQ(find(delayed)->due, sent + 90s);
}

TEST_F(FindMessage, FindsNothingThatIsGone) {
  const Uuid id = send("q");
  const ReceiveAnswer received = server.receive("q");
  server.remove("q", (*received)->at(0).receipt_handle);
  EXPECT_FALSE(find(id));
  EXPECT_FALSE(find(Uuid{}));
}

TEST_F(FindMessage, FindsNothingOfAnotherAccount) {
  FindMessageRequest asked = request(send("q"));
  asked.account = "111111111111";
  EXPECT_FALSE(find(asked));
}

TEST_F(FindMessage, FindsOneAmongManyInSteps) {
  server.send("q", std::vector<std::string>(3000, "other"));
  const Uuid id = send("q");
  EXPECT_EQ(find(id)->seen.message.message_id, id);
}

TEST_F(FindMessage, GivesUpWhenNobodyWaitsAnyMore) {
  const Uuid id = send("q");
  cancellation.request();
  EXPECT_FALSE(find(id));
}

TEST_F(FindMessage, FindsARedrivenMessageByBothItsIds) {
  const Uuid first = send("q");
  dead_letter();
  EXPECT_EQ(find(first)->queue.name, "dlq");
  redrive();
  const std::optional<FoundMessage> found = find(first);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->queue.name, "q");
  EXPECT_EQ(found->first_id, first);
  EXPECT_NE(found->seen.message.message_id, first);
  EXPECT_EQ(find(found->seen.message.message_id)->first_id, first);
}

TEST_F(FindMessage, LooksAtLikelyPlacesOnlyWhenToldSo) {
  const Uuid id = send("q");
  FindMessageRequest asked = request(id);
  asked.search = Search::kLikelyPlaces;
  EXPECT_FALSE(find(asked));
  asked.likely = {Place{}, find(id)->seen.message.place};
  EXPECT_TRUE(find(asked));
}

TEST_F(FindMessage, ObserverHearsOfDeadLetterMovesAndRedrives) {
  send("q");
  const Place sent = find((*server.receive("q"))->at(0).message_id)->seen.message.place;
  server.clock.advance(30s);
  server.run();
  server.receive("q");
  ASSERT_EQ(moves.seen.size(), 1U);
  const SeenMove dead = moves.seen[0];
  EXPECT_EQ(dead.kind, MoveKind::kDeadLettered);
  EXPECT_EQ(dead.from, sent);
  EXPECT_EQ(dead.from_queue, "q");
  EXPECT_EQ(dead.to_queue, "dlq");
  EXPECT_EQ(dead.receive_count, 1U);
  EXPECT_EQ(dead.max_receive_count, 1);
  redrive();
  ASSERT_EQ(moves.seen.size(), 2U);
  const SeenMove back = moves.seen[1];
  EXPECT_EQ(back.kind, MoveKind::kRedriven);
  EXPECT_EQ(back.from, dead.to);
  EXPECT_EQ(back.to_queue, "q");
  EXPECT_EQ(find(back.new_id)->seen.message.place, back.to);
}

}  // namespace
}  // namespace headrace::queue

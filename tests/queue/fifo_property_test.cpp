// Random work on FIFO queues against a naive model: all messages in one list.
#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "tests/queue/engine_harness.hpp"

namespace headrace::queue {
namespace {

constexpr std::uint32_t kFifoMaxReceives = 3;
constexpr Duration kFifoRetention = 120s;

struct Grouped {
  std::string body;
  std::string group;
  TimePoint sent;
  bool received = false;  // at least once: its delay is over
  TimePoint hidden_until;
  std::uint32_t count = 0;
  std::string handle;
};

class FifoModel {
 public:
  explicit FifoModel(std::uint64_t seed) : random_(seed), by_group_(random_.one_in(2)) {
    const std::string scope = by_group_ ? "messageGroup" : "queue";
    AttributeMap attributes = {
        {"FifoQueue", "true"}, {"DeduplicationScope", scope}, {"MessageRetentionPeriod", "120"}};
    EXPECT_TRUE(bench.create("dlq.fifo", attributes).has_value());
    attributes["RedrivePolicy"] = redrive_policy("dlq.fifo", kFifoMaxReceives);
    EXPECT_TRUE(bench.create("q.fifo", attributes).has_value());
  }

  void step() {
    switch (random_.below(10)) {
      case 0:
      case 1:
      case 2: send(); break;
      case 3:
      case 4:
      case 5: receive(); break;
      case 6: remove(); break;
      case 7: change(); break;
      case 8: change_delay(); break;
      default: pass_time(); break;
    }
    check_counts();
  }

  EngineHarness bench;

 private:
  using DuplicateKey = std::pair<std::string, std::string>;

  bool delayed(const Grouped& message) const {
    return !message.received && message.sent + delay_ > bench.now();
  }
  bool in_flight(const Grouped& message) const { return message.hidden_until > bench.now(); }
  bool visible(const Grouped& message) const { return !delayed(message) && !in_flight(message); }

  void send() {
    const std::string group(1, static_cast<char>('a' + random_.below(3)));
    const std::string id = std::to_string(random_.below(40));
    const std::string body = std::to_string(next_++);
    const auto result = bench.send_to_group("q.fifo", group, body, id);
    ASSERT_TRUE(result.has_value());
    const DuplicateKey key{id, by_group_ ? group : ""};
    const auto earlier = accepted_.find(key);
    if (earlier != accepted_.end() && bench.now() - earlier->second.second < 300s) {
      EXPECT_EQ(result->message_id, earlier->second.first);
      return;
    }
    accepted_[key] = {result->message_id, bench.now()};
    messages_.push_back({body, group, bench.now(), false, {}, 0, ""});
  }

  // Of each group the longest prefix that is visible.
  std::map<std::string, std::vector<Grouped*>> deliverable() {
    std::map<std::string, std::vector<Grouped*>> groups;
    std::set<std::string> stopped;
    for (Grouped& message : messages_) {
      if (stopped.contains(message.group)) continue;
      if (visible(message)) {
        groups[message.group].push_back(&message);
      } else {
        stopped.insert(message.group);
      }
    }
    return groups;
  }

  void receive() {
    const std::size_t wanted = 1 + random_.below(6);
    const auto seconds = static_cast<std::int64_t>(random_.below(8));
    auto groups = deliverable();
    std::size_t available = 0;
    for (auto& [group, messages] : groups) {
      std::erase_if(messages, [](const Grouped* m) { return m->count >= kFifoMaxReceives; });
      available += messages.size();
    }
    const auto got = bench.receive("q.fifo", wanted, seconds);
    ASSERT_EQ(got.size(), std::min(wanted, available));
    std::set<std::string> left;  // groups the receive has gone on from
    std::string current;
    for (const Delivery& delivery : got) {
      if (delivery.group_id != current) {
        EXPECT_TRUE(current.empty() || groups[current].empty()) << "left undrained: " << current;
        EXPECT_TRUE(left.insert(delivery.group_id).second) << "came back to " << delivery.group_id;
        current = delivery.group_id;
      }
      auto& messages = groups[current];
      ASSERT_FALSE(messages.empty());
      Grouped& message = *messages.front();
      messages.erase(messages.begin());
      EXPECT_EQ(delivery.body, message.body);
      EXPECT_EQ(delivery.receive_count, ++message.count);
      message.received = true;
      message.hidden_until = bench.now() + std::chrono::seconds(seconds);
      message.handle = delivery.handle;
    }
    note_moves();
  }

  void note_moves() {
    for (const EngineHarness::Seen& seen : bench.peek("dlq.fifo")) {
      const auto moved = std::find_if(messages_.begin(), messages_.end(), [&](const Grouped& m) {
        return m.body == seen.message.body;
      });
      if (moved == messages_.end()) continue;
      EXPECT_GE(moved->count, kFifoMaxReceives);
      EXPECT_TRUE(visible(*moved));
      dead_.insert(moved->body);
      messages_.erase(moved);
    }
  }

  Grouped* any_held() {
    std::vector<Grouped*> held;
    for (Grouped& message : messages_) {
      if (!message.handle.empty()) held.push_back(&message);
    }
    return held.empty() ? nullptr : held[random_.below(held.size())];
  }

  void remove() {
    Grouped* message = any_held();
    if (message == nullptr) return;
    const bool holds = in_flight(*message);
    EXPECT_EQ(bench.remove("q.fifo", message->handle).has_value(), holds);
    if (holds) messages_.erase(messages_.begin() + (message - messages_.data()));
  }

  void change() {
    Grouped* message = any_held();
    if (message == nullptr) return;
    const auto seconds = static_cast<std::int64_t>(random_.below(10));
    const bool holds = in_flight(*message);
    EXPECT_EQ(bench.change("q.fifo", message->handle, seconds).has_value(), holds);
    if (holds) message->hidden_until = bench.now() + std::chrono::seconds(seconds);
  }

  // Lower only: a message whose delay is over stays visible.
  void change_delay() {
    const auto seconds = static_cast<std::int64_t>(random_.below(10));
    const bool any_delayed = std::any_of(messages_.begin(), messages_.end(),
                                         [this](const Grouped& m) { return delayed(m); });
    for (Grouped& message : messages_) message.received = message.received || !delayed(message);
    if (any_delayed && std::chrono::seconds(seconds) > delay_) return;
    EXPECT_TRUE(bench.set("q.fifo", {{"DelaySeconds", std::to_string(seconds)}}));
    delay_ = std::chrono::seconds(seconds);
    bench.settle_time();
  }

  void pass_time() {
    bench.advance(Duration(random_.one_in(10) ? 90'000 : random_.below(4000)));
    std::erase_if(messages_,
                  [this](const Grouped& m) { return bench.now() - m.sent > kFifoRetention; });
  }

  void check_counts() {
    std::array<std::uint64_t, 3> expected{};
    for (const Grouped& m : messages_) ++expected[visible(m) ? 0 : in_flight(m) ? 1 : 2];
    const QueueDescription now = bench.describe("q.fifo");
    EXPECT_EQ((std::array{now.visible, now.in_flight, now.delayed}), expected);
    std::uint64_t deliverable_now = 0;
    for (const auto& [group, messages] : deliverable()) deliverable_now += messages.size();
    const Offer& offer = bench.queue("q.fifo").messages().deliverable();
    EXPECT_LE(offer.messages, deliverable_now);
    EXPECT_EQ(offer.messages > 0, deliverable_now > 0);
  }

  Random random_;
  bool by_group_;
  Duration delay_{};
  std::vector<Grouped> messages_;
  std::map<DuplicateKey, std::pair<Uuid, TimePoint>> accepted_;
  std::set<std::string> dead_;
  int next_ = 0;
};

TEST(FifoProperty, AgreesWithTheModelAndWithItsOwnReplay) {
  for (std::uint64_t seed = 1; seed <= 700; ++seed) {
    FifoModel model(seed);
    for (int i = 0; i < 60; ++i) model.step();
    const auto replayed = model.bench.replayed();
    model.bench.settle_time();
    for (const char* queue : {"q.fifo", "dlq.fifo"}) {
      const auto here = model.bench.peek(queue);
      const auto there = replayed->peek(queue);
      ASSERT_EQ(here.size(), there.size());
      for (std::size_t i = 0; i < here.size(); ++i) {
        EXPECT_EQ(here[i].message, there[i].message);
        EXPECT_EQ(here[i].state, there[i].state);
      }
    }
    EXPECT_EQ(model.bench.bodies_alive(), model.bench.engine().message_count());
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace headrace::queue

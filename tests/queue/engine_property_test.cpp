// Random work against a naive model: a list of messages and the moments they become visible.
#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "tests/queue/engine_harness.hpp"

namespace headrace::queue {
namespace {

constexpr std::uint32_t kMaxReceives = 3;
constexpr Duration kRetention = 60s;

struct Modeled {
  std::string queue = "q";
  TimePoint sent;
  TimePoint visible_at;
  bool received = false;  // what hides it is a lease, not a delay
  std::uint32_t count = 0;
  std::uint32_t count_here = 0;
  TimePoint last_received;
  std::string handle;
};

using Counts = std::array<std::uint64_t, 3>;

class Model {
 public:
  explicit Model(std::uint64_t seed) : random_(seed) {
    EXPECT_TRUE(bench.create("dlq", {{"MessageRetentionPeriod", "60"}}).has_value());
    const AttributeMap attributes = {{"MessageRetentionPeriod", "60"},
                                     {"RedrivePolicy", redrive_policy("dlq", kMaxReceives)}};
    EXPECT_TRUE(bench.create("q", attributes).has_value());
  }

  void step() {
    switch (random_.below(12)) {
      case 0:
      case 1:
      case 2: send(); break;
      case 3:
      case 4:
      case 5: receive("q"); break;
      case 6: receive("dlq"); break;
      case 7: remove(); break;
      case 8: change(); break;
      case 9: redrive(); break;
      case 10: random_.one_in(10) ? purge() : send(); break;
      default: pass_time(); break;
    }
    for (const char* queue : {"q", "dlq"}) EXPECT_EQ(counted(queue), expected(queue)) << queue;
  }

  EngineHarness bench;

 private:
  using Messages = std::map<std::string, Modeled>;

  void send() {
    const std::string body = std::to_string(next_++);
    const auto delay = static_cast<std::int64_t>(random_.one_in(3) ? random_.below(6) : 0);
    bench.send("q", body, delay);
    messages_[body] = Modeled{.queue = "q",
                              .sent = bench.now(),
                              .visible_at = bench.now() + std::chrono::seconds(delay),
                              .last_received = {},
                              .handle = {}};
  }

  bool visible(const Modeled& message) const { return message.visible_at <= bench.now(); }

  void receive(const std::string& queue) {
    const std::size_t wanted = 1 + random_.below(4);
    const auto seconds = static_cast<std::int64_t>(random_.below(8));
    std::size_t available = 0;
    for (const auto& [body, message] : messages_) {
      const bool worn = queue == "q" && message.count_here >= kMaxReceives;
      if (message.queue == queue && visible(message) && !worn) ++available;
    }
    const auto got = bench.receive(queue, wanted, seconds);
    EXPECT_EQ(got.size(), std::min(wanted, available));
    note_moves();
    for (const Delivery& delivery : got) {
      Modeled& message = messages_.at(delivery.body);
      EXPECT_EQ(message.queue, queue);
      EXPECT_TRUE(visible(message));
      ++message.count_here;
      EXPECT_EQ(delivery.receive_count, ++message.count);
      EXPECT_EQ(delivery.sent, message.sent);
      message.visible_at = bench.now() + std::chrono::seconds(seconds);
      message.received = true;
      message.last_received = bench.now();
      message.handle = delivery.handle;
    }
  }

  // What stands in the dead-letter queue now and did not before must have been worn out.
  void note_moves() {
    for (const EngineHarness::Seen& seen : bench.peek("dlq")) {
      Modeled& message = messages_.at(seen.message.body);
      if (message.queue == "dlq") continue;
      EXPECT_GE(message.count_here, kMaxReceives);
      EXPECT_TRUE(visible(message));
      message.queue = "dlq";
      message.count_here = 0;
      message.handle.clear();
    }
  }

  // A message that has been received where it is; end() when there is none.
  Messages::iterator any_held() {
    std::vector<Messages::iterator> held;
    for (auto it = messages_.begin(); it != messages_.end(); ++it) {
      if (!it->second.handle.empty()) held.push_back(it);
    }
    return held.empty() ? messages_.end() : held[random_.below(held.size())];
  }

  void remove() {
    const auto it = any_held();
    if (it == messages_.end()) return;
    EXPECT_TRUE(bench.remove(it->second.queue, it->second.handle).has_value());
    messages_.erase(it);
  }

  void change() {
    const auto it = any_held();
    if (it == messages_.end()) return;
    const auto seconds = static_cast<std::int64_t>(random_.below(10));
    EXPECT_TRUE(bench.change(it->second.queue, it->second.handle, seconds).has_value());
    it->second.visible_at = bench.now() + std::chrono::seconds(seconds);
  }

  void redrive() {
    std::uint64_t movable = 0;
    for (auto& [body, message] : messages_) {
      if (message.queue != "dlq" || !visible(message)) continue;
      ++movable;
      message = Modeled{.queue = "q",
                        .sent = bench.now(),
                        .visible_at = bench.now(),
                        .last_received = {},
                        .handle = {}};
    }
    EXPECT_EQ(bench.redrive("dlq"), movable);
  }

  void purge() {
    bench.purge("q");
    std::erase_if(messages_, [](const auto& item) { return item.second.queue == "q"; });
  }

  void pass_time() {
    bench.advance(Duration(random_.one_in(10) ? 30'000 : random_.below(5000)));
    std::erase_if(messages_,
                  [this](const auto& item) { return bench.now() - item.second.sent > kRetention; });
  }

  Counts expected(const std::string& queue) const {
    Counts counts{};
    for (const auto& [body, message] : messages_) {
      if (message.queue == queue) ++counts[visible(message) ? 0 : message.received ? 1 : 2];
    }
    return counts;
  }
  Counts counted(const std::string& queue) {
    const QueueDescription now = bench.describe(queue);
    return {now.visible, now.in_flight, now.delayed};
  }

  Random random_;
  Messages messages_;
  int next_ = 0;
};

// All that can be seen of a queue, by body.
using PictureById = std::map<std::string, std::tuple<Uuid, MessageState, TimePoint, TimePoint,
                                                     TimePoint, std::uint32_t, std::string>>;

PictureById picture_by_id(EngineHarness& bench, const std::string& queue) {
  PictureById all;
  for (const EngineHarness::Seen& seen : bench.peek(queue)) {
    const Delivery& message = seen.message;
    const auto [place, fresh] =
        all.emplace(message.body,
                    std::tuple(message.id, seen.state, seen.due, message.sent,
                               message.first_received, message.receive_count, message.source_arn));
    EXPECT_TRUE(fresh) << "twice: " << message.body;
  }
  return all;
}

TEST(EngineProperty, AgreesWithTheModelAndWithItsOwnReplay) {
  for (std::uint64_t seed = 1; seed <= 700; ++seed) {
    Model model(seed);
    for (int i = 0; i < 50; ++i) model.step();
    const auto replayed = model.bench.replayed();
    model.bench.settle_time();
    for (const char* queue : {"q", "dlq"}) {
      EXPECT_EQ(picture_by_id(model.bench, queue), picture_by_id(*replayed, queue));
      EXPECT_EQ(model.bench.queue(queue).next_sequence(), replayed->queue(queue).next_sequence());
      EXPECT_EQ(model.bench.describe(queue).oldest_sent, replayed->describe(queue).oldest_sent);
    }
    EXPECT_EQ(model.bench.bodies_alive(), model.bench.engine().message_count());
    EXPECT_EQ(replayed->bodies_alive(), model.bench.bodies_alive());
    ASSERT_FALSE(HasFailure()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace headrace::queue

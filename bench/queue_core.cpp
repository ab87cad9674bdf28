// What the queue core alone costs, without journal, protocol and threads: a message sent, received
// and deleted at different depths, and the memory of one that waits.
//
// usage: queue_core [DEPTH...]; default 0 1000000 10000000
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <malloc.h>

#include "base/random.hpp"
#include "queue/engine.hpp"

namespace headrace::queue {
namespace {

using Steady = std::chrono::steady_clock;
constexpr int kRounds = 5;
constexpr std::size_t kOperations = 100'000;  // of each kind in a round
constexpr std::size_t kBatch = 10;            // received at once

std::size_t heap_bytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

// Nanoseconds per operation.
struct Times {
  double send = 0;
  double receive = 0;
  double remove = 0;
};

struct Kind {
  const char* name;
  bool fifo;
  std::size_t groups;  // messages take them in turn; 0: without a group
};

class Core {
 public:
  explicit Core(const Kind& kind) : kind_(kind) {
    CreateQueueRequest create;
    create.address = QueueAddress{"us-east-1", "000000000000", kind.fifo ? "q.fifo" : "q"};
    if (kind.fifo) create.attributes = {{"FifoQueue", "true"}};
    commit(**engine_.decide_create(create, now_));
    queue_ = engine_.find(create.address);
    entries_.resize(1);
    entries_[0].content.body = std::string(100, 'x');
    entries_[0].content.sender_id = "000000000000";
  }

  void send() {
    MessageContent& content = entries_[0].content;
    if (kind_.groups > 0) content.group_id = "group-" + std::to_string(sent_ % kind_.groups);
    if (kind_.fifo) content.deduplication_id = std::to_string(sent_);
    ++sent_;
    const auto decision = engine_.decide_send(*queue_, entries_[0], ids_.uuid(), now_);
    commit(*decision->record, BodyRef{sent_ << 12, 200});
  }

  // Ten at once, as a receive may; the handles are kept.
  void receive() {
    ReceiveOrder order;
    order.max_messages = kBatch;
    order.visibility = std::chrono::seconds(30);
    const auto record = engine_.decide_receive(*queue_, order, now_);
    commit(*record);
    for (const Sequence sequence : record->leased) {
      handles_.push_back(engine_.handles().encode(engine_.lease_of(*queue_, sequence).receipt));
    }
  }

  void remove() {
    const auto record = engine_.decide_delete(*queue_, handles_.back(), now_);
    handles_.pop_back();
    commit(**record);
  }

  Times round() {
    // Five minutes pass: what was sent before is no longer remembered for deduplication.
    now_ += std::chrono::minutes(6);
    while (engine_.advance_to(now_, 1000)) {
    }
    Times times;
    times.send = nanoseconds(kOperations, [this] { send(); });
    // What was received is deleted at once: in a FIFO queue it blocks its group.
    for (std::size_t i = 0; i < kOperations; i += kBatch) {
      times.receive += nanoseconds(1, [this] { receive(); }) / kOperations;
      times.remove += nanoseconds(kBatch, [this] { remove(); }) * kBatch / kOperations;
    }
    return times;
  }

 private:
  void commit(const Record& record, BodyRef body = {}) {
    lsn_ = lsn_.next();
    engine_.apply(record, body, lsn_);
  }

  template <class Operation>
  static double nanoseconds(std::size_t times, Operation operation) {
    const auto start = Steady::now();
    for (std::size_t i = 0; i < times; ++i) operation();
    return std::chrono::duration<double, std::nano>(Steady::now() - start).count() /
           static_cast<double>(times);
  }

  Kind kind_;
  NoBodies bodies_;
  Engine engine_{HandleKey{1}, bodies_};
  TimePoint now_ = from_epoch_ms(1'700'000'000'000);
  Lsn lsn_;
  Random ids_{1};
  Queue* queue_ = nullptr;
  std::vector<SendEntry> entries_;
  std::vector<std::string> handles_;
  std::uint64_t sent_ = 0;
};

double median(std::vector<Times> rounds, double Times::*which) {
  std::sort(rounds.begin(), rounds.end(),
            [which](const Times& a, const Times& b) { return a.*which < b.*which; });
  return rounds[rounds.size() / 2].*which;
}

void measure(const Kind& kind, std::size_t depth) {
  Core core(kind);
  const std::size_t before = heap_bytes();
  for (std::size_t i = 0; i < depth; ++i) core.send();
  const std::size_t after = heap_bytes();
  std::vector<Times> rounds;
  for (int i = 0; i < kRounds; ++i) rounds.push_back(core.round());
  const double send = median(rounds, &Times::send);
  const double receive = median(rounds, &Times::receive);
  const double remove = median(rounds, &Times::remove);
  std::printf("%-24s depth %9zu  send %5.0f ns  receive %5.0f ns  delete %5.0f ns  %8.0f cycles/s",
              kind.name, depth, send, receive, remove, 1e9 / (send + receive + remove));
  if (depth > 0) {
    std::printf("  %.0f B/message",
                static_cast<double>(after - before) / static_cast<double>(depth));
  }
  std::printf("\n");
  std::fflush(stdout);
}

}  // namespace
}  // namespace headrace::queue

int main(int argc, char** argv) {
  using headrace::queue::Kind;
  using headrace::queue::measure;
  std::vector<std::size_t> depths;
  for (int i = 1; i < argc; ++i) depths.push_back(std::strtoull(argv[i], nullptr, 10));
  if (depths.empty()) depths = {0, 1'000'000, 10'000'000};
  for (const std::size_t depth : depths) measure(Kind{"standard", false, 0}, depth);
  for (const std::size_t depth : depths)
    measure(Kind{"standard, 1,000 groups", false, 1000}, depth);
  // A group in flight blocks: with one group the ten of a receive are the whole turn.
  for (const std::size_t groups : {std::size_t{1}, std::size_t{100'000}}) {
    const std::string name = "FIFO, groups: " + std::to_string(groups);
    for (const std::size_t depth : {std::size_t{0}, std::size_t{1'000'000}}) {
      measure(Kind{name.c_str(), true, groups}, depth);
    }
  }
}

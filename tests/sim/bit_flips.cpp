#include "tests/sim/bit_flips.hpp"

#include <algorithm>

#include <boost/asio/co_spawn.hpp>

#include "base/check.hpp"
#include "tests/sim/attributes.hpp"
#include "tests/sim/inventory.hpp"
#include "tests/support/fake_file_system.hpp"
#include "tests/support/manual_clock.hpp"

namespace headrace::sim {

namespace {

constexpr std::uint64_t kFlipsPerDirectory = 25;
constexpr int kLetters = 40;
constexpr const char* kStandard = "a";
constexpr const char* kFifo = "f.fifo";
constexpr const char* kFifoDeadLetters = "f-dlq.fifo";

ServerOptions options_at(TimePoint wall) {
  ServerOptions options;
  options.wall = wall;
  options.segment_bytes = 24 << 10;
  options.id_seed = 1;
  options.disk_latency = [] { return Duration(); };
  return options;
}

template <class T>
T result_of(Server& server, boost::asio::awaitable<queue::Result<T>> call) {
  std::optional<queue::Result<T>> answer;
  boost::asio::co_spawn(server.loop(), std::move(call),
                        [&answer](std::exception_ptr error, queue::Result<T> result) {
                          if (error) std::rethrow_exception(error);
                          answer.emplace(std::move(result));
                        });
  server.settle();
  HR_CHECK(answer.has_value());
  HR_CHECK(answer->has_value());
  if constexpr (!std::is_void_v<T>) return std::move(**answer);
}

// The same messages, and as many of them in flight.
bool same_state(const Inventory& a, const Inventory& b) {
  const auto in_flight = [](const Inventory& inventory) {
    std::map<std::string, std::uint64_t> counts;
    for (const auto& [name, seen] : inventory.queues) counts[name] = seen.description.in_flight;
    return counts;
  };
  return same_messages(a, b) && in_flight(a) == in_flight(b);
}

// A data directory over several segments, some of its messages deleted, some in flight. Every other
// one holds a FIFO queue and its dead-letter queue.
class Directory {
 public:
  explicit Directory(std::uint64_t seed) : random_(seed) {
    auto started = Server::start(disk_, options_at(kTestStart));
    HR_CHECK(started.has_value());
    Server& server = **started;
    if (seed % 2 == 0) {
      set_up_fifo(server);
    } else {
      set_up(server, kStandard, QueueSetup());
    }
    for (int i = 0; i < kLetters; ++i) {
      const int number = history_.new_letter(home_, 0);
      change(server, [&] { ids_.push_back(send(server, number)); });
      if (random_.one_in(3)) receive_one(server);
    }
    // Now and then the last commit is younger than the idle block that would vouch for it.
    vouched_for_ = random_.below(4) > 0;
    if (vouched_for_) pass(server, Duration(1000));
    end_ = server.now();
    expected_ = take_inventory(server, history_);
    receivable_ = receive_all(*disk_.after_kill(), [](FakeFileSystem&) {}).value();
  }

  // Flips a bit of a copy and opens it.
  std::optional<std::string> flip_at_rest(FlipCounts& counts) {
    const auto copy = disk_.after_kill();
    const std::string where = flip(*copy, random_);
    const auto started = Server::start(*copy, options_at(end_));
    if (!started) {
      ++counts.refused;
      return std::nullopt;
    }
    const Inventory found = take_inventory(**started, history_);
    if (same_state(found, expected_)) {
      ++counts.harmless;
      if (!remembers_sends(**started)) return where + ": a send is forgotten";
      return std::nullopt;
    }
    // Until something later vouches for it a damaged commit looks as one that a power cut tore.
    const bool torn = !vouched_for_ && (*started)->recovered_torn_tail();
    if (!torn || !same_state(found, before_last_commit_)) {
      return where + ": other messages and no word of damage";
    }
    ++counts.torn;
    return std::nullopt;
  }

  // Flips a bit under a server that runs and receives everything.
  std::optional<std::string> flip_alive(FlipCounts& counts) {
    std::string where;
    const auto copy = disk_.after_kill();
    copy->chill_page_cache();
    const auto received =
        receive_all(*copy, [&](FakeFileSystem& disk) { where = flip(disk, random_); });
    if (!received) return where + ": a damaged body was handed out";
    if (*received + 1 < receivable_) return where + ": more than one message was withheld";
    counts.withheld += receivable_ - *received;
    return std::nullopt;
  }

 private:
  void set_up(Server& server, const std::string& name, const QueueSetup& setup) {
    history_.queues[name] = setup;
    result_of(server, server.broker().create_queue({address_of(name), attributes_of(setup), {}}));
    home_ = name;
  }

  // A message that is received twice goes to the dead-letter queue.
  void set_up_fifo(Server& server) {
    QueueSetup setup;
    setup.fifo = true;
    setup.groups = 4;
    QueueSetup dead_letters = setup;
    dead_letters.takes_sends = false;
    set_up(server, kFifoDeadLetters, dead_letters);
    setup.dead_letter_queue = kFifoDeadLetters;
    setup.max_receives = 1;
    set_up(server, kFifo, setup);
  }

  bool is_fifo() const { return history_.queues.at(home_).fifo; }

  // What changes nothing is no commit.
  template <class Action>
  void change(Server& server, const Action& action) {
    Inventory before = take_inventory(server, history_);
    action();
    if (!same_state(before, take_inventory(server, history_))) {
      before_last_commit_ = std::move(before);
    }
  }

  Uuid send(Server& server, int number) {
    const auto results = result_of(
        server,
        server.broker().send({address_of(home_), {{history_.content_to_send(number), {}}}}));
    return results.at(0)->message_id;
  }

  void receive_one(Server& server) {
    Cancellation never;
    const std::int64_t visibility = is_fifo() && random_.one_in(2) ? 0 : 600;
    const queue::ReceiveRequest request{address_of(home_), 1, UINT64_MAX, visibility, 0};
    std::vector<queue::ReceivedMessage> messages;
    change(server, [&] { messages = result_of(server, server.broker().receive(request, never)); });
    if (messages.empty() || random_.one_in(2)) return;
    change(server, [&] {
      result_of(server, server.broker().remove({address_of(home_), {messages[0].receipt_handle}}));
    });
  }

  // How many messages a server gives that starts from this disk; nothing when one of them is not
  // what was sent. `damage` comes once it runs.
  template <class Damage>
  std::optional<std::uint64_t> receive_all(FakeFileSystem& disk, const Damage& damage) {
    const auto started = Server::start(disk, options_at(end_));
    HR_CHECK(started.has_value());
    Server& server = **started;
    damage(disk);
    std::uint64_t count = 0;
    for (const auto& [name, setup] : history_.queues) {
      const queue::ReceiveRequest request{address_of(name), 100, UINT64_MAX, std::nullopt, 0};
      Cancellation never;
      const auto messages = result_of(server, server.broker().receive(request, never));
      for (const queue::ReceivedMessage& message : messages) {
        if (history_.find_letter(message.content) < 0) return std::nullopt;
      }
      count += messages.size();
    }
    return count;
  }

  // F4: every send of a FIFO queue is remembered, whatever became of it.
  bool remembers_sends(Server& server) {
    if (!is_fifo()) return true;
    for (std::size_t i = 0; i < ids_.size(); ++i) {
      if (send(server, static_cast<int>(i)) != ids_[i]) return false;
    }
    return true;
  }

  static void pass(Server& server, Duration duration) {
    server.clock().move_to(server.now() + duration);
    server.settle();
  }

  // Of a random byte of a random file; most often where something is written.
  static std::string flip(FakeFileSystem& disk, Random& random) {
    std::vector<std::string> paths = {"/data/store", "/data/handle.key"};
    const auto segments = disk.list("/data/journal");
    HR_CHECK(segments.has_value());
    for (const std::string& name : *segments) paths.push_back("/data/journal/" + name);
    for (;;) {
      const std::string& path =
          paths[random.one_in(20) ? random.below(2) : random.below(paths.size())];
      const auto file = disk.open(path, OpenMode::kExisting);
      const std::string bytes = *(*file)->read_at(0, *(*file)->size());
      if (bytes.empty()) continue;  // a lock's file
      const std::uint64_t offset = random.below(bytes.size());
      if (bytes[offset] == '\0' && random.below(8) > 0) continue;
      disk.flip_bit(path, offset, static_cast<int>(random.below(8)));
      return path + " byte " + std::to_string(offset);
    }
  }

  Random random_;
  History history_;
  std::string home_;       // the queue that is sent to
  std::vector<Uuid> ids_;  // what it told, by letter
  std::uint64_t receivable_ = 0;
  FakeFileSystem disk_;
  TimePoint end_;
  Inventory expected_;
  Inventory before_last_commit_;
  bool vouched_for_ = false;
};

}  // namespace

std::optional<std::string> flip_bits(std::uint64_t flips, FlipCounts& counts) {
  for (std::uint64_t done = 0; done < flips;) {
    Directory directory(1 + done);
    for (std::uint64_t i = 0; i < kFlipsPerDirectory && done < flips; ++i, ++done) {
      auto wrong = directory.flip_at_rest(counts);
      if (!wrong) wrong = directory.flip_alive(counts);
      if (wrong) return wrong;
    }
  }
  return std::nullopt;
}

}  // namespace headrace::sim

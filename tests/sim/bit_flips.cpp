#include "tests/sim/bit_flips.hpp"

#include <algorithm>

#include <boost/asio/co_spawn.hpp>

#include "base/check.hpp"
#include "tests/sim/inventory.hpp"
#include "tests/support/fake_file_system.hpp"
#include "tests/support/manual_clock.hpp"

namespace headrace::sim {

namespace {

constexpr std::uint64_t kFlipsPerDirectory = 25;
constexpr int kLetters = 40;
constexpr const char* kQueue = "a";

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

// A data directory over several segments, some of its messages deleted, some in flight.
class Directory {
 public:
  explicit Directory(std::uint64_t seed) : random_(seed) {
    history_.queues[kQueue] = QueueSetup();
    auto started = Server::start(disk_, options_at(kTestStart));
    HR_CHECK(started.has_value());
    Server& server = **started;
    result_of(server, server.broker().create_queue({address_of(kQueue), {}, {}}));
    for (int i = 0; i < kLetters; ++i) {
      const int number = history_.new_letter(kQueue, 0);
      before_last_commit_ = take_inventory(server, history_);
      result_of(server, server.broker().send({address_of(kQueue), {{content_of(number), {}}}}));
      if (random_.one_in(3)) receive_one(server);
    }
    // Now and then the last commit is younger than the idle block that would vouch for it.
    vouched_for_ = random_.below(4) > 0;
    if (vouched_for_) pass(server, Duration(1000));
    end_ = server.now();
    expected_ = take_inventory(server, history_);
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
    if (same_messages(found, expected_)) {
      ++counts.harmless;
      return std::nullopt;
    }
    // Until something later vouches for it a damaged commit looks as one that a power cut tore.
    const bool torn = !vouched_for_ && (*started)->recovered_torn_tail();
    if (!torn || !same_messages(found, before_last_commit_)) {
      return where + ": other messages and no word of damage";
    }
    ++counts.torn;
    return std::nullopt;
  }

  // Flips a bit under a server that runs and receives everything.
  std::optional<std::string> flip_alive(FlipCounts& counts) {
    const auto copy = disk_.after_kill();
    copy->chill_page_cache();
    const auto started = Server::start(*copy, options_at(end_));
    HR_CHECK(started.has_value());
    Server& server = **started;
    const std::string where = flip(*copy, random_);
    queue::ReceiveRequest request{address_of(kQueue), 100, UINT64_MAX, std::nullopt, 0};
    Cancellation never;
    const std::size_t visible = server.describe(kQueue)->visible;
    const auto messages = result_of(server, server.broker().receive(request, never));
    for (const queue::ReceivedMessage& message : messages) {
      if (history_.find_letter(message.content) < 0)
        return where + ": a damaged body was handed out";
    }
    if (messages.size() + 1 < visible) return where + ": more than one message was withheld";
    counts.withheld += visible - messages.size();
    return std::nullopt;
  }

 private:
  void receive_one(Server& server) {
    Cancellation never;
    const queue::ReceiveRequest request{address_of(kQueue), 1, UINT64_MAX, 600, 0};
    before_last_commit_ = take_inventory(server, history_);
    const auto messages = result_of(server, server.broker().receive(request, never));
    if (messages.empty() || random_.one_in(2)) return;
    before_last_commit_ = take_inventory(server, history_);
    result_of(server, server.broker().remove({address_of(kQueue), {messages[0].receipt_handle}}));
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
      const std::uint64_t offset = random.below(bytes.size());
      if (bytes[offset] == '\0' && random.below(8) > 0) continue;
      disk.flip_bit(path, offset, static_cast<int>(random.below(8)));
      return path + " byte " + std::to_string(offset);
    }
  }

  Random random_;
  History history_;
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

// What the journal writes and keeps for what it is asked to keep: three mixes of lives on the real
// disk, and how long recovery takes with and without a snapshot.
//
// usage: journal_amplification DIRECTORY [MEGABYTES [LIVE_MESSAGES]]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <queue>
#include <string>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/random.hpp"
#include "queue/journal_keeper.hpp"

namespace headrace::queue {
namespace {

using Steady = std::chrono::steady_clock;

double seconds_since(Steady::time_point start) {
  return std::chrono::duration<double>(Steady::now() - start).count();
}

// What a server has below its broker.
class Bench final : public BodyOwner {
 public:
  enum class Upkeep { kNone, kOn };

  Bench(const std::string& directory, std::uint64_t segment_bytes, Upkeep upkeep)
      : files_(make_posix_file_system()),
        writer_(make_thread_offload(loop, "writer", 1)),
        syncer_(make_thread_offload(loop, "syncer", 1)),
        background_(make_thread_offload(loop, "background", 2)),
        engine(HandleKey{1}, *this) {
    FileJournalOptions options;
    options.directory = directory;
    options.segment_bytes = segment_bytes;
    options.on_failure = [](const headrace::Error&) { std::abort(); };
    const JournalThreads threads{loop, *writer_, *syncer_, *background_};
    const auto start = Steady::now();
    auto opened = FileJournal::open(*files_, clock, threads, options, engine);
    if (!opened) {
      std::fprintf(stderr, "%s\n", opened.error().message.c_str());
      std::exit(1);
    }
    recovery_seconds = seconds_since(start);
    journal = std::move(*opened);
    if (upkeep == Upkeep::kOn) {
      keeper = std::make_unique<JournalKeeper>(*files_, clock, threads, engine, *journal);
    }
  }

  void release(BodyRef body) override {
    if (journal) journal->release(body);
  }

  Queue& make_queue() {
    CreateQueueRecord create;
    create.queue = QueueId(1);
    create.address = QueueAddress{"us-east-1", "000000000000", "q"};
    commit(create);
    return *engine.find(create.queue);
  }

  Lsn commit(const Record& record) {
    std::string frame;
    encode_record(frame, record);
    operation_bytes += frame.size();
    const Appended appended = journal->append(record);
    engine.apply(record, appended.body, appended.lsn);
    return appended.lsn;
  }

  boost::asio::io_context loop;
  SystemClock clock{loop};
  std::uint64_t operation_bytes = 0;
  double recovery_seconds = 0;

 private:
  std::unique_ptr<FileSystem> files_;
  std::unique_ptr<Offload> writer_;
  std::unique_ptr<Offload> syncer_;
  std::unique_ptr<Offload> background_;

 public:
  std::unique_ptr<FileJournal> journal;
  Engine engine;
  std::unique_ptr<JournalKeeper> keeper;
};

struct Mix {
  const char* name;
  std::size_t body_bytes;
  std::uint64_t life;         // of a message, in messages sent meanwhile
  std::uint64_t long_one_in;  // of so many messages one lives `long_life`; 0: none
  std::uint64_t long_life;
};

struct Figures {
  std::uint64_t written = 0;
  std::uint64_t disk_max = 0;
  double space_max = 0;  // (segments and snapshot - 2 segments) / live; without the spares
};

// Files come and go meanwhile.
std::uint64_t bytes_in(const std::string& directory) {
  std::uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    std::error_code gone;
    const std::uint64_t size = entry.file_size(gone);
    if (!gone) bytes += size;
  }
  return bytes;
}

// Sends, leases and deletes in batches of 100, each batch one commit.
class Load {
 public:
  Load(Bench& bench, Mix mix) : bench_(bench), mix_(mix), queue_(bench.make_queue()) {
    content_.body = std::string(mix.body_bytes, 'x');
    content_.body_md5 = md5(content_.body);
    content_.sender_id = "000000000000";
  }

  void send() {
    for (std::uint64_t i = 0; i < kBatch; ++i, ++sent_) {
      const SendEntry entry{content_, std::nullopt};
      const auto decision =
          bench_.engine.decide_send(queue_, entry, random_.uuid(), bench_.clock.now());
      const std::uint64_t before = bench_.operation_bytes;
      bench_.commit(*decision->record);
      frame_bytes_ = bench_.operation_bytes - before;
      const bool lasting = mix_.long_one_in != 0 && sent_ % mix_.long_one_in == 0;
      // Lives spread evenly from nothing to twice the mean.
      const std::uint64_t life = random_.below(2 * (lasting ? mix_.long_life : mix_.life) + 1);
      ends_.emplace(sent_ + life, decision->record->sequence.value());
    }
  }

  // Receives and deletes what has lived long enough.
  void end() {
    ReceiveRecord lease;
    lease.queue = queue_.id();
    lease.time = bench_.clock.now();
    lease.until = lease.time + std::chrono::seconds(30);
    for (; !ends_.empty() && ends_.top().first <= sent_; ends_.pop()) {
      lease.leased.push_back(Sequence(ends_.top().second));
    }
    if (lease.leased.empty()) return;
    bench_.commit(lease);
    for (const Sequence sequence : lease.leased) {
      bench_.commit(DeleteRecord{queue_.id(), sequence, lease.time});
    }
  }

  std::uint64_t live_bytes() const { return queue_.messages().count_all() * frame_bytes_; }

 private:
  static constexpr std::uint64_t kBatch = 100;
  using End = std::pair<std::uint64_t, std::uint64_t>;  // when, and which message

  Bench& bench_;
  Mix mix_;
  Queue& queue_;
  Random random_{1};
  MessageContent content_;
  std::priority_queue<End, std::vector<End>, std::greater<>> ends_;
  std::uint64_t sent_ = 0;
  std::uint64_t frame_bytes_ = 0;
};

void look_at_space(const Bench& bench, const Load& load, const std::string& directory,
                   Figures& figures) {
  figures.disk_max = std::max(figures.disk_max, bytes_in(directory));
  const std::uint64_t spared = 2 * bench.journal->options().segment_bytes;
  const FileJournal::Space space = bench.journal->space();
  const std::uint64_t used = space.segment_bytes + space.snapshot_bytes;
  const double above = used > spared ? static_cast<double>(used - spared) : 0;
  figures.space_max =
      std::max(figures.space_max, above / static_cast<double>(load.live_bytes() + 1));
}

boost::asio::awaitable<void> run(Bench& bench, Mix mix, std::string directory,
                                 std::uint64_t megabytes, Figures& figures) {
  constexpr std::uint64_t kBatchesPerLook = 50;
  Load load(bench, mix);
  for (std::uint64_t batch = 1; bench.operation_bytes < megabytes << 20; ++batch) {
    const Status room = co_await bench.journal->room(RoomFor::kSend);
    if (!room) std::abort();
    load.send();
    load.end();
    co_await bench.journal->wait_durable(bench.journal->last());
    if (batch % kBatchesPerLook == 0) look_at_space(bench, load, directory, figures);
  }
  figures.written = bench.journal->space().block_bytes + bench.keeper->snapshot_bytes_total();
  co_await bench.journal->close();
  co_await bench.keeper->join();
  bench.loop.stop();
}

void measure(const Mix& mix, const std::string& root, std::uint64_t megabytes,
             std::uint64_t segment) {
  const std::string directory = root + "/journal";
  std::filesystem::remove_all(directory);
  Bench bench(directory, segment, Bench::Upkeep::kOn);
  Figures figures;
  const auto start = Steady::now();
  boost::asio::co_spawn(bench.loop, run(bench, mix, directory, megabytes, figures),
                        [](std::exception_ptr error) {
                          if (error) std::rethrow_exception(error);
                        });
  bench.loop.run();
  const double live = static_cast<double>(bench.journal->space().live_bytes) / 1e6;
  std::printf(
      "%-34s written/operations %.3f  copied %.3f  snapshots %.3f  live %.1f MB  "
      "all files max %.1f MB  (used - 2 segments)/live max %.2f  %.1f MB/s\n",
      mix.name, static_cast<double>(figures.written) / static_cast<double>(bench.operation_bytes),
      static_cast<double>(bench.keeper->copied_bytes_total()) /
          static_cast<double>(bench.operation_bytes),
      static_cast<double>(bench.keeper->snapshot_bytes_total()) /
          static_cast<double>(bench.operation_bytes),
      live, static_cast<double>(figures.disk_max) / 1e6, figures.space_max,
      static_cast<double>(bench.operation_bytes) / 1e6 / seconds_since(start));
  std::fflush(stdout);
}

// Fills a journal without upkeep, opens it; then takes a snapshot and opens it again.
boost::asio::awaitable<void> fill(Bench& bench, std::uint64_t messages) {
  Queue& queue = bench.make_queue();
  Random random(1);
  MessageContent content;
  content.body = std::string(1024, 'x');
  content.body_md5 = md5(content.body);
  for (std::uint64_t i = 0; i < messages; ++i) {
    if (i % 500 == 0) {
      const Status room = co_await bench.journal->room(RoomFor::kSend);
      if (!room) std::abort();
    }
    const SendEntry entry{content, std::nullopt};
    const auto decision = bench.engine.decide_send(queue, entry, random.uuid(), bench.clock.now());
    bench.commit(*decision->record);
  }
  co_await bench.journal->close();
  bench.loop.stop();
}

boost::asio::awaitable<void> snapshot(Bench& bench, double& seconds, double& turn_max_ms) {
  const auto start = Steady::now();
  // Every turn of the loop between two posts of this coroutine is one slice of the snapshot.
  bench.keeper->begin();
  while (bench.keeper->working()) {
    const auto turn = Steady::now();
    co_await boost::asio::post(bench.loop, boost::asio::use_awaitable);
    turn_max_ms = std::max(turn_max_ms, seconds_since(turn) * 1e3);
  }
  seconds = seconds_since(start);
  co_await bench.journal->close();
  co_await bench.keeper->join();
  bench.loop.stop();
}

void measure_recovery(const std::string& root, std::uint64_t messages) {
  const std::string directory = root + "/journal";
  std::filesystem::remove_all(directory);
  constexpr std::uint64_t kSegment = std::uint64_t{16} << 20;
  const auto raise = [](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
  };
  {
    Bench bench(directory, kSegment, Bench::Upkeep::kNone);
    boost::asio::co_spawn(bench.loop, fill(bench, messages), raise);
    bench.loop.run();
  }
  double without = 0;
  double seconds = 0;
  double turn_max_ms = 0;
  {
    Bench bench(directory, kSegment, Bench::Upkeep::kOn);
    without = bench.recovery_seconds;
    boost::asio::co_spawn(bench.loop, snapshot(bench, seconds, turn_max_ms), raise);
    bench.loop.run();
  }
  const Bench bench(directory, kSegment, Bench::Upkeep::kNone);
  std::printf(
      "recovery of %llu living messages: %.2f s without a snapshot, %.2f s with one of "
      "%.1f MB, which took %.2f s, longest turn %.2f ms\n",
      static_cast<unsigned long long>(messages), without, bench.recovery_seconds,
      static_cast<double>(bench.journal->space().snapshot_bytes) / 1e6, seconds, turn_max_ms);
}

}  // namespace
}  // namespace headrace::queue

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: journal_amplification DIRECTORY [MEGABYTES [LIVE_MESSAGES]]\n");
    return 2;
  }
  const std::string root = std::string(argv[1]) + "/amplification";
  const auto megabytes = static_cast<std::uint64_t>(argc > 2 ? std::atoll(argv[2]) : 1000);
  const auto messages = static_cast<std::uint64_t>(argc > 3 ? std::atoll(argv[3]) : 1'000'000);
  std::filesystem::create_directories(root);
  using headrace::queue::measure;
  using headrace::queue::Mix;
  // Segments of 2 MiB, so that a run of a gigabyte is long against them.
  constexpr std::uint64_t kSegment = std::uint64_t{2} << 20;
  measure(Mix{"all short-lived", 1024, 2000, 0, 0}, root, megabytes, kSegment);
  measure(Mix{"1 % living 1,000 times longer", 1024, 1000, 100, 1'000'000}, root, 3 * megabytes,
          kSegment);
  measure(Mix{"100 B bodies, deep queue", 100, 100'000, 0, 0}, root, megabytes, kSegment);
  headrace::queue::measure_recovery(root, messages);
  std::filesystem::remove_all(root);
  return 0;
}

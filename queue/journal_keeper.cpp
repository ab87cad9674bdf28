#include "queue/journal_keeper.hpp"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.hpp"
#include "queue/data_directory.hpp"

namespace headrace::queue {
namespace asio = boost::asio;

namespace {

// Items of a snapshot, and messages looked at, in one turn of the loop: well under a millisecond.
constexpr std::size_t kItemsPerTurn = 400;
// What one step copies; it shares a commit with whatever else is written.
constexpr std::size_t kCopiedBytesPerTurn = std::size_t{256} << 10;
constexpr std::size_t kCopiedMessagesPerTurn = 128;
constexpr Duration kPutOff = std::chrono::seconds(1);

}  // namespace

JournalKeeper::JournalKeeper(FileSystem& files, Clock& clock, const JournalThreads& threads,
                             Engine& engine, FileJournal& journal)
    : files_(files),
      clock_(clock),
      threads_(threads),
      engine_(engine),
      journal_(journal),
      tasks_(threads.loop.get_executor()) {
  // The lock's file is made by who owns the journal, not by the first backup.
  files_.lock(journal_.options().directory + "/" + kUpkeepLock, IfHeld::kFail);
  journal_.on_sync([this] { check(); });
}

JournalKeeper::~JournalKeeper() {
  journal_.on_sync({});
  if (put_off_) clock_.cancel(*put_off_);
}

void JournalKeeper::stop() {
  stopping_ = true;
  if (put_off_) clock_.cancel(*std::exchange(put_off_, std::nullopt));
}

asio::awaitable<void> JournalKeeper::join() { return tasks_.join(); }

bool JournalKeeper::snapshot_due() const {
  const FileJournal::Space space = journal_.space();
  const std::uint64_t two_segments = 2 * journal_.options().segment_bytes;
  const std::uint64_t kept = space.live_bytes + space.snapshot_bytes;
  if (space.disk_full && space.dead_bytes > 0) return true;
  return space.written_bytes > std::max(two_segments, 2 * kept);
}

std::uint64_t JournalKeeper::to_be_won() const {
  const FileJournal::Space space = journal_.space();
  const std::uint64_t segment = journal_.options().segment_bytes;
  const std::uint64_t kept = space.live_bytes + space.snapshot_bytes;
  if (space.segment_bytes <= 3 * kept + 2 * segment) return 0;
  return space.segment_bytes - (2 * kept + segment);
}

void JournalKeeper::check() {
  if (working_ || stopping_ || put_off_ || journal_.space().written_bytes < rest_until_written_)
    return;
  if (snapshot_due() || to_be_won() > 0) begin();
}

void JournalKeeper::begin() {
  if (working_ || stopping_) return;
  working_ = true;
  tasks_.spawn("journal upkeep", work());
}

asio::awaitable<void> JournalKeeper::work() {
  rest_until_written_ = 0;
  const LockedFiles locked = co_await lock_files();
  if (!locked && locked.error().code == headrace::ErrorCode::kExists) {
    put_off();
    working_ = false;
    co_return;
  }
  if (!locked) log_warning("upkeep without its lock reason={}", locked.error().message);
  const std::uint64_t before = journal_.space().segment_bytes;
  const std::uint64_t wanted = to_be_won();
  const std::uint64_t dead = journal_.space().dead_bytes;
  if (wanted > dead) {
    co_await copy_out(journal_.sparse_segments(wanted - dead));
  }
  if (!stopping_) {
    co_await take_snapshot();
  }
  if (journal_.space().segment_bytes >= before) {
    rest_until_written_ = journal_.space().written_bytes + journal_.options().segment_bytes / 2;
  }
  working_ = false;
}

// Nobody says when a backup has ended, and a full disk may be waiting for it.
void JournalKeeper::put_off() {
  if (stopping_) return;
  log_info("upkeep of the journal waits for a backup");
  put_off_ = clock_.call_at(clock_.now() + kPutOff, [this] {
    put_off_.reset();
    check();
  });
}

// Whatever else is wrong with the lock's file, a disk may need upkeep: only a backup puts it off,
// and a backup is checked when it is made.
asio::awaitable<JournalKeeper::LockedFiles> JournalKeeper::lock_files() {
  LockedFiles locked = headrace::Error{};
  const std::function<void()> work = [&] {
    locked = files_.lock(journal_.options().directory + "/" + kUpkeepLock, IfHeld::kFail);
  };
  co_await threads_.background.carry_out(work);
  co_return locked;
}

asio::awaitable<void> JournalKeeper::take_snapshot() {
  const std::vector<std::uint64_t> freed = journal_.begin_snapshot();
  const QueueId last_queue = engine_.last_queue_id();
  SnapshotWriter writer(files_, journal_.options().directory, journal_.options().store,
                        journal_.last());
  engine_.begin_snapshot();
  SnapshotEncoder encoder;
  headrace::Status status;
  // A snapshot that cannot be written is walked to its end all the same.
  while (engine_.snapshot_slice(encoder, kItemsPerTurn)) {
    if (stopping_) co_return;
    if (encoder.size() < kSnapshotChunkBytes) {
      co_await asio::post(threads_.loop, asio::use_awaitable);
      continue;
    }
    const std::string payload = encoder.take_payload();
    if (status) {
      status = co_await write(writer, payload, SnapshotWriter::Chunk::kMiddle);
    }
  }
  encoder.add_end(last_queue, clock_.now());
  if (status) {
    const std::string payload = encoder.take_payload();
    status = co_await write(writer, payload, SnapshotWriter::Chunk::kLast);
  }
  if (status) {
    status = co_await publish(writer);
  }
  if (status) {
    snapshot_bytes_total_ += writer.bytes();
    // A journal that closes waits for nothing that begins now: the next start frees what is
    // covered.
    if (!stopping_) journal_.end_snapshot(freed, writer.bytes());
    co_return;
  }
  const std::function<void()> discard = [&writer] { writer.discard(); };
  co_await threads_.background.carry_out(discard);
  journal_.abandon_snapshot();
  if (!stopping_) log_error("a snapshot was not written reason={}", status.error().message);
}

// A full disk gives up a spare segment once: what the snapshot frees is worth more.
asio::awaitable<headrace::Status> JournalKeeper::write(SnapshotWriter& writer,
                                                       const std::string& payload,
                                                       SnapshotWriter::Chunk chunk) {
  headrace::Status status;
  const std::function<void()> write = [&] { status = writer.write(payload, chunk); };
  co_await threads_.background.carry_out(write);
  if (!status) {
    const bool retry = co_await journal_.give_up_spare();
    if (retry) {
      co_await threads_.background.carry_out(write);
    }
  }
  co_return status;
}

// The snapshot left out what purges and deletions made unnecessary: it may count only when the
// records that say so are durable, as must be all that it tells.
asio::awaitable<headrace::Status> JournalKeeper::publish(SnapshotWriter& writer) {
  const bool synced = co_await journal_.wait_synced(journal_.last());
  if (!synced) {
    co_return headrace::Error{headrace::ErrorCode::kUnavailable, "the journal ended"};
  }
  headrace::Status status;
  const std::function<void()> work = [&] { status = writer.publish(); };
  co_await threads_.background.carry_out(work);
  co_return status;
}

asio::awaitable<void> JournalKeeper::copy_out(std::set<std::uint64_t> segments) {
  Engine::BodySearch search;
  search.segments = std::move(segments);
  std::vector<Engine::Located> found;
  std::size_t bytes = 0;
  bool more = true;
  while (more && !stopping_) {
    std::vector<Engine::Located> step;
    more = engine_.find_bodies(search, kItemsPerTurn, step);
    for (const Engine::Located& body : step) {
      found.push_back(body);
      bytes += body.body.size;
      if (bytes < kCopiedBytesPerTurn && found.size() < kCopiedMessagesPerTurn) continue;
      co_await copy(found);
      found.clear();
      bytes = 0;
    }
    co_await asio::post(threads_.loop, asio::use_awaitable);
  }
  if (!found.empty() && !stopping_) {
    co_await copy(found);
  }
}

asio::awaitable<void> JournalKeeper::copy(const std::vector<Engine::Located>& bodies) {
  // Between two steps a message may have gone, with its bytes.
  std::vector<Engine::Located> alive;
  std::vector<BodyRef> places;
  for (const Engine::Located& one : bodies) {
    const auto now = engine_.body_of(one.queue, one.sequence);
    if (!now || now->place != one.body.place) continue;
    alive.push_back(one);
    places.push_back(one.body);
  }
  const std::vector<std::string> stored = co_await journal_.read_stored(std::move(places));
  const Status room = co_await journal_.room(RoomFor::kUpkeep);
  if (!room || stopping_) co_return;
  for (std::size_t i = 0; i < alive.size(); ++i) {
    const auto now = engine_.body_of(alive[i].queue, alive[i].sequence);
    if (stored[i].empty() || !now || now->place != alive[i].body.place) continue;
    const Record record = BodyCopyRecord{alive[i].queue, alive[i].sequence, stored[i]};
    const Appended appended = journal_.append(record);
    engine_.apply(record, appended.body, appended.lsn);
    copied_bytes_total_ += stored[i].size();
  }
  // Foreground work goes first: the next step waits for the commit of this one.
  const bool synced = co_await journal_.wait_synced(journal_.last());
  static_cast<void>(synced);
}

}  // namespace headrace::queue

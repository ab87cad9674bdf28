// The part of FileJournal that knows what space is worth keeping: live bodies per segment, what a
// snapshot sets free, and segments used again.
#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "base/log.hpp"
#include "base/mutant.hpp"
#include "queue/file_journal.hpp"
#include "queue/recovery.hpp"

namespace headrace::queue {
namespace asio = boost::asio;

namespace {

// Freed segments kept to be used again, beside the spares.
constexpr std::size_t kReclaimedMax = 2;

}  // namespace

// After recovery: whose bodies are where. A snapshot may name bodies in a segment that is gone.
headrace::Status FileJournal::count_bodies(Engine& engine) {
  std::optional<std::uint64_t> missing;
  engine.visit_bodies([&](BodyRef body) {
    const auto found = segments_.find(body.place >> 32);
    const std::uint64_t end = (body.place & UINT32_MAX) + body.size;
    if (found == segments_.end() || end > found->second->bytes) {
      missing = body.place >> 32;
      return;
    }
    found->second->live_bytes += body.size;
    space_.live_bytes += body.size;
  });
  for (const auto& [number, segment] : segments_) {
    space_.segment_bytes += segment->bytes;
    if (segment->live_bytes == 0) space_.dead_bytes += segment->bytes;
  }
  if (!missing) return {};
  return headrace::Error{
      headrace::ErrorCode::kCorrupt,
      "the journal is damaged: " + segment_file_name(*missing) +
          " is missing or too short, and messages that are alive are stored in it"};
}

void FileJournal::release(BodyRef body) {
  if (HR_MUTANT(2)) return;  // two copies share one body
  const auto found = segments_.find(body.place >> 32);
  HR_CHECK(found != segments_.end());
  Segment& segment = *found->second;
  HR_CHECK(body.size > 0);
  HR_CHECK(segment.live_bytes >= body.size);
  segment.live_bytes -= body.size;
  space_.live_bytes -= body.size;
  if (segment.live_bytes == 0 && found->second != active_) space_.dead_bytes += segment.bytes;
}

FileJournal::Space FileJournal::space() const {
  Space space = space_;
  space.disk_full = disk_full_;
  return space;
}

asio::awaitable<bool> FileJournal::wait_synced(Lsn lsn) {
  while (synced_ < lsn && !failed_ && !closing_) {
    co_await sync_ended_.wait();
  }
  co_return synced_ >= lsn && !failed_;
}

// The segment with the newest record stays, so that the log goes on where the snapshot ends.
std::vector<std::uint64_t> FileJournal::begin_snapshot() {
  space_.written_bytes = 0;
  std::vector<std::uint64_t> free;
  for (const auto& [number, segment] : segments_) {
    const bool closed = segment != active_ && segment->last_lsn < last_;
    if (closed && segment->live_bytes == 0) free.push_back(number);
  }
  return free;
}

void FileJournal::end_snapshot(const std::vector<std::uint64_t>& freed,
                               std::uint64_t snapshot_bytes) {
  space_.snapshot_bytes = snapshot_bytes;
  leaving_space_ = false;
  std::vector<std::shared_ptr<Segment>> surplus;
  for (const std::uint64_t number : freed) {
    const auto found = segments_.find(number);
    // A read that began before its message went is still under way: the next snapshot frees it.
    if (found->second->readers > 0) continue;
    const std::shared_ptr<Segment> segment = found->second;
    HR_CHECK(segment->live_bytes == 0);
    segments_.erase(found);
    space_.segment_bytes -= segment->bytes;
    space_.dead_bytes -= segment->bytes;
    const bool whole = segment->bytes == options_.segment_bytes;
    if (whole && reclaimed_.size() < kReclaimedMax) {
      reclaimed_.push_back(segment);
    } else {
      surplus.push_back(segment);
    }
  }
  remove_later(std::move(surplus));
  prepare_spare();
}

// A file that comes back after a crash is covered by the snapshot: nothing waits for its end.
void FileJournal::remove_later(std::vector<std::shared_ptr<Segment>> segments) {
  if (segments.empty()) return;
  std::vector<std::string> paths;
  for (const auto& segment : segments) paths.push_back(path_of(segment->number));
  ++removing_;
  threads_.background.run(
      [this, paths] {
        for (const std::string& path : paths) {
          const headrace::Status status = files_.unlink(path);
          if (!status) log_error("could not remove a segment reason={}", status.error().message);
        }
      },
      [this] {
        --removing_;
        room_.notify_all();
        prepare_spare();
      });
}

// The new name is durable before the first block of its new life is written.
headrace::Result<std::shared_ptr<FileJournal::Segment>> FileJournal::reuse_segment(
    const std::shared_ptr<Segment>& old, std::uint64_t number) {
  headrace::Status status = files_.rename(path_of(old->number), path_of(number));
  if (status) status = files_.sync_directory(options_.directory);
  if (!status) return status.error();
  auto segment = std::make_shared<Segment>();
  segment->number = number;
  segment->bytes = old->bytes;
  segment->file = std::move(old->file);
  segment->generation = old->generation + 1;
  return segment;
}

asio::awaitable<bool> FileJournal::give_up_spare() {
  if (spares_.empty()) co_return false;
  const std::string path = path_of(spares_.back()->number);
  spares_.pop_back();
  leaving_space_ = true;
  headrace::Status status;
  const std::function<void()> work = [&] { status = files_.unlink(path); };
  co_await threads_.background.carry_out(work);
  co_return status.has_value();
}

void FileJournal::abandon_snapshot() {
  leaving_space_ = false;
  prepare_spare();
}

std::set<std::uint64_t> FileJournal::sparse_segments(std::uint64_t bytes) const {
  std::vector<const Segment*> candidates;
  for (const auto& [number, segment] : segments_) {
    const bool alive = segment->live_bytes > 0 && !segment->damaged;
    const bool closed = segment != active_ && segment->last_lsn <= synced_;
    if (alive && closed) candidates.push_back(segment.get());
  }
  const auto sparser = [](const Segment* a, const Segment* b) {
    return a->live_bytes * b->bytes < b->live_bytes * a->bytes;
  };
  std::sort(candidates.begin(), candidates.end(), sparser);
  std::set<std::uint64_t> chosen;
  std::uint64_t won = 0;
  for (const Segment* segment : candidates) {
    if (won >= bytes) break;
    won += segment->bytes - std::min(segment->bytes, segment->live_bytes);
    chosen.insert(segment->number);
  }
  return chosen;
}

asio::awaitable<std::vector<std::string>> FileJournal::read_stored(std::vector<BodyRef> bodies) {
  std::vector<std::shared_ptr<Segment>> segments;
  for (const BodyRef body : bodies) {
    segments.push_back(segments_.at(body.place >> 32));
    ++segments.back()->readers;
  }
  std::vector<std::string> stored(bodies.size());
  const std::function<void()> work = [&] {
    for (std::size_t i = 0; i < bodies.size(); ++i) {
      auto bytes = segments[i]->file->read_at(bodies[i].place & UINT32_MAX, bodies[i].size);
      if (bytes && decode_stored(*bytes)) stored[i] = std::move(*bytes);
    }
  };
  co_await threads_.background.carry_out(work);
  for (std::size_t i = 0; i < bodies.size(); ++i) {
    --segments[i]->readers;
    if (stored[i].empty()) segments[i]->damaged = true;
  }
  co_return stored;
}

}  // namespace headrace::queue

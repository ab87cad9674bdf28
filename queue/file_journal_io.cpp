// The half of FileJournal that moves bytes: writing blocks, syncing them, reading bodies back.
#include <algorithm>

#include "base/check.hpp"
#include "base/log.hpp"
#include "base/mutant.hpp"
#include "queue/file_journal.hpp"

namespace headrace::queue {
namespace asio = boost::asio;

namespace {

constexpr std::size_t kRecentBytesMax = std::size_t{8} << 20;
constexpr Duration kIdleBlockDelay{50};
constexpr Duration kOsSyncInterval{1000};

}  // namespace

void FileJournal::flush() {
  if (writing_ || failed_) return;
  close_block();
  if (closed_.empty()) return;
  writing_ = true;
  auto blocks = std::make_shared<Blocks>(std::exchange(closed_, {}));
  auto status = std::make_shared<headrace::Status>();
  threads_.writer.run([blocks, status] { *status = write_blocks(*blocks); },
                      [this, blocks, status] { on_written(*blocks, *status); });
}

// On the writer's thread. Readers may look at the payload meanwhile: only the header changes.
headrace::Status FileJournal::write_blocks(const Blocks& blocks) {
  for (const std::shared_ptr<Block>& block : blocks) {
    Segment& segment = *block->segment;
    if (!segment.header.empty()) {
      if (const auto status = segment.file->write_at(0, segment.header); !status) return status;
      segment.header.clear();
    }
    finish_block(block->bytes, block->header);
    const auto status = segment.file->write_at(block->header.offset, block->bytes);
    if (!status) return status;
  }
  return {};
}

void FileJournal::on_written(const Blocks& blocks, const headrace::Status& status) {
  writing_ = false;
  if (failed_) return;
  if (!status) return fail(status.error());
  Lsn last = written_.value();
  for (const std::shared_ptr<Block>& block : blocks) {
    buffered_bytes_ -= block->header.payload_bytes;
    if (block->header.records > 0) last = block->header.last_lsn();
    if (unsynced_.empty() || unsynced_.back() != block->segment)
      unsynced_.push_back(block->segment);
  }
  written_.raise_to(last);
  if (options_.durability == Durability::kOs || HR_MUTANT(1)) durable_.raise_to(last);
  forget_old_blocks();
  room_.notify_all();
  prepare_spare();
  start_sync();
  flush();
}

void FileJournal::start_sync() {
  if (syncing_ || sync_timer_ || failed_ || written_.value() == synced_) return;
  if (options_.durability != Durability::kOs || closing_) return sync_now();
  sync_timer_ = clock_.call_at(clock_.now() + kOsSyncInterval, [this] {
    sync_timer_.reset();
    sync_now();
  });
}

void FileJournal::sync_now() {
  syncing_ = true;
  const Lsn target = written_.value();
  auto segments =
      std::make_shared<std::vector<std::shared_ptr<Segment>>>(std::exchange(unsynced_, {}));
  auto status = std::make_shared<headrace::Status>();
  const auto sync = [segments, status, target] {
    if (HR_MUTANT(6) && target.value() % 5 == 0) return;
    for (const std::shared_ptr<Segment>& segment : *segments) {
      if (status->has_value()) *status = segment->file->sync();
    }
  };
  threads_.syncer.run(sync, [this, target, status] { on_synced(target, *status); });
}

void FileJournal::on_synced(Lsn synced, const headrace::Status& status) {
  syncing_ = false;
  if (failed_) return;
  if (!status) return fail(status.error());
  synced_ = synced;
  durable_.raise_to(synced);
  room_.notify_all();
  sync_ended_.notify_all();
  if (on_sync_) on_sync_();
  start_sync();
  if (syncing_ || idle_block_timer_) return;
  idle_block_timer_ = clock_.call_at(clock_.now() + kIdleBlockDelay, [this] {
    idle_block_timer_.reset();
    write_idle_block();
  });
}

// An empty block after the last sync tells recovery that the blocks before it were durable, so that
// damage to the newest of them is found too.
void FileJournal::write_idle_block() {
  const bool idle = !writing_ && !syncing_ && !open_ && closed_.empty() && !failed_;
  if (!idle || next_offset_ + kSectorBytes > active_->bytes) return;
  auto block = std::make_shared<Block>();
  block->segment = active_;
  block->header.first_lsn = last_.next();
  block->header.synced_lsn = synced_;
  block->header.segment = active_->number;
  block->header.offset = static_cast<std::uint32_t>(next_offset_);
  block->header.generation = active_->generation;
  block->header.time = clock_.now();
  block->bytes.resize(kSectorBytes);
  next_offset_ += kSectorBytes;
  closed_.push_back(std::move(block));
  flush();
}

void FileJournal::forget_old_blocks() {
  while (recent_bytes_ > kRecentBytesMax && recent_.size() > 1 &&
         recent_.front()->header.last_lsn() <= written_.value()) {
    recent_bytes_ -= kBlockHeaderBytes + recent_.front()->header.payload_bytes;
    recent_.pop_front();
  }
}

void FileJournal::fail(const headrace::Error& error) {
  if (failed_) return;
  failed_ = true;
  log_error("the journal failed, nothing more is acknowledged reason={}", error.message);
  room_.notify_all();
  sync_ended_.notify_all();
  if (options_.on_failure) options_.on_failure(error);
}

std::optional<std::string_view> FileJournal::find_recent(BodyRef body) const {
  const std::uint64_t segment = body.place >> 32;
  const auto offset = static_cast<std::uint32_t>(body.place);
  const auto within = [&](const Block& block) -> std::optional<std::string_view> {
    if (block.header.segment != segment || offset < block.header.offset) return std::nullopt;
    const std::size_t at = offset - block.header.offset;
    if (at + body.size > block.bytes.size()) return std::nullopt;
    return std::string_view(block.bytes).substr(at, body.size);
  };
  if (open_) {
    if (const auto found = within(*open_)) return found;
  }
  const auto after = std::upper_bound(
      recent_.begin(), recent_.end(), body.place, [](std::uint64_t place, const auto& block) {
        return place < (block->header.segment << 32 | block->header.offset);
      });
  if (after == recent_.begin()) return std::nullopt;
  return within(**std::prev(after));
}

asio::awaitable<std::optional<StoredMessage>> FileJournal::read(BodyRef body) {
  if (const auto recent = find_recent(body)) co_return decode_stored(*recent);
  const auto found = segments_.find(body.place >> 32);
  HR_CHECK(found != segments_.end());
  const std::shared_ptr<Segment> segment = found->second;
  const std::uint64_t offset = body.place & UINT32_MAX;
  headrace::Result<std::string> bytes = segment->file->read_cached(offset, body.size);
  if (!bytes && bytes.error().code == headrace::ErrorCode::kUnavailable) {
    const std::function<void()> work = [&] { bytes = segment->file->read_at(offset, body.size); };
    ++segment->readers;
    co_await threads_.background.carry_out(work);
    --segment->readers;
  }
  std::optional<StoredMessage> stored;
  if (bytes) stored = decode_stored(*bytes);
  if (!stored) {
    log_error("a stored message is damaged and is not served segment={} offset={} reason={}",
              segment->number, offset, bytes ? "checksum" : bytes.error().message);
  }
  co_return stored;
}

asio::awaitable<void> FileJournal::close() {
  closing_ = true;
  sync_ended_.notify_all();
  room_.notify_all();
  if (sync_timer_) {
    clock_.cancel(*sync_timer_);
    sync_timer_.reset();
  }
  start_sync();
  // The background thread still works for a journal that prepares a segment. A failed journal has
  // said so; there is nothing else left to wait for.
  while (preparing_ || removing_ > 0 || (!failed_ && (synced_ != last_ || writing_ || syncing_))) {
    co_await room_.wait();
  }
  write_idle_block();
  // A segment in the making refers to this journal from another thread.
  while (preparing_ || removing_ > 0 || (!failed_ && writing_)) {
    co_await room_.wait();
  }
}

}  // namespace headrace::queue

#include "queue/file_journal.hpp"

#include <algorithm>

#include <boost/asio/post.hpp>

#include "base/check.hpp"
#include "base/log.hpp"
#include "base/mutant.hpp"
#include "queue/recovery.hpp"

namespace headrace::queue {
namespace asio = boost::asio;

namespace {

constexpr std::size_t kBlockBytesTarget = std::size_t{256} << 10;
constexpr std::size_t kBufferBytesMax = std::size_t{64} << 20;
constexpr std::size_t kRequestBytesMax = std::size_t{2} << 20;  // what one request may append
// Two are held back, see RoomFor; the third is the next one to be used.
constexpr std::size_t kSpareSegments = 3;

// Spares that must stay when this has taken its room.
std::size_t held_back(RoomFor purpose) {
  switch (purpose) {
    case RoomFor::kSend: return 2;
    case RoomFor::kOther: return 1;
    case RoomFor::kUpkeep: return 0;
  }
  return 0;
}

}  // namespace

FileJournal::FileJournal(FileSystem& files, Clock& clock, JournalThreads threads,
                         FileJournalOptions options)
    : files_(files), clock_(clock), threads_(threads), options_(std::move(options)) {}

FileJournal::~FileJournal() {
  if (idle_block_timer_) clock_.cancel(*idle_block_timer_);
  if (sync_timer_) clock_.cancel(*sync_timer_);
}

headrace::Result<std::unique_ptr<FileJournal>> FileJournal::open(FileSystem& files, Clock& clock,
                                                                 JournalThreads threads,
                                                                 FileJournalOptions options,
                                                                 Engine& engine) {
  std::unique_ptr<FileJournal> journal(new FileJournal(files, clock, threads, std::move(options)));
  const headrace::Status status = journal->recover(engine);
  if (!status) return status.error();
  return journal;
}

headrace::Status FileJournal::recover(Engine& engine) {
  headrace::Status status = files_.create_directory(options_.directory);
  if (!status) return status;
  const auto recovered =
      recover_journal(files_, options_.directory, options_.store, replay_into(engine));
  if (!recovered) return recovered.error();
  last_ = recovered->last_lsn;
  if (!HR_MUTANT(9)) last_time_ = recovered->last_time;
  torn_ = recovered->torn;
  for (const std::string& warning : recovered->warnings) log_warning("{}", warning);
  if (recovered->snapshot) space_.snapshot_bytes = recovered->snapshot->bytes;
  status = tidy_up(*recovered);
  if (status) status = count_bodies(engine);
  if (!status) return status;
  written_.raise_to(last_);
  durable_.raise_to(last_);
  synced_ = last_;
  if (spares_.empty()) {
    auto first = make_segment(next_segment_++, options_.first_segment_bytes);
    if (!first) return first.error();
    spares_.push_back(*first);
  }
  activate_next_segment();
  return {};
}

// Recovered records are made durable, a torn tail is cut, and what held only a torn tail goes, so
// that no stale block can ever be taken for a new one. New records start a segment of their own.
headrace::Status FileJournal::tidy_up(const Recovered& recovered) {
  for (const std::string& name : recovered.unfinished) {
    if (const auto status = files_.unlink(options_.directory + "/" + name); !status) return status;
  }
  for (const RecoveredSegment& covered : recovered.covered) {
    if (const auto status = open_recovered(covered); !status) return status;
  }
  for (const RecoveredSegment& used : recovered.used) {
    if (const auto status = open_recovered(used); !status) return status;
    previous_end_ = used.valid_end;
    space_.written_bytes += used.valid_end;
    const bool cut = used.valid_end < used.file_bytes;
    File& file = *segments_[used.segment]->file;
    if (cut) {
      if (const auto status = file.truncate(used.valid_end); !status) return status;
    }
    if (const auto status = file.sync(); !status) return status;
  }
  for (const RecoveredSegment& unused : recovered.unused) {
    next_segment_ = std::max(next_segment_, unused.segment + 1);
    const std::string path = path_of(unused.segment);
    const bool usable = !recovered.torn && unused.reusable &&
                        unused.file_bytes >= options_.first_segment_bytes &&
                        (recovered.used.empty() || unused.segment > recovered.used.back().segment);
    if (!usable) {
      if (const auto status = files_.unlink(path); !status) return status;
      continue;
    }
    auto file = files_.open(path, OpenMode::kExisting);
    if (!file) return file.error();
    const std::uint64_t bytes = unused.file_bytes / kSectorBytes * kSectorBytes;
    auto spare = std::make_shared<Segment>();
    spare->number = unused.segment;
    spare->bytes = bytes;
    spare->file = std::move(*file);
    spare->generation = unused.generation;
    spares_.push_back(std::move(spare));
  }
  return files_.sync_directory(options_.directory);
}

headrace::Status FileJournal::open_recovered(const RecoveredSegment& recovered) {
  auto file = files_.open(path_of(recovered.segment), OpenMode::kExisting);
  if (!file) return file.error();
  next_segment_ = recovered.segment + 1;
  auto segment = std::make_shared<Segment>();
  segment->number = recovered.segment;
  segment->bytes = recovered.valid_end;
  segment->file = std::move(*file);
  segment->generation = recovered.generation;
  segment->last_lsn = recovered.last_lsn;
  segments_[recovered.segment] = std::move(segment);
  return {};
}

std::string FileJournal::path_of(std::uint64_t segment) const {
  return options_.directory + "/" + segment_file_name(segment);
}

headrace::Result<std::shared_ptr<FileJournal::Segment>> FileJournal::make_segment(
    std::uint64_t number, std::uint64_t bytes) {
  auto file = files_.open(path_of(number), OpenMode::kCreate);
  if (!file) return file.error();
  headrace::Status status = (*file)->preallocate(bytes);
  if (status && !HR_MUTANT(8)) status = files_.sync_directory(options_.directory);
  if (!status) {
    files_.unlink(path_of(number));  // best effort: an unused file is only space
    return status.error();
  }
  auto segment = std::make_shared<Segment>();
  segment->number = number;
  segment->bytes = bytes;
  segment->file = std::move(*file);
  return segment;
}

void FileJournal::activate_next_segment() {
  HR_CHECK(!spares_.empty());
  SegmentHeader header;
  if (active_) {
    previous_end_ = next_offset_;
    active_->last_lsn = last_;
    if (active_->live_bytes == 0) space_.dead_bytes += active_->bytes;
  }
  active_ = std::move(spares_.front());
  spares_.pop_front();
  header.store = options_.store;
  header.segment = active_->number;
  header.generation = active_->generation;
  header.first_lsn = last_.next();
  header.previous_end = previous_end_;
  header.previous_last_lsn = last_;
  active_->header = encode_segment_header(header);
  segments_[active_->number] = active_;
  space_.segment_bytes += active_->bytes;
  next_offset_ = kSectorBytes;
}

void FileJournal::prepare_spare() {
  if (preparing_ || spares_.size() >= kSpareSegments || failed_ || closing_) return;
  if (leaving_space_) return;
  preparing_ = true;
  const std::uint64_t number = next_segment_++;
  std::shared_ptr<Segment> old;
  if (!reclaimed_.empty()) {
    old = std::move(reclaimed_.front());
    reclaimed_.pop_front();
  }
  auto made = std::make_shared<headrace::Result<std::shared_ptr<Segment>>>(headrace::Error{});
  threads_.background.run(
      [this, number, old, made] {
        *made = old ? reuse_segment(old, number) : make_segment(number, options_.segment_bytes);
      },
      [this, made] {
        preparing_ = false;
        const bool was_full = disk_full_;
        disk_full_ = !made->has_value();
        if (disk_full_) {
          if (!was_full)
            log_error("no room for a new journal segment reason={}", made->error().message);
        } else {
          spares_.push_back(std::move(**made));
          prepare_spare();
        }
        room_.notify_all();
      });
}

bool FileJournal::has_room(RoomFor purpose) const {
  const std::size_t open_bytes = open_ ? open_->bytes.size() : 0;
  const std::size_t spares = spares_.size();
  // On a full disk the segment in use may be one of those held back.
  const bool own = spares >= held_back(purpose) || !disk_full_;
  if (own && next_offset_ + open_bytes + kRequestBytesMax <= active_->bytes) return true;
  return spares > held_back(purpose);
}

asio::awaitable<Status> FileJournal::room(RoomFor purpose) {
  while (buffered_bytes_ >= kBufferBytesMax || !has_room(purpose)) {
    if (closing_) co_return Error{ErrorCode::kServiceUnavailable, "The server is stopping."};
    if (!has_room(purpose)) {
      prepare_spare();
      if (disk_full_ && !preparing_) {
        co_return Error{ErrorCode::kServiceUnavailable, "The server's disk is full."};
      }
      const bool was_full = disk_full_;
      co_await room_.wait();
      if (was_full && disk_full_) {
        co_return Error{ErrorCode::kServiceUnavailable, "The server's disk is full."};
      }
    } else {
      co_await room_.wait();
    }
  }
  co_return Status();
}

Appended FileJournal::append(const Record& record) {
  if (!open_) open_block();
  std::size_t start = open_->bytes.size();
  StoredSpan stored = encode_record(open_->bytes, record);
  const std::size_t size = open_->bytes.size() - start;
  // The last sector stays free for the idle block.
  if (next_offset_ + align_to_sector(open_->bytes.size()) + kSectorBytes > active_->bytes) {
    // The record does not fit this segment: it opens the next one.
    const std::string frame = open_->bytes.substr(start);
    open_->bytes.resize(start);
    close_block();
    activate_next_segment();
    prepare_spare();
    open_block();
    start = open_->bytes.size();
    open_->bytes += frame;
    HR_CHECK(next_offset_ + align_to_sector(open_->bytes.size()) + kSectorBytes <= active_->bytes);
  }
  last_ = last_.next();
  ++open_->header.records;
  buffered_bytes_ += size;
  const BodyRef body{active_->number << 32 | (next_offset_ + start + stored.offset),
                     static_cast<std::uint32_t>(stored.size)};
  active_->live_bytes += body.size;
  space_.live_bytes += body.size;
  if (open_->bytes.size() >= kBlockBytesTarget || HR_MUTANT(2)) close_block();
  flush_soon();
  return Appended{last_, body};
}

void FileJournal::open_block() {
  open_ = std::make_shared<Block>();
  open_->segment = active_;
  open_->header.first_lsn = last_.next();
  open_->header.segment = active_->number;
  open_->header.offset = static_cast<std::uint32_t>(next_offset_);
  open_->header.generation = active_->generation;
  open_->bytes.resize(kBlockHeaderBytes);
}

void FileJournal::close_block() {
  if (!open_) return;
  if (open_->header.records > 0) {
    open_->header.payload_bytes =
        static_cast<std::uint32_t>(open_->bytes.size() - kBlockHeaderBytes);
    open_->header.synced_lsn = synced_;
    open_->header.time = clock_.now();
    next_offset_ += open_->header.bytes_on_disk();
    space_.written_bytes += open_->header.bytes_on_disk();
    space_.block_bytes += open_->header.bytes_on_disk();
    recent_bytes_ += open_->bytes.size();
    // Padded here: from now on the writer and readers share these bytes.
    open_->bytes.resize(open_->header.bytes_on_disk());
    recent_.push_back(open_);
    closed_.push_back(std::move(open_));
  }
  open_.reset();
}

// The end of the loop's turn closes the block, so that requests handled together share it.
void FileJournal::flush_soon() {
  if (flush_posted_ || writing_) return;
  flush_posted_ = true;
  asio::post(threads_.loop, [this] {
    flush_posted_ = false;
    flush();
  });
}

asio::awaitable<void> FileJournal::wait_written(Lsn lsn) { return written_.reached(lsn); }
asio::awaitable<void> FileJournal::wait_durable(Lsn lsn) { return durable_.reached(lsn); }
Lsn FileJournal::durable() const { return durable_.value(); }

}  // namespace headrace::queue

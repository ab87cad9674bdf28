// FileJournal: the journal in segment files, with group commit.
//
// Records gather in an open block. When the writer is idle the block is closed and written; while
// it is busy the next one fills. When a write ends a sync starts, unless one runs: everything
// written meanwhile shares the next. So one record alone waits for one write and one sync, and a
// crowd shares them. Segments are prepared ahead, filled with zeros, by the background pool.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "base/clock.hpp"
#include "base/file_system.hpp"
#include "base/offload.hpp"
#include "base/wait_list.hpp"
#include "queue/journal.hpp"
#include "queue/segment_format.hpp"
#include "queue/watermark.hpp"

namespace headrace::queue {

struct FileJournalOptions {
  std::string directory;
  Uuid store{};
  Durability durability = Durability::kSync;
  std::uint64_t segment_bytes = std::uint64_t{16} << 20;
  std::uint64_t first_segment_bytes = std::uint64_t{4}
                                      << 20;               // made while starting: small is quick
  std::function<void(const headrace::Error&)> on_failure;  // a write or sync failed: stop now
};

// Where a journal works. Writer and syncer have one thread each; background may have more.
struct JournalThreads {
  boost::asio::io_context& loop;
  Offload& writer;
  Offload& syncer;
  Offload& background;
};

class FileJournal final : public Journal {
 public:
  // Recovers what the directory holds, giving each record to `visit`, and cuts a torn tail.
  // Blocks; call before the loop runs. Fails with kCorrupt on damage, kIo on trouble with the disk.
  static headrace::Result<std::unique_ptr<FileJournal>> open(FileSystem& files, Clock& clock,
                                                             JournalThreads threads,
                                                             FileJournalOptions options,
                                                             const ReplayVisitor& visit);
  ~FileJournal() override;

  TimePoint last_time() const { return last_time_; }  // of the newest recovered block
  bool recovered_torn_tail() const { return torn_; }

  boost::asio::awaitable<Status> room(RoomFor purpose) override;
  Appended append(const Record& record) override;
  bool has_room(RoomFor purpose) const override;
  Lsn last() const override { return last_; }
  Lsn durable() const override;
  boost::asio::awaitable<void> wait_written(Lsn lsn) override;
  boost::asio::awaitable<void> wait_durable(Lsn lsn) override;
  boost::asio::awaitable<std::optional<StoredMessage>> read(BodyRef body) override;
  boost::asio::awaitable<void> close() override;
  void release(BodyRef) override {}  // segments are reclaimed with snapshots: docs/roadmap.md

 private:
  struct Segment {
    std::uint64_t number = 0;
    std::uint64_t bytes = 0;
    std::unique_ptr<File> file;
    std::string header;  // to be written with the first block
  };
  struct Block {
    std::shared_ptr<Segment> segment;
    BlockHeader header;
    std::string bytes;
  };
  using Blocks = std::vector<std::shared_ptr<Block>>;

  FileJournal(FileSystem& files, Clock& clock, JournalThreads threads, FileJournalOptions options);
  headrace::Status recover(const ReplayVisitor& visit);
  headrace::Status tidy_up(const struct Recovered& recovered);

  // Segments.
  headrace::Result<std::shared_ptr<Segment>> make_segment(std::uint64_t number,
                                                          std::uint64_t bytes);
  std::string path_of(std::uint64_t segment) const;
  void activate_next_segment();
  void prepare_spare();

  // Blocks, in the order of their life.
  void open_block();
  void close_block();
  void flush_soon();
  void flush();
  static headrace::Status write_blocks(const Blocks& blocks);
  void on_written(const Blocks& blocks, const headrace::Status& status);
  void start_sync();
  void sync_now();
  void on_synced(Lsn synced, const headrace::Status& status);
  void write_idle_block();
  void forget_old_blocks();
  void fail(const headrace::Error& error);

  // Bodies.
  std::optional<std::string_view> find_recent(BodyRef body) const;

  FileSystem& files_;
  Clock& clock_;
  JournalThreads threads_;
  FileJournalOptions options_;
  TimePoint last_time_;
  bool torn_ = false;
  bool failed_ = false;

  std::map<std::uint64_t, std::shared_ptr<Segment>> segments_;  // every segment with records
  std::deque<std::shared_ptr<Segment>> spares_;
  std::shared_ptr<Segment> active_;
  std::uint64_t next_offset_ = 0;  // in the active segment
  std::uint64_t next_segment_ = 1;
  std::uint64_t previous_end_ = 0;
  bool preparing_ = false;
  bool disk_full_ = false;

  Lsn last_{};
  std::shared_ptr<Block> open_;
  Blocks closed_;                              // waiting for the writer
  std::deque<std::shared_ptr<Block>> recent_;  // closed blocks, oldest first: the body cache
  std::size_t recent_bytes_ = 0;
  std::size_t buffered_bytes_ = 0;  // appended and not written
  bool flush_posted_ = false;
  bool writing_ = false;
  bool syncing_ = false;
  bool closing_ = false;
  std::optional<TimerId> idle_block_timer_;
  std::optional<TimerId> sync_timer_;  // durability `os`: the next sync
  std::vector<std::shared_ptr<Segment>> unsynced_;
  Watermark written_;
  Watermark durable_;  // what answers wait for
  Lsn synced_{};       // what the disk holds
  WaitList room_;
};

}  // namespace headrace::queue

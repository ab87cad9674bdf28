// FileJournal: the journal in segment files, with group commit.
//
// Records gather in an open block. When the writer is idle the block is closed and written; while
// it is busy the next one fills. When a write ends a sync starts, unless one runs: everything
// written meanwhile shares the next. So one record alone waits for one write and one sync, and a
// crowd shares them. Segments are prepared ahead, filled with zeros, by the background pool.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
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
  // Recovers what the directory holds into `engine`, which is empty, and cuts a torn tail.
  // Blocks; call before the loop runs. Fails with kCorrupt on damage, kIo on trouble with the disk.
  static headrace::Result<std::unique_ptr<FileJournal>> open(FileSystem& files, Clock& clock,
                                                             JournalThreads threads,
                                                             FileJournalOptions options,
                                                             Engine& engine);
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
  void release(BodyRef body) override;

  // For the JournalKeeper, which takes snapshots and compacts.
  const FileJournalOptions& options() const { return options_; }
  // What decides whether there is something to do.
  struct Space {
    std::uint64_t live_bytes = 0;      // of stored messages
    std::uint64_t segment_bytes = 0;   // all segments with records
    std::uint64_t snapshot_bytes = 0;  // the newest snapshot
    std::uint64_t written_bytes = 0;   // blocks since it began
    std::uint64_t dead_bytes = 0;      // segments a snapshot would free
    std::uint64_t block_bytes = 0;     // all blocks since this journal was opened
    bool disk_full = false;
  };
  Space space() const;
  // Called after each sync, on the loop.
  void on_sync(std::function<void()> call) { on_sync_ = std::move(call); }
  // Suspends until the disk holds this record, also with durability `os`. False when it never will
  // or the journal closes.
  boost::asio::awaitable<bool> wait_synced(Lsn lsn);
  // The segments that a snapshot of this moment sets free: closed, and no body in them is alive.
  std::vector<std::uint64_t> begin_snapshot();
  // That snapshot is durable: its segments become spares, or go.
  void end_snapshot(const std::vector<std::uint64_t>& freed, std::uint64_t snapshot_bytes);
  // That snapshot could not be written.
  void abandon_snapshot();
  // Removes a spare segment, so that a snapshot finds room; none is prepared until it ends. False
  // when there is none.
  boost::asio::awaitable<bool> give_up_spare();
  // Segments in which little is alive, the emptiest first, until `bytes` would be won.
  std::set<std::uint64_t> sparse_segments(std::uint64_t bytes) const;
  // Stored messages as they are, for copying; an empty one is damaged and stays where it is.
  boost::asio::awaitable<std::vector<std::string>> read_stored(std::vector<BodyRef> bodies);

 private:
  struct Segment {
    std::uint64_t number = 0;
    std::uint64_t bytes = 0;
    std::unique_ptr<File> file;
    std::string header;  // to be written with the first block
    std::uint32_t generation = 0;
    Lsn last_lsn;                  // when closed: no record in it is above
    std::uint64_t live_bytes = 0;  // of stored messages
    std::uint64_t readers = 0;
    bool damaged = false;  // holds a body that cannot be copied
  };
  struct Block {
    std::shared_ptr<Segment> segment;
    BlockHeader header;
    std::string bytes;
  };
  using Blocks = std::vector<std::shared_ptr<Block>>;

  FileJournal(FileSystem& files, Clock& clock, JournalThreads threads, FileJournalOptions options);
  headrace::Status recover(Engine& engine);
  headrace::Status tidy_up(const struct Recovered& recovered);
  headrace::Status open_recovered(const struct RecoveredSegment& recovered);
  headrace::Status count_bodies(Engine& engine);

  // Segments.
  headrace::Result<std::shared_ptr<Segment>> make_segment(std::uint64_t number,
                                                          std::uint64_t bytes);
  std::string path_of(std::uint64_t segment) const;
  headrace::Result<std::shared_ptr<Segment>> reuse_segment(const std::shared_ptr<Segment>& old,
                                                           std::uint64_t number);
  void activate_next_segment();
  void prepare_spare();
  void remove_later(std::vector<std::shared_ptr<Segment>> segments);

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
  std::deque<std::shared_ptr<Segment>> reclaimed_;  // to be used again: the next spares
  std::shared_ptr<Segment> active_;
  std::uint64_t next_offset_ = 0;  // in the active segment
  std::uint64_t next_segment_ = 1;
  std::uint64_t previous_end_ = 0;
  bool preparing_ = false;
  std::size_t removing_ = 0;    // jobs in the background
  bool leaving_space_ = false;  // to a snapshot
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
  Space space_;
  std::function<void()> on_sync_;
  WaitList room_;
  WaitList sync_ended_;
};

}  // namespace headrace::queue

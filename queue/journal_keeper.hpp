// JournalKeeper: keeps the journal small. Decides when to take a snapshot of the engine and when to
// copy bodies out of segments in which little is alive, and does both in small steps beside the
// work of the server.
//
// A snapshot is due when more was written since the last one than is alive twice over; copying when
// the segments take three times what is alive. A snapshot that cannot be written is logged and
// tried again later; nothing is lost by it. While a backup is made (store_copy.hpp) nothing begins.
// Loop thread only; owned by the Store.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/file_system.hpp"
#include "base/task_group.hpp"
#include "queue/engine.hpp"
#include "queue/file_journal.hpp"
#include "queue/snapshot_file.hpp"

namespace headrace::queue {

class JournalKeeper {
 public:
  // All outlive it. It works when the journal has synced something.
  JournalKeeper(FileSystem& files, Clock& clock, const JournalThreads& threads, Engine& engine,
                FileJournal& journal);
  ~JournalKeeper();

  // Begins no more work. What is under way ends when the journal closes: wait for it after that.
  void stop();
  boost::asio::awaitable<void> join();

  // Begins at once, due or not, unless it works already.
  void begin();
  bool working() const { return working_; }
  std::uint64_t snapshot_bytes_total() const { return snapshot_bytes_total_; }
  std::uint64_t copied_bytes_total() const { return copied_bytes_total_; }

 private:
  template <class T>
  using Awaitable = boost::asio::awaitable<T>;

  void check();
  bool snapshot_due() const;
  // How many bytes of segments should go; 0 while there is space enough. Much at once and seldom:
  // bodies copied together stand together, apart from what dies soon, and are not copied again and
  // again.
  std::uint64_t to_be_won() const;
  Awaitable<void> work();
  using LockedFiles = headrace::Result<std::unique_ptr<FileLock>>;
  void put_off();
  Awaitable<LockedFiles> lock_files();

  Awaitable<void> take_snapshot();
  Awaitable<headrace::Status> write(SnapshotWriter& writer, const std::string& payload,
                                    SnapshotWriter::Chunk chunk);
  Awaitable<headrace::Status> publish(SnapshotWriter& writer);

  Awaitable<void> copy_out(std::set<std::uint64_t> segments);
  Awaitable<void> copy(const std::vector<Engine::Located>& bodies);

  FileSystem& files_;
  Clock& clock_;
  JournalThreads threads_;
  Engine& engine_;
  FileJournal& journal_;
  bool working_ = false;
  bool stopping_ = false;
  std::uint64_t rest_until_written_ = 0;  // after work that won nothing
  std::optional<TimerId> put_off_;        // while a backup is made: the next look
  std::uint64_t snapshot_bytes_total_ = 0;
  std::uint64_t copied_bytes_total_ = 0;
  TaskGroup tasks_;
};

}  // namespace headrace::queue

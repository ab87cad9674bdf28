// FakeFileSystem: a disk in memory that knows what a power cut would leave of it.
//
// Writes and directory changes are seen at once by whoever reads, as from a page cache, but count
// as stored only after File::sync and sync_directory. The after_* calls give the disk a restarted
// server would find; this disk goes on as it is, so a test may take one at every write. Any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/file_system.hpp"
#include "base/random.hpp"

namespace headrace {

class FakeFileSystem final : public FileSystem {
 public:
  enum class Operation { kRead, kWrite, kSync, kSyncDirectory };
  struct State;

  FakeFileSystem();

  // The process was killed: everything written is there, as unsynced as before, and locks are free.
  std::unique_ptr<FakeFileSystem> after_kill() const;
  // The power went: what was synced is there; of every unsynced write each 512-byte sector is kept,
  // dropped, torn or garbage; each unsynced directory change is kept or dropped.
  std::unique_ptr<FakeFileSystem> after_power_cut(Random& random) const;
  // The power went and took everything that was not synced.
  std::unique_ptr<FakeFileSystem> after_losing_unsynced() const;

  // The `nth` such operation from now (1 is the next) fails with this errno. A failed write has
  // written its first half; what a failed sync covered is lost.
  void fail(Operation operation, std::uint64_t nth, int error_number);
  // From fill_up to make_room no file grows: writes beyond a file's end fail with ENOSPC.
  void fill_up();
  void make_room();
  // From now on syncs claim success and do nothing: a test that still passes tests nothing.
  void lie_about_sync();
  // From now on read_cached finds nothing in the page cache.
  void chill_page_cache();
  // Decay at rest. The file must be that long.
  void flip_bit(const std::string& path, std::uint64_t offset, int bit);

  // Called after each operation that changed something, on its thread, free to call this object.
  void observe(std::function<void(Operation)> observer);
  // Likewise, after each read.
  void observe_reads(std::function<void()> observer);
  std::uint64_t count(Operation operation) const;
  bool lost_writes() const;  // a sync failed

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status unlink(const std::string& path) override;
  Status create_directory(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  Status sync_directory(const std::string& directory) override;
  Result<std::unique_ptr<FileLock>> lock(const std::string& path, IfHeld if_held) override;

 private:
  explicit FakeFileSystem(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace headrace

// Snapshot files: NNNNNNNNNNNNNNNN.snap in the journal's directory, named by their LSN.
//
// A snapshot is written under another name, synced, renamed and its directory synced; only then
// does it count. Reading checks all of it before it gives anything to the visitor. Calls block.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/file_system.hpp"
#include "queue/snapshot.hpp"

namespace headrace::queue {

std::string snapshot_file_name(Lsn lsn);
std::optional<Lsn> snapshot_lsn(std::string_view file_name);
// What a crash left of a snapshot that was being written.
bool is_unfinished_snapshot(std::string_view file_name);

class SnapshotWriter {
 public:
  SnapshotWriter(FileSystem& files, std::string directory, const Uuid& store, Lsn lsn);

  enum class Chunk { kMiddle, kLast };
  // Appends one chunk. When it fails the call may be repeated.
  headrace::Status write(std::string_view payload, Chunk chunk);
  // After the last chunk: makes the snapshot count, and removes every other one.
  headrace::Status publish();
  // Removes what was written; it never counts.
  void discard();
  std::uint64_t bytes() const { return bytes_; }

 private:
  headrace::Status remove_others();

  FileSystem& files_;
  std::string directory_;
  SnapshotChunkHeader header_;
  std::unique_ptr<File> file_;
  std::uint64_t bytes_ = 0;
};

struct SnapshotFacts {
  Lsn lsn;
  std::uint64_t bytes = 0;
  SnapshotEnd end;
};

// Reads the snapshot of that LSN. Checks every chunk, and the order of the items. Fails with
// kCorrupt, saying what is wrong and where; kIo when it cannot be read.
headrace::Result<SnapshotFacts> check_snapshot(FileSystem& files, const std::string& directory,
                                               const Uuid& store, Lsn lsn);
// Gives the items of a snapshot that was checked.
headrace::Status read_snapshot(FileSystem& files, const std::string& directory, const Uuid& store,
                               Lsn lsn, const std::function<void(const SnapshotItem&)>& visit);

}  // namespace headrace::queue

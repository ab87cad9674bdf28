// Recovery: reads what a journal's directory holds and decides what a bad block means.
//
// The newest whole snapshot gives the state at its LSN, the segments give the records after it.
// Torn or damaged (design 8.3): every block tells which LSN was durable when it was written, and a
// snapshot counts only when the log was durable that far. A record missing at or below the highest
// such LSN was promised and is lost: the journal is damaged and is refused. Above it, the record
// was never acknowledged as durable: the tail is torn and is cut.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/file_system.hpp"
#include "queue/engine.hpp"
#include "queue/journal.hpp"
#include "queue/segment_format.hpp"
#include "queue/snapshot_file.hpp"

namespace headrace::queue {

// "0000000000000012.seg"
std::string segment_file_name(std::uint64_t segment);
std::optional<std::uint64_t> segment_number(std::string_view file_name);

// Gets what a journal holds: the items of a snapshot, then every record after it, in order.
struct Replay {
  std::function<void(const SnapshotItem& item, Lsn snapshot)> restore;
  std::function<void(const Record& record, BodyRef body, Lsn lsn)> apply;
};

// Into an empty engine, which outlives it.
Replay replay_into(Engine& engine);

struct RecoveredSegment {
  std::uint64_t segment = 0;
  std::uint64_t valid_end = 0;  // bytes; 0 for a segment that holds no records
  std::uint64_t file_bytes = 0;
  std::uint32_t generation = 0;  // of its records; for an unused one, the next to be used
  Lsn last_lsn;                  // no record in it is above
  bool reusable = false;         // an unused one that needs no preparation
};

struct Recovered {
  std::optional<SnapshotFacts> snapshot;
  std::vector<RecoveredSegment> covered;  // by the snapshot; may hold bodies
  std::vector<RecoveredSegment> used;     // in order; the last one may have been cut
  std::vector<RecoveredSegment> unused;   // prepared, or holding nothing but a torn tail
  std::vector<std::string> unfinished;    // files of snapshots that were never finished
  std::vector<std::string> warnings;      // what was wrong and did not matter
  Lsn last_lsn;
  TimePoint last_time;  // of the newest block or snapshot
  bool torn = false;    // a tail was cut
};

// Reads the journal in `directory` and gives its state to `replay`. Changes nothing on the disk.
// Fails with kCorrupt, naming file and offset, when the journal is damaged; kIo when it is
// unreadable.
headrace::Result<Recovered> recover_journal(FileSystem& files, const std::string& directory,
                                            const Uuid& store, const Replay& replay);

}  // namespace headrace::queue

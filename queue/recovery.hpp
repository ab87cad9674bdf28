// Recovery: reads what the segments of a journal hold and decides what a bad block means.
//
// Torn or damaged (design 8.3): every block tells which LSN was durable when it was written. A
// record missing at or below the highest such LSN was promised and is lost: the journal is damaged
// and is refused. Above it, the record was never acknowledged as durable: the tail is torn and is
// cut.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/file_system.hpp"
#include "queue/journal.hpp"
#include "queue/segment_format.hpp"

namespace headrace::queue {

// "0000000000000012.seg"
std::string segment_file_name(std::uint64_t segment);

struct RecoveredSegment {
  std::uint64_t segment = 0;
  std::uint64_t valid_end = 0;  // bytes; 0 for a segment that was prepared and never used
  std::uint64_t file_bytes = 0;
};

struct Recovered {
  std::vector<RecoveredSegment> used;    // in order; the last one may have been cut
  std::vector<RecoveredSegment> unused;  // prepared, or holding nothing but a torn tail
  Lsn last_lsn;
  TimePoint last_time;  // of the newest block
  bool torn = false;    // a tail was cut
};

// Reads all segments in `directory` and gives their records to `visit`. Changes nothing on the
// disk. Fails with kCorrupt, naming file and offset, when the journal is damaged; kIo when it is
// unreadable.
headrace::Result<Recovered> recover_journal(FileSystem& files, const std::string& directory,
                                            const Uuid& store, const ReplayVisitor& visit);

}  // namespace headrace::queue

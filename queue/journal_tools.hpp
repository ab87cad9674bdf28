// What one can do with a journal while no server runs: look at it, and make a damaged one start
// again. `headrace journal` is its face. Calls block, and take the lock of the data directory.
//
// All fail with kExists when a server runs, kNotFound or kInvalid when this is no data directory.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/file_system.hpp"
#include "queue/data_directory.hpp"
#include "queue/engine.hpp"
#include "queue/record.hpp"
#include "queue/segment_format.hpp"

namespace headrace::queue {

// One file of the journal, read from end to end.
struct JournalFile {
  std::string name;
  std::uint64_t bytes = 0;
  std::uint64_t blocks = 0;
  std::uint64_t records = 0;
  Lsn first_lsn;  // zero when it holds no records
  Lsn last_lsn;
  std::string state;  // "whole", "prepared", or what is wrong with it
};

struct JournalReport {
  std::vector<JournalFile> files;
  std::vector<std::string> problems;  // empty: the journal is sound
  bool starts = false;                // a server would start on it
  bool torn = false;                  // after cutting a tail that was never acknowledged
  std::uint64_t queues = 0;
  std::uint64_t messages = 0;
};

// Reads everything, and every stored message that is alive. Changes nothing.
headrace::Result<JournalReport> verify_journal(FileSystem& files, const std::string& data);
// Of a data directory that the caller holds.
headrace::Result<JournalReport> verify_journal(FileSystem& files, const DataDirectory& directory);

// One readable record, wherever it stands.
struct JournalRecord {
  std::string segment;
  std::uint64_t offset = 0;  // of its block
  Lsn lsn;
  TimePoint time;  // of its block
  const Record* record = nullptr;
  std::string_view stored;  // of a Send or BodyCopy
};
headrace::Status dump_journal(FileSystem& files, const std::string& data,
                              const std::function<void(const JournalRecord&)>& visit);

struct RepairReport {
  bool was_sound = false;                 // then nothing was changed
  std::string kept_in;                    // where the journal as it was stands now
  std::vector<std::pair<Lsn, Lsn>> lost;  // records from, to
  std::uint64_t unusable_records = 0;     // readable, but about something that is lost
  std::vector<std::string> passed_over;   // snapshots that are damaged
  struct Queue {
    std::string arn;
    std::uint64_t messages = 0;
    std::uint64_t lost_messages = 0;  // known, but their stored bytes are gone
  };
  std::vector<Queue> queues;
};

// Builds a journal from all that can be read and puts the damaged one aside. What was deleted or
// leased in records that are lost may come back. Needs room for all living messages.
headrace::Result<RepairReport> repair_journal(FileSystem& files, const std::string& data);

// Reads the blocks of one segment, sector by sector, passing over what is no block of it.
class SegmentScan {
 public:
  SegmentScan(std::uint64_t number, std::string_view bytes) : number_(number), bytes_(bytes) {
    header_ = decode_segment_header(bytes);
    if (header_ && header_->segment != number) header_.reset();
  }

  const std::optional<SegmentHeader>& header() const { return header_; }
  // The next block; nothing behind the last. `gap` is true when something was passed over.
  std::optional<BlockHeader> next(bool& gap);
  std::string_view payload() const { return payload_; }

 private:
  std::uint64_t number_;
  std::string_view bytes_;
  std::optional<SegmentHeader> header_;
  std::uint64_t at_ = kSectorBytes;
  std::string_view payload_;
};

}  // namespace headrace::queue

// HistoryStore: the rows of the history in one SQLite database, and the life of a message out of
// them. Reads no clock, blocks; belongs to the history's thread.
//
// A row of the database is a chunk of the history's: written all the time, and read, all of them,
// when somebody asks. Their number is bounded by the bytes they may take.
//
// Fails with kCorrupt when the file is damaged, was written by another version, or is something
// else; with kIo for the rest.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/history_rows.hpp"
#include "runtime/sqlite.hpp"

namespace headrace::runtime {

// Which message: ids it has or had, and places where it is or was.
struct LifeQuery {
  std::vector<Uuid> ids;
  std::vector<queue::Place> places;
};

class HistoryStore {
 public:
  // Of what a life holds, for one that goes round and round: the newest events.
  static constexpr std::size_t kEventsMax = 1000;
  static constexpr std::size_t kNamesMax = 256;  // ids, and places

  struct Bounds {
    TimePoint oldest;            // chunks from before go
    std::int64_t bytes_max = 0;  // the oldest go while there are more
  };

  // Looks over what the file holds. An empty path is memory.
  static Result<std::unique_ptr<HistoryStore>> open(const std::string& path);

  // All of it or nothing. An empty chunk is not written.
  Status write(const HistoryChunk& chunk, const Bounds& bounds);

  Result<MessageLife> find(const LifeQuery& query);

 private:
  explicit HistoryStore(SqliteDatabase database) : database_(std::move(database)) {}

  Status prepare();
  Status add(const HistoryChunk& chunk);
  Status remove_beyond(const Bounds& bounds);
  Result<std::int64_t> used_bytes();

  SqliteDatabase database_;
};

}  // namespace headrace::runtime

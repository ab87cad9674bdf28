// HistoryStore: the rows of the history in one SQLite database, and the life of a message out of
// them. Reads no clock, blocks; belongs to the history's thread.
//
// Nothing is indexed but by age: rows are written all the time and read when somebody asks, which
// then reads them all. Their number is bounded by the bytes they may take.
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
    TimePoint oldest;            // rows from before go
    std::int64_t bytes_max = 0;  // the oldest go while there are more
  };

  // Looks over what the file holds. An empty path is memory.
  static Result<std::unique_ptr<HistoryStore>> open(const std::string& path);

  // All of them or none.
  Status write(const std::vector<HistoryRow>& rows, const Bounds& bounds);

  Result<MessageLife> find(const LifeQuery& query);

 private:
  explicit HistoryStore(SqliteDatabase database) : database_(std::move(database)) {}

  Status prepare();
  Status add(const InvocationRow& row);
  Status add(const MoveRow& row);
  Status write_all(const std::vector<HistoryRow>& rows, const Bounds& bounds);
  Status remove_older(TimePoint oldest);
  Status remove_above(std::int64_t bytes_max);
  Status remove_before(std::int64_t id);
  Result<std::int64_t> used_bytes();
  Result<std::optional<TimePoint>> known_since();

  SqliteDatabase database_;
  SqliteStatement add_invocation_;
  SqliteStatement add_failure_;
  SqliteStatement add_move_;
  std::int64_t last_id_ = 0;  // of both kinds of rows, in the order of their making
};

}  // namespace headrace::runtime

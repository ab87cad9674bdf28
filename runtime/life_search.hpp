// LifeSearch: follows one message through the rows of the history.
//
// Once from the newest row to the oldest, to learn what the message was called and where it was
// before it became what is asked for; then from the oldest to the newest, to learn what became of
// it, and to take down what happened.
#pragma once

#include <string_view>

#include "runtime/history_rows.hpp"
#include "runtime/history_store.hpp"
#include "runtime/sqlite.hpp"

namespace headrace::runtime {

class LifeSearch {
 public:
  // The database outlives it.
  LifeSearch(SqliteDatabase& database, const LifeQuery& query);

  // Fails with kCorrupt when a chunk is not what was written.
  Result<MessageLife> run();

 private:
  enum class Direction { kBack, kOn };

  Status read(Direction direction);
  Status read_chunk(std::string_view rows, Direction direction);
  void look_at(const InvocationRow& row, Direction direction);
  void look_at(const MoveRow& row, Direction direction);
  void take_down(const InvocationRow& row, std::uint32_t position);
  void take_down(LifeEvent event);
  void learn(const Uuid& id);
  void learn(const queue::Place& place);
  bool knows(const Uuid& id) const;
  bool knows(const queue::Place& place) const;

  SqliteDatabase& database_;
  MessageLife life_;
};

}  // namespace headrace::runtime

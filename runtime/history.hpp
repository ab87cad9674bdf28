// History: what became of messages, for `headrace explain`. Told by the mappings and by the broker,
// kept in a database that nothing else needs.
//
// Telling never waits: rows gather here and go to a thread of their own, some at a time. What comes
// faster than that thread can write, or finds no memory, is dropped and counted. A database that is
// damaged is set aside and begun anew. A crash loses the rows of the last moments; it may also have
// undone a move that was told. Loop thread only.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "base/offload.hpp"
#include "queue/move_observer.hpp"
#include "runtime/history_store.hpp"

namespace headrace::runtime {

struct HistoryOptions {
  std::string path;            // of the database; empty: in memory
  Duration keep{};             // older rows go
  std::int64_t bytes_max = 0;  // of the database; the oldest rows make room
};

class History final : public queue::MoveObserver {
 public:
  // More only by one row. Of a small database less: what waits must have room in it.
  static constexpr std::size_t kPendingBytesMax = std::size_t{8} << 20;
  static constexpr std::int64_t kPendingShareOfAll = 4;
  static constexpr std::size_t kWrittenAtOnceBytes = std::size_t{256} << 10;
  static constexpr Duration kWriteDelay{200};  // of rows that are few

  // `thread` is one thread, for nothing else. The references outlive it.
  History(std::unique_ptr<Offload> thread, Clock& clock, MetricsRegistry& metrics,
          HistoryOptions options);
  ~History();

  void record(const InvocationRow& row);
  void message_moved(const queue::MessageMove& move) override;

  // With everything that was told before. Reads all there is, on the history's thread. Fails with
  // kIo, with kCorrupt when it is damaged (it begins anew), with kUnavailable when it is closed.
  boost::asio::awaitable<Result<MessageLife>> find(LifeQuery query);

  // Writes what was told. Tell nothing more.
  boost::asio::awaitable<void> close();

 private:
  class Keeper;

  template <class Row>
  void add(const Row& row);
  void write_soon();
  void write();
  void written(std::size_t rows, std::size_t lost);

  Clock& clock_;
  Counter& rows_written_;
  Counter& rows_dropped_;
  const std::size_t pending_bytes_max_;
  bool closed_ = false;
  std::unique_ptr<Keeper> keeper_;  // used on the thread
  HistoryChunk pending_;
  std::size_t writing_ = 0;  // jobs on the thread
  std::optional<TimerId> timer_;
  std::unique_ptr<Offload> thread_;  // finishes its work before the keeper goes
};

}  // namespace headrace::runtime

// Journal: the order of all changes, and where their bytes are.
//
// append() takes a record at once and gives it the next LSN. Two watermarks follow: written (the
// operating system has it: survives the death of this process) and durable (synced: survives the
// machine's). A failed write or sync is final: the journal reports it once and neither watermark
// moves again, so nothing that depends on it is ever answered. Loop thread only.
#pragma once

#include <optional>

#include <boost/asio/awaitable.hpp>

#include "queue/engine.hpp"
#include "queue/error.hpp"
#include "queue/record.hpp"

namespace headrace::queue {

enum class Durability {
  kSync,    // durable means synced (default)
  kOs,      // answers go out when written; synced every second
  kMemory,  // nothing is written
};

// What wants to append. Of the spare segments one is kept for what frees space (deletes, moves,
// leases), and one for what reclaims it.
enum class RoomFor { kSend, kOther, kUpkeep };

struct Appended {
  Lsn lsn;
  BodyRef body;  // of a SendRecord or BodyCopyRecord
};

class Journal : public BodyOwner {
 public:
  // Suspends while the buffer is full. ServiceUnavailable when the disk has no room for this.
  // After it returns, one request may append without suspending in between.
  virtual boost::asio::awaitable<Status> room(RoomFor purpose) = 0;

  // The same question without waiting, for what the passing of time makes the broker append.
  virtual bool has_room(RoomFor purpose) const = 0;

  virtual Appended append(const Record& record) = 0;

  virtual Lsn last() const = 0;
  virtual Lsn durable() const = 0;
  virtual boost::asio::awaitable<void> wait_written(Lsn lsn) = 0;
  virtual boost::asio::awaitable<void> wait_durable(Lsn lsn) = 0;

  // The stored message, checked; empty when its bytes are damaged or cannot be read (logged).
  virtual boost::asio::awaitable<std::optional<StoredMessage>> read(BodyRef body) = 0;

  // Makes everything appended durable, or returns when the journal failed. No append after it.
  virtual boost::asio::awaitable<void> close() = 0;
};

}  // namespace headrace::queue

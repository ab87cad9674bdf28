// MemoryJournal: durability `memory`. Bodies live on the heap, every record is durable at once, and
// nothing survives the process.
#pragma once

#include "queue/journal.hpp"

namespace headrace::queue {

class MemoryJournal final : public Journal {
 public:
  ~MemoryJournal() override;

  boost::asio::awaitable<Status> room(RoomFor purpose) override;
  bool has_room(RoomFor) const override { return true; }
  Appended append(const Record& record) override;
  Lsn last() const override { return last_; }
  Lsn durable() const override { return last_; }
  boost::asio::awaitable<void> wait_written(Lsn lsn) override;
  boost::asio::awaitable<void> wait_durable(Lsn lsn) override;
  boost::asio::awaitable<std::optional<StoredMessage>> read(BodyRef body) override;
  boost::asio::awaitable<void> close() override;
  void release(BodyRef body) override;

 private:
  Lsn last_{};
  std::size_t bodies_ = 0;  // blocks handed out and not released
};

}  // namespace headrace::queue

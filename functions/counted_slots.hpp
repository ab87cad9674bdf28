// CountedSlots: slots that stand for no process, only for one of so many invocations at one time.
//
// Owned by a function that runs nothing of its own. Loop thread only; stop() is awaited before the
// end, which all slots come back before.
#pragma once

#include <cstddef>
#include <cstdint>

#include <boost/asio/awaitable.hpp>

#include "base/wait_list.hpp"
#include "functions/function.hpp"

namespace headrace::functions {

class CountedSlots final : public SlotOwner {
 public:
  explicit CountedSlots(std::size_t limit) : limit_(limit) {}

  // Suspends until one is free; fails once stop() was called.
  boost::asio::awaitable<Result<Slot>> acquire();

  // Gives out no more, also to those who wait.
  void begin_stop();

  // Gives out no more, and suspends until none is out.
  boost::asio::awaitable<void> stop();

  std::size_t running() const { return running_; }

  void give_back(std::uint64_t slot_id) override;

 private:
  std::size_t limit_;
  std::size_t running_ = 0;
  bool stopping_ = false;
  WaitList freed_;
};

}  // namespace headrace::functions

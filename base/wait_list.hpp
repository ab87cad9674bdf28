// WaitList: coroutines waiting for something to change, woken in the order they came.
//
// A woken waiter is posted to its executor, never run inside notify. Cancelling the coroutine takes
// it off the list and throws operation_aborted there. Loop thread only.
#pragma once

#include <cstddef>
#include <list>
#include <memory>

#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"

namespace headrace {

class WaitList {
 public:
  WaitList();
  ~WaitList();
  WaitList(const WaitList&) = delete;
  WaitList& operator=(const WaitList&) = delete;

  // Suspends until notified.
  boost::asio::awaitable<void> wait();

  // Suspends until notified (true) or until `deadline` (false).
  boost::asio::awaitable<bool> wait_until(Clock& clock, TimePoint deadline);

  void notify_one();
  void notify_all();
  std::size_t size() const;

 private:
  struct Waiter;
  struct Waiters;
  struct Start;
  boost::asio::awaitable<void> start(Clock* clock, TimePoint deadline);
  std::shared_ptr<Waiters> waiters_;
};

}  // namespace headrace

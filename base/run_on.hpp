// run_on: awaits work on another loop and comes back. The one way to cross threads in a coroutine.
#pragma once

#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace headrace {

// Runs `work` on `loop`; resumes on the caller's executor. When the caller is on `loop` already,
// nothing hops. `work` must not refer to anything the caller's loop changes meanwhile. Once it has
// hopped, cancelling the caller does not reach it: Asio 1.81 carries a cancellation to the other
// loop by a pointer that may be dead when it arrives.
template <class T>
boost::asio::awaitable<T> run_on(boost::asio::io_context& loop, boost::asio::awaitable<T> work) {
  if (loop.get_executor().running_in_this_thread()) return work;
  return boost::asio::co_spawn(loop, std::move(work),
                               boost::asio::bind_cancellation_slot(boost::asio::cancellation_slot(),
                                                                   boost::asio::use_awaitable));
}

}  // namespace headrace

// run_on: awaits work on another loop and comes back. The one way to cross threads in a coroutine.
#pragma once

#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace headrace {

// Runs `work` on `loop`; resumes on the caller's executor. When the caller is on `loop` already,
// nothing hops. `work` must not refer to anything the caller's loop changes meanwhile.
template <class T>
boost::asio::awaitable<T> run_on(boost::asio::io_context& loop, boost::asio::awaitable<T> work) {
  if (loop.get_executor().running_in_this_thread()) return work;
  return boost::asio::co_spawn(loop, std::move(work), boost::asio::use_awaitable);
}

}  // namespace headrace

// Runs one coroutine to its end, from a test that is none.
#pragma once

#include <exception>
#include <optional>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

namespace headrace::functions {

// Runs the loop until the coroutine has ended.
template <class T>
T run(boost::asio::io_context& loop, boost::asio::awaitable<T> work) {
  std::optional<T> result;
  std::exception_ptr failure;
  boost::asio::co_spawn(loop, std::move(work), [&](std::exception_ptr error, T value) {
    failure = error;
    result = std::move(value);
  });
  loop.restart();
  while (!result) loop.run_one();
  if (failure) std::rethrow_exception(failure);
  return std::move(*result);
}

inline void run(boost::asio::io_context& loop, boost::asio::awaitable<void> work) {
  bool ended = false;
  boost::asio::co_spawn(loop, std::move(work), [&](std::exception_ptr) { ended = true; });
  loop.restart();
  while (!ended) loop.run_one();
}

}  // namespace headrace::functions

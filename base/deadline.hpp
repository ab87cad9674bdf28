// with_deadline: an awaitable that may take no longer than until `deadline`.
#pragma once

#include <optional>
#include <utility>
#include <variant>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>

#include "base/clock.hpp"

namespace headrace {

// The value, or nothing when `deadline` came first; the work is then cancelled at its wait.
// The only place that uses operator|| on awaitables.
template <class T>
boost::asio::awaitable<std::optional<T>> with_deadline(Clock& clock, TimePoint deadline,
                                                       boost::asio::awaitable<T> work) {
  using boost::asio::experimental::awaitable_operators::operator||;
  boost::asio::awaitable<void> alarm = clock.sleep_until(deadline);
  boost::asio::awaitable<std::variant<T, std::monostate>> race =
      std::move(work) || std::move(alarm);
  std::variant<T, std::monostate> first = co_await std::move(race);
  if (first.index() == 1) co_return std::nullopt;
  co_return std::get<0>(std::move(first));
}

}  // namespace headrace

// OneShot<T>: a value that one coroutine waits for and somebody delivers once.
//
// The waiter owns it, usually as a local of its frame; whoever holds a reference to deliver must do
// so before the loop ends, or those frames leak. deliver() never runs the waiter at once: the
// waiter is posted to its own executor, so the deliverer finishes its turn first. A OneShot that
// dies while another frame's coroutine waits ends that coroutine without resuming it. Cancellation
// passes it by.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/check.hpp"
#include "base/resumption.hpp"

namespace headrace {

template <class T>
class OneShot {
 public:
  OneShot() = default;
  OneShot(const OneShot&) = delete;
  OneShot& operator=(const OneShot&) = delete;

  // Later calls are ignored: the first value counts.
  void deliver(T value) {
    if (delivered_) return;
    delivered_ = true;
    value_ = std::move(value);
    if (waiter_) waiter_.post();
  }

  bool delivered() const { return delivered_; }

  // At most one waiter. Returns at once when the value is there already.
  boost::asio::awaitable<T> wait() {
    if (!delivered_) co_await suspend();
    HR_CHECK(value_.has_value());
    co_return std::move(*value_);
  }

 private:
  struct Start {
    OneShot* self;
    template <class Handler>
    void operator()(Handler handler) const {
      HR_CHECK(!self->waiter_);
      self->waiter_ = Resumption(std::move(handler));
    }
  };

  boost::asio::awaitable<void> suspend() {
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&,
                                       void(boost::system::error_code)>(Start{this},
                                                                        boost::asio::use_awaitable);
  }

  Resumption waiter_;
  std::optional<T> value_;
  bool delivered_ = false;
};

}  // namespace headrace

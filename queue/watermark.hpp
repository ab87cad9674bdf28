// Watermark: an LSN that only rises, and the coroutines waiting for it to pass theirs.
#pragma once

#include <map>

#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/resumption.hpp"
#include "queue/message.hpp"

namespace headrace::queue {

class Watermark {
 public:
  Lsn value() const { return value_; }

  // Wakes those it passes, in the order of their LSNs.
  void raise_to(Lsn lsn) {
    if (lsn <= value_) return;
    value_ = lsn;
    while (!waiting_.empty() && waiting_.begin()->first <= value_) {
      auto waiter = waiting_.extract(waiting_.begin());
      waiter.mapped().post();
    }
  }

  // Returns at once when the mark is there already.
  boost::asio::awaitable<void> reached(Lsn lsn) {
    if (lsn > value_) {
      co_await suspend(lsn);
    }
  }

 private:
  struct Start {
    Watermark* self;
    Lsn lsn;
    template <class Handler>
    void operator()(Handler handler) const {
      self->waiting_.emplace(lsn, Resumption(std::move(handler)));
    }
  };

  boost::asio::awaitable<void> suspend(Lsn lsn) {
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&,
                                       void(boost::system::error_code)>(Start{this, lsn},
                                                                        boost::asio::use_awaitable);
  }

  Lsn value_{};
  std::multimap<Lsn, Resumption> waiting_;
};

}  // namespace headrace::queue

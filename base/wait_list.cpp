#include "base/wait_list.hpp"

#include <functional>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include "base/resumption.hpp"

namespace headrace {
namespace asio = boost::asio;
using boost::system::error_code;

struct WaitList::Waiter {
  Resumption resumption;
  std::list<std::shared_ptr<Waiter>>::iterator position;
  Clock* clock = nullptr;  // set while `timer` runs
  TimerId timer{};
};

struct WaitList::Waiters {
  std::list<std::shared_ptr<Waiter>> list;

  // By value: the list's own pointer goes away here.
  void finish(std::shared_ptr<Waiter> waiter, error_code ec) {
    if (!waiter || !waiter->resumption) return;
    if (waiter->clock != nullptr) waiter->clock->cancel(waiter->timer);
    list.erase(waiter->position);
    waiter->resumption.post(ec);
  }
};

// Only the list owns its waiters: whatever the waiting frames own (this, their cancellation slot)
// holds them weakly, or the frames would keep themselves alive.
struct WaitList::Start {
  std::weak_ptr<Waiters> waiters;
  Clock* clock;  // with a deadline only
  TimePoint deadline;

  template <class Handler>
  void operator()(Handler handler) const {
    auto slot = asio::get_associated_cancellation_slot(handler);
    auto waiter = std::make_shared<Waiter>();
    waiter->resumption = Resumption(std::move(handler));
    auto& list = waiters.lock()->list;
    waiter->position = list.insert(list.end(), waiter);
    if (clock != nullptr) {
      waiter->clock = clock;
      waiter->timer = clock->call_at(deadline, finisher(waiter, asio::error::timed_out));
    }
    if (!slot.is_connected()) return;
    slot.assign([finish = finisher(waiter, asio::error::operation_aborted)](
                    asio::cancellation_type) { finish(); });
  }

  std::function<void()> finisher(const std::weak_ptr<Waiter>& waiter, error_code ec) const {
    return [list = waiters, waiter, ec] {
      const auto alive = list.lock();
      if (alive) alive->finish(waiter.lock(), ec);
    };
  }
};

WaitList::WaitList() : waiters_(std::make_shared<Waiters>()) {}
WaitList::~WaitList() = default;

asio::awaitable<void> WaitList::start(Clock* clock, TimePoint deadline) {
  return asio::async_initiate<const asio::use_awaitable_t<>&, void(error_code)>(
      Start{waiters_, clock, deadline}, asio::use_awaitable);
}

asio::awaitable<void> WaitList::wait() { return start(nullptr, {}); }

asio::awaitable<bool> WaitList::wait_until(Clock& clock, TimePoint deadline) {
  error_code failure;
  try {
    co_await start(&clock, deadline);
  } catch (const boost::system::system_error& error) {
    failure = error.code();
  }
  if (failure == asio::error::timed_out) co_return false;
  if (failure) throw boost::system::system_error(failure);
  co_return true;
}

void WaitList::notify_one() {
  if (!waiters_->list.empty()) waiters_->finish(waiters_->list.front(), {});
}

void WaitList::notify_all() {
  while (!waiters_->list.empty()) notify_one();
}

std::size_t WaitList::size() const { return waiters_->list.size(); }

}  // namespace headrace

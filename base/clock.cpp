#include "base/clock.hpp"

#include <algorithm>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/resumption.hpp"

namespace headrace {
namespace asio = boost::asio;

namespace {

// The alarm is set anew after this long, so that no timer is too far away for nanoseconds.
constexpr Duration kLongestAlarm = std::chrono::hours(24);

// One sleep, until the timer or the cancellation takes it.
struct Sleep {
  Resumption sleeper;

  void finish(boost::system::error_code ec) {
    if (sleeper) sleeper.post(ec);
  }
};

struct StartSleep {
  Clock* clock;
  TimePoint when;

  template <class Handler>
  void operator()(Handler handler) const {
    auto slot = asio::get_associated_cancellation_slot(handler);
    auto sleep = std::make_shared<Sleep>(Sleep{Resumption(std::move(handler))});
    const TimerId id = clock->call_at(when, [sleep] { sleep->finish({}); });
    if (!slot.is_connected()) return;
    // The timer owns the sleep: if the slot did, the frames that own the slot would own themselves.
    slot.assign([weak = std::weak_ptr<Sleep>(sleep), id, clock = clock](asio::cancellation_type) {
      const auto asleep = weak.lock();
      if (!asleep) return;
      clock->cancel(id);
      asleep->finish(asio::error::operation_aborted);
    });
  }
};

}  // namespace

asio::awaitable<void> Clock::sleep_until(TimePoint when) {
  return asio::async_initiate<const asio::use_awaitable_t<>&, void(boost::system::error_code)>(
      StartSleep{this, when}, asio::use_awaitable);
}

TimerId TimerQueue::add(TimePoint when, std::function<void()> fire) {
  const std::uint64_t id = ++last_id_;
  timers_.emplace(Key{when, id}, std::move(fire));
  when_.emplace(id, when);
  return TimerId{id};
}

void TimerQueue::remove(TimerId id) {
  const auto found = when_.find(static_cast<std::uint64_t>(id));
  if (found == when_.end()) return;
  timers_.erase(Key{found->second, found->first});
  when_.erase(found);
}

TimePoint TimerQueue::next() const {
  return timers_.empty() ? kForever : timers_.begin()->first.first;
}

std::function<void()> TimerQueue::take_due(TimePoint now) {
  if (timers_.empty() || timers_.begin()->first.first > now) return {};
  std::function<void()> fire = std::move(timers_.begin()->second);
  when_.erase(timers_.begin()->first.second);
  timers_.erase(timers_.begin());
  return fire;
}

void TimerQueue::run_due(TimePoint now) {
  const std::uint64_t newest = last_id_;
  while (!timers_.empty()) {
    const Key key = timers_.begin()->first;
    if (key.first > now || key.second > newest) return;
    const std::function<void()> fire = take_due(now);
    fire();
  }
}

struct SystemClock::Alarm {
  explicit Alarm(asio::io_context& loop) : timer(loop) {}
  asio::steady_timer timer;
  TimePoint armed_for = kForever;
};

SystemClock::SystemClock(asio::io_context& loop, TimePoint floor)
    : started_(std::chrono::steady_clock::now()), alarm_(std::make_unique<Alarm>(loop)) {
  const auto wall = std::chrono::system_clock::now();
  base_ = std::chrono::time_point_cast<Duration>(wall);
  // Milliseconds begin when the wall clock's do: a deadline is the same moment in the next life.
  started_ -= wall - base_;
  raise_to(floor);
}

SystemClock::~SystemClock() = default;

TimePoint SystemClock::now() const {
  const auto since = std::chrono::steady_clock::now() - started_;
  return base_ + std::chrono::duration_cast<Duration>(since);
}

std::int64_t SystemClock::elapsed_us() const {
  const auto since = std::chrono::steady_clock::now() - started_;
  return std::chrono::duration_cast<std::chrono::microseconds>(since).count();
}

void SystemClock::raise_to(TimePoint floor) {
  const TimePoint current = now();
  if (floor > current) base_ += floor - current;
}

TimerId SystemClock::call_at(TimePoint when, std::function<void()> fire) {
  const TimerId id = timers_.add(when, std::move(fire));
  arm();
  return id;
}

void SystemClock::cancel(TimerId id) { timers_.remove(id); }

void SystemClock::arm() {
  const TimePoint next = timers_.next();
  if (next == kForever || next >= alarm_->armed_for) return;
  alarm_->armed_for = next;
  // One millisecond is our resolution: wake after the millisecond has begun, never before it.
  const TimePoint wake = std::min(next, now() + kLongestAlarm);
  alarm_->timer.expires_at(started_ + (wake - base_));
  alarm_->timer.async_wait([this](boost::system::error_code ec) {
    if (ec) return;
    alarm_->armed_for = kForever;
    timers_.run_due(now());
    arm();
  });
}

TimePoint wall_clock_now() {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

}  // namespace headrace

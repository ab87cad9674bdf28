// SimClock: virtual time. It stands still until the world moves it.
#pragma once

#include "base/clock.hpp"

namespace headrace::sim {

class SimClock final : public Clock {
 public:
  explicit SimClock(TimePoint start) : now_(start) {}

  TimePoint now() const override { return now_; }
  std::int64_t elapsed_us() const override { return to_epoch_ms(now_) * 1000; }
  TimerId call_at(TimePoint when, std::function<void()> fire) override {
    return timers_.add(when, std::move(fire));
  }
  void cancel(TimerId id) override { timers_.remove(id); }

  TimePoint next_timer() const { return timers_.next(); }
  void raise_to(TimePoint floor) {
    if (floor > now_) now_ = floor;
  }
  // Moves time and runs what is due then.
  void move_to(TimePoint when) {
    raise_to(when);
    while (const auto fire = timers_.take_due(now_)) fire();
  }

 private:
  TimePoint now_;
  TimerQueue timers_;
};

}  // namespace headrace::sim

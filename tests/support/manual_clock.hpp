// ManualClock: time that moves only when a test says so.
#pragma once

#include <boost/asio/io_context.hpp>

#include "base/clock.hpp"

namespace headrace {

// Starts at a round moment in 2026, so that timestamps in failures are readable.
inline constexpr TimePoint kTestStart = from_epoch_ms(1'767'225'600'000);

class ManualClock final : public Clock {
 public:
  explicit ManualClock(boost::asio::io_context& loop) : loop_(loop) {}

  TimePoint now() const override { return now_; }
  std::int64_t elapsed_us() const override { return (now_ - kTestStart).count() * 1000; }
  TimerId call_at(TimePoint when, std::function<void()> fire) override {
    return timers_.add(when, std::move(fire));
  }
  void cancel(TimerId id) override { timers_.remove(id); }

  // Runs the loop until it is idle, then moves time to each timer due within `duration`, running
  // the loop after each, and ends `duration` later.
  void advance(Duration duration);

 private:
  boost::asio::io_context& loop_;
  TimePoint now_ = kTestStart;
  TimerQueue timers_;
};

// Runs everything that can run now.
void run_ready(boost::asio::io_context& loop);

}  // namespace headrace

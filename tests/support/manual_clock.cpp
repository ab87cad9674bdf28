#include "tests/support/manual_clock.hpp"

namespace headrace {

void run_ready(boost::asio::io_context& loop) {
  loop.restart();
  while (loop.poll() > 0) {
  }
}

void ManualClock::advance(Duration duration) {
  const TimePoint end = now_ + duration;
  run_ready(loop_);
  while (timers_.next() <= end) {
    if (timers_.next() > now_) now_ = timers_.next();
    while (const auto fire = timers_.take_due(now_)) {
      fire();
      run_ready(loop_);
    }
  }
  now_ = end;
  run_ready(loop_);
}

}  // namespace headrace

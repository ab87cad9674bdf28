// Time, injected. Rules take `now` as an argument; only SystemClock reads a real clock.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace headrace {

// Milliseconds since 1970 UTC, the unit of every AWS timestamp we hand out.
using Duration = std::chrono::milliseconds;
using TimePoint = std::chrono::sys_time<Duration>;

inline constexpr TimePoint kForever = TimePoint::max();

constexpr std::int64_t to_epoch_ms(TimePoint t) { return t.time_since_epoch().count(); }
constexpr TimePoint from_epoch_ms(std::int64_t ms) { return TimePoint(Duration(ms)); }

enum class TimerId : std::uint64_t {};

// now() and elapsed_us() may be called from any thread; timers belong to the loop thread.
class Clock {
 public:
  virtual ~Clock() = default;

  // Never goes back, also when the wall clock is set back. Constant is not promised.
  virtual TimePoint now() const = 0;

  // Microseconds since some fixed moment, for measuring durations.
  virtual std::int64_t elapsed_us() const = 0;

  // Runs `fire` once on the loop at `when` or soon after. It may schedule and cancel timers.
  virtual TimerId call_at(TimePoint when, std::function<void()> fire) = 0;

  // A timer that fired or was cancelled is ignored.
  virtual void cancel(TimerId id) = 0;

  // Suspends until `when`. Throws operation_aborted when its coroutine is cancelled.
  boost::asio::awaitable<void> sleep_until(TimePoint when);
  boost::asio::awaitable<void> sleep_for(Duration duration) {
    return sleep_until(now() + duration);
  }
};

// Timers in order of their time, then of their making. Used by both clocks.
class TimerQueue {
 public:
  TimerId add(TimePoint when, std::function<void()> fire);
  void remove(TimerId id);
  TimePoint next() const;  // kForever when empty
  // Runs every timer due at `now`, oldest first. Timers added meanwhile wait for the next call.
  void run_due(TimePoint now);
  // Takes the first timer due at `now`; an empty function when there is none.
  std::function<void()> take_due(TimePoint now);

 private:
  using Key = std::pair<TimePoint, std::uint64_t>;
  std::uint64_t last_id_ = 0;
  std::map<Key, std::function<void()>> timers_;
  std::map<std::uint64_t, TimePoint> when_;
};

// The wall clock at construction plus monotonic time since, never before `floor`
// (design 8.6: after a restart the last time recorded in the journal).
class SystemClock final : public Clock {
 public:
  explicit SystemClock(boost::asio::io_context& loop, TimePoint floor = TimePoint{});
  ~SystemClock() override;

  TimePoint now() const override;
  std::int64_t elapsed_us() const override;
  TimerId call_at(TimePoint when, std::function<void()> fire) override;
  void cancel(TimerId id) override;

  // Moves the clock forward to `floor`; earlier values change nothing. Before the loop runs.
  void raise_to(TimePoint floor);

 private:
  struct Alarm;
  void arm();

  std::chrono::steady_clock::time_point started_;
  TimePoint base_;
  TimerQueue timers_;
  std::unique_ptr<Alarm> alarm_;
};

// The wall clock of the machine, for the one comparison recovery makes.
TimePoint wall_clock_now();

}  // namespace headrace

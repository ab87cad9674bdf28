// SystemClock against real time.

#include <chrono>

#include <gtest/gtest.h>

#include "base/clock.hpp"

namespace headrace {
namespace {

TEST(SystemClock, FiresTimersInOrderAndNeverEarly) {
  boost::asio::io_context loop;
  SystemClock clock(loop);
  std::vector<int> fired;
  const TimePoint start = clock.now();
  bool early = false;
  for (const int ms : {30, 10, 20}) {
    const TimePoint when = start + Duration(ms);
    clock.call_at(when, [&, ms, when] {
      fired.push_back(ms);
      early |= clock.now() < when;
    });
  }
  const TimerId cancelled = clock.call_at(start + Duration(15), [&] { fired.push_back(15); });
  clock.cancel(cancelled);
  loop.run();
  EXPECT_EQ(fired, (std::vector<int>{10, 20, 30}));
  EXPECT_FALSE(early);
  EXPECT_LT(clock.now() - start, Duration(5000));
}

TEST(SystemClock, AnEarlierTimerOvertakesTheOneThatIsArmed) {
  boost::asio::io_context loop;
  SystemClock clock(loop);
  std::vector<std::string> fired;
  clock.call_at(clock.now() + Duration(40), [&] { fired.push_back("late"); });
  clock.call_at(clock.now() + Duration(5), [&] { fired.push_back("early"); });
  loop.run();
  EXPECT_EQ(fired, (std::vector<std::string>{"early", "late"}));
}

TEST(SystemClock, FarAwayTimersDoNotOverflow) {
  boost::asio::io_context loop;
  SystemClock clock(loop);
  bool fired = false;
  clock.call_at(kForever - Duration(1), [&] { fired = true; });
  clock.call_at(clock.now() + Duration(5), [&] { loop.stop(); });
  loop.run();
  EXPECT_FALSE(fired);
}

TEST(SystemClock, StartsAtTheWallClockAndNeverBelowItsFloor) {
  boost::asio::io_context loop;
  const TimePoint wall = wall_clock_now();
  SystemClock plain(loop);
  EXPECT_GE(plain.now(), wall);
  EXPECT_LT(plain.now(), wall + Duration(5000));
  SystemClock ahead(loop, wall + Duration(3'600'000));
  EXPECT_GE(ahead.now(), wall + Duration(3'600'000));
  plain.raise_to(wall + Duration(60'000));
  EXPECT_GE(plain.now(), wall + Duration(60'000));
  plain.raise_to(wall);
  EXPECT_GE(plain.now(), wall + Duration(60'000));
}

// Else a lease that was given in one life of a server could end a millisecond early in the next.
TEST(SystemClock, ItsMillisecondsBeginWithThoseOfTheWallClock) {
  for (int life = 0; life < 10; ++life) {
    boost::asio::io_context loop;
    const SystemClock clock(loop);
    const TimePoint end = wall_clock_now() + Duration(2);
    for (TimePoint wall = wall_clock_now(); wall < end; wall = wall_clock_now()) {
      ASSERT_GE(clock.now(), wall);
    }
  }
}

}  // namespace
}  // namespace headrace

// Waiting: clock, timers, wait lists, one-shots, deadlines, task groups, on time that a test moves.

#include <gtest/gtest.h>

#include "base/deadline.hpp"
#include "base/one_shot.hpp"
#include "base/task_group.hpp"
#include "base/wait_list.hpp"
#include "tests/support/manual_clock.hpp"

namespace headrace {
namespace {

namespace asio = boost::asio;
using asio::awaitable;

class Waiting : public testing::Test {
 protected:
  void spawn(awaitable<void> task) { tasks.spawn("test", std::move(task)); }
  void run() { run_ready(loop); }
  void note(std::string what) { seen.push_back(std::move(what)); }

  asio::io_context loop;
  ManualClock clock{loop};
  std::vector<std::string> seen;
  WaitList list;
  TaskGroup tasks{loop.get_executor()};

  awaitable<void> wait(std::string name) {
    co_await list.wait();
    note(name);
  }

  awaitable<void> wait_until(std::string name, TimePoint deadline) {
    const bool notified = co_await list.wait_until(clock, deadline);
    note(name + (notified ? " notified" : " timed out"));
  }

  awaitable<void> sleep(std::string name, TimePoint until) {
    co_await clock.sleep_until(until);
    note(name);
  }
};

using Seen = std::vector<std::string>;

TEST_F(Waiting, TimersFireInOrderOfTimeThenOfMaking) {
  clock.call_at(kTestStart + Duration(20), [this] { note("late"); });
  clock.call_at(kTestStart + Duration(10), [this] { note("first"); });
  clock.call_at(kTestStart + Duration(10), [this] { note("second"); });
  clock.advance(Duration(9));
  EXPECT_EQ(seen, Seen());
  clock.advance(Duration(1));
  EXPECT_EQ(seen, (Seen{"first", "second"}));
  clock.advance(Duration(100));
  EXPECT_EQ(seen, (Seen{"first", "second", "late"}));
}

TEST_F(Waiting, ACancelledTimerNeverFires) {
  const TimerId id = clock.call_at(kTestStart + Duration(10), [this] { note("fired"); });
  clock.cancel(id);
  clock.cancel(id);
  clock.advance(Duration(100));
  EXPECT_EQ(seen, Seen());
}

TEST_F(Waiting, ATimerMayMakeAndCancelTimers) {
  const TimerId doomed = clock.call_at(kTestStart + Duration(20), [this] { note("doomed"); });
  clock.call_at(kTestStart + Duration(10), [this, doomed] {
    clock.cancel(doomed);
    clock.call_at(clock.now() + Duration(5), [this] { note("made"); });
  });
  clock.advance(Duration(100));
  EXPECT_EQ(seen, Seen{"made"});
}

TEST(TimerQueue, TimersAddedWhileOthersRunWaitForTheNextCall) {
  TimerQueue timers;
  int runs = 0;
  timers.add(kTestStart, [&] {
    ++runs;
    timers.add(kTestStart, [&] { ++runs; });
  });
  timers.run_due(kTestStart);
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(timers.next(), kTestStart);
  timers.run_due(kTestStart);
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(timers.next(), kForever);
}

TEST_F(Waiting, ASleeperWakesAtItsTime) {
  spawn(sleep("woke", kTestStart + Duration(10)));
  clock.advance(Duration(9));
  EXPECT_EQ(seen, Seen());
  clock.advance(Duration(1));
  EXPECT_EQ(seen, Seen{"woke"});
}

TEST_F(Waiting, ASleeperIsCancelledAtItsSleep) {
  spawn(sleep("woke", kTestStart + Duration(10)));
  run();
  tasks.cancel();
  run();
  EXPECT_EQ(tasks.size(), 0U);
  clock.advance(Duration(100));
  EXPECT_EQ(seen, Seen());
}

TEST_F(Waiting, NotifyWakesInTheOrderOfArrival) {
  for (const char* name : {"a", "b", "c"}) spawn(wait(name));
  run();
  EXPECT_EQ(list.size(), 3U);
  list.notify_one();
  EXPECT_EQ(seen, Seen());  // posted, not run inside notify
  run();
  EXPECT_EQ(seen, Seen{"a"});
  list.notify_all();
  run();
  EXPECT_EQ(seen, (Seen{"a", "b", "c"}));
  list.notify_one();
}

TEST_F(Waiting, AWaiterWithADeadlineIsNotifiedOrTimesOut) {
  spawn(wait_until("a", kTestStart + Duration(10)));
  spawn(wait_until("b", kTestStart + Duration(10)));
  run();
  list.notify_one();
  clock.advance(Duration(10));
  EXPECT_EQ(seen, (Seen{"a notified", "b timed out"}));
  EXPECT_EQ(list.size(), 0U);
}

TEST_F(Waiting, ACancelledWaiterLeavesTheListAndTakesNoNotification) {
  auto other = std::make_unique<TaskGroup>(loop.get_executor());
  other->spawn("cancelled", wait_until("a", kTestStart + Duration(10)));
  run();
  spawn(wait("b"));
  run();
  other->cancel();
  run();
  EXPECT_EQ(list.size(), 1U);
  list.notify_one();
  clock.advance(Duration(100));
  EXPECT_EQ(seen, Seen{"b"});
}

awaitable<void> take(OneShot<std::unique_ptr<int>>& shot, int& got) {
  std::unique_ptr<int> value = co_await shot.wait();
  got = *value;
}

TEST_F(Waiting, AOneShotDeliversToAWaiter) {
  OneShot<std::unique_ptr<int>> shot;
  int got = 0;
  spawn(take(shot, got));
  run();
  shot.deliver(std::make_unique<int>(5));
  shot.deliver(std::make_unique<int>(6));
  EXPECT_EQ(got, 0);
  run();
  EXPECT_EQ(got, 5);
}

TEST_F(Waiting, AOneShotKeepsWhatCameBeforeItsWaiter) {
  OneShot<std::unique_ptr<int>> shot;
  int got = 0;
  shot.deliver(std::make_unique<int>(7));
  EXPECT_TRUE(shot.delivered());
  spawn(take(shot, got));
  run();
  EXPECT_EQ(got, 7);
}

struct Witness {
  bool* gone;
  explicit Witness(bool* flag) : gone(flag) {}
  ~Witness() { *gone = true; }
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;
};

awaitable<void> hold_until(OneShot<int>& shot, bool* gone) {
  const Witness witness(gone);
  co_await shot.wait();
  ADD_FAILURE() << "resumed";
}

TEST_F(Waiting, AOneShotThatDiesEndsItsWaiterWithoutResumingIt) {
  bool gone = false;
  auto shot = std::make_unique<OneShot<int>>();
  spawn(hold_until(*shot, &gone));
  run();
  EXPECT_FALSE(gone);
  shot.reset();
  run();
  EXPECT_TRUE(gone);
}

awaitable<void> wait_forever(WaitList& list, bool* gone) {
  const Witness witness(gone);
  co_await list.wait();
  ADD_FAILURE() << "resumed";
}

TEST(WaitListAlone, OneThatDiesEndsItsWaitersWithoutResumingThem) {
  bool gone = false;
  asio::io_context loop;
  auto list = std::make_unique<WaitList>();
  TaskGroup tasks(loop.get_executor());
  tasks.spawn("waiter", wait_forever(*list, &gone));
  run_ready(loop);
  list.reset();
  run_ready(loop);
  EXPECT_TRUE(gone);
}

awaitable<void> race(Clock& clock, awaitable<int> work, std::vector<std::string>& seen) {
  const std::optional<int> value =
      co_await with_deadline(clock, kTestStart + Duration(10), std::move(work));
  seen.push_back(value ? std::to_string(*value) : "too late");
}

awaitable<int> answer_at(Clock& clock, TimePoint when) {
  co_await clock.sleep_until(when);
  co_return 42;
}

TEST_F(Waiting, ADeadlineLetsWorkThatIsInTimeThrough) {
  spawn(race(clock, answer_at(clock, kTestStart + Duration(9)), seen));
  clock.advance(Duration(100));
  EXPECT_EQ(seen, Seen{"42"});
}

TEST_F(Waiting, ADeadlineEndsWorkThatIsLate) {
  spawn(race(clock, answer_at(clock, kTestStart + Duration(11)), seen));
  clock.advance(Duration(10));
  EXPECT_EQ(seen, Seen{"too late"});
  EXPECT_EQ(tasks.size(), 0U);
}

awaitable<void> fail() {
  throw std::runtime_error("broken wheel");
  co_return;
}

TEST_F(Waiting, ATaskThatThrowsIsLoggedByNameAndHurtsNobody) {
  testing::internal::CaptureStderr();
  tasks.spawn("wheel", fail());
  spawn(wait("a"));
  run();
  const std::string line = testing::internal::GetCapturedStderr();
  EXPECT_NE(line.find("task=wheel reason=broken wheel"), std::string::npos) << line;
  EXPECT_EQ(tasks.size(), 1U);
}

TEST_F(Waiting, ACancelledTaskIsNotAnError) {
  testing::internal::CaptureStderr();
  spawn(wait("a"));
  run();
  tasks.cancel();
  tasks.cancel();
  run();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(tasks.size(), 0U);
}

awaitable<void> join(TaskGroup& tasks, std::vector<std::string>& seen) {
  co_await tasks.join();
  seen.push_back("joined");
}

TEST_F(Waiting, JoinWaitsForTheLastTask) {
  TaskGroup joiner(loop.get_executor());
  spawn(wait("a"));
  spawn(sleep("b", kTestStart + Duration(10)));
  joiner.spawn("joiner", join(tasks, seen));
  run();
  list.notify_all();
  run();
  EXPECT_EQ(seen, Seen{"a"});
  clock.advance(Duration(10));
  EXPECT_EQ(seen, (Seen{"a", "b", "joined"}));
}

TEST_F(Waiting, JoinOfAnEmptyGroupReturnsAtOnce) {
  TaskGroup joiner(loop.get_executor());
  joiner.spawn("joiner", join(tasks, seen));
  run();
  EXPECT_EQ(seen, Seen{"joined"});
}

awaitable<void> sleep_forever(Clock& clock, bool* gone) {
  const Witness witness(gone);
  co_await clock.sleep_until(kForever);
  ADD_FAILURE() << "resumed";
}

TEST(ClockAlone, OneThatDiesEndsItsSleepersWithoutResumingThem) {
  bool gone = false;
  asio::io_context loop;
  auto clock = std::make_unique<ManualClock>(loop);
  TaskGroup tasks(loop.get_executor());
  tasks.spawn("sleeper", sleep_forever(*clock, &gone));
  run_ready(loop);
  clock.reset();
  run_ready(loop);
  EXPECT_TRUE(gone);
}

TEST(TaskGroupAlone, OneThatDiesCancelsItsTasks) {
  asio::io_context loop;
  ManualClock clock(loop);
  {
    TaskGroup tasks(loop.get_executor());
    tasks.spawn("sleeper", clock.sleep_until(kForever));
    run_ready(loop);
  }
  run_ready(loop);
}

}  // namespace
}  // namespace headrace

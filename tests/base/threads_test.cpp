// Work that crosses threads: Offload and run_on.

#include <atomic>
#include <future>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/this_coro.hpp>
#include <gtest/gtest.h>

#include "base/offload.hpp"
#include "base/run_on.hpp"
#include "base/task_group.hpp"

namespace headrace {
namespace {

namespace asio = boost::asio;
using asio::awaitable;

TEST(Offload, RunsWorkInOrderOnItsThreadAndDoneOnTheLoop) {
  asio::io_context loop;
  std::vector<int> worked;
  std::vector<int> done;
  bool on_loop_thread = true;
  {
    const auto offload = make_thread_offload(loop, "test", 1);
    for (int i = 0; i < 100; ++i) {
      offload->run([&, i] { worked.push_back(i); },
                   [&, i, caller = std::this_thread::get_id()] {
                     done.push_back(i);
                     on_loop_thread &= std::this_thread::get_id() == caller;
                   });
    }
  }
  loop.run();
  std::vector<int> expected(100);
  for (int i = 0; i < 100; ++i) expected[static_cast<std::size_t>(i)] = i;
  EXPECT_EQ(worked, expected);
  EXPECT_EQ(done, expected);
  EXPECT_TRUE(on_loop_thread);
}

TEST(Offload, RunsSeveralAtOnceWithSeveralThreads) {
  asio::io_context loop;
  std::promise<void> second_runs;
  const auto offload = make_thread_offload(loop, "test", 2);
  std::promise<void> first_saw_it;
  offload->run(
      [&] {
        second_runs.get_future().wait();
        first_saw_it.set_value();
      },
      {});
  offload->run([&] { second_runs.set_value(); }, {});
  first_saw_it.get_future().wait();
}

TEST(Offload, FinishesAllWorkBeforeItGoes) {
  asio::io_context loop;
  std::atomic<int> worked = 0;
  {
    const auto offload = make_thread_offload(loop, "test", 2);
    for (int i = 0; i < 50; ++i) offload->run([&] { ++worked; }, {});
  }
  EXPECT_EQ(worked, 50);
}

TEST(Offload, TheInlineOneWorksAtOnceAndPostsItsEnd) {
  asio::io_context loop;
  std::string seen;
  const auto offload = make_inline_offload(loop);
  offload->run([&] { seen += "work "; }, [&] { seen += "done"; });
  EXPECT_EQ(seen, "work ");
  loop.run();
  EXPECT_EQ(seen, "work done");
}

awaitable<void> carry(Offload& offload, std::thread::id& worked_on, std::thread::id& resumed_on) {
  const std::function<void()> work = [&worked_on] { worked_on = std::this_thread::get_id(); };
  co_await offload.carry_out(work);
  resumed_on = std::this_thread::get_id();
}

TEST(Offload, CarriesOutWorkElsewhereAndComesBack) {
  asio::io_context loop;
  auto guard = std::make_unique<asio::executor_work_guard<asio::io_context::executor_type>>(
      loop.get_executor());
  std::thread::id worked_on;
  std::thread::id resumed_on;
  const auto offload = make_thread_offload(loop, "test", 1);
  TaskGroup tasks(loop.get_executor());
  tasks.spawn("carry", carry(*offload, worked_on, resumed_on));
  while (resumed_on == std::thread::id()) loop.run_one();
  EXPECT_NE(worked_on, std::this_thread::get_id());
  EXPECT_NE(worked_on, std::thread::id());
  EXPECT_EQ(resumed_on, std::this_thread::get_id());
}

awaitable<std::thread::id> where_it_runs() { co_return std::this_thread::get_id(); }

struct Places {
  std::thread::id work;
  std::thread::id resumed;
};

awaitable<void> hop(asio::io_context& other, Places& places, asio::io_context& home) {
  places.work = co_await run_on(other, where_it_runs());
  places.resumed = std::this_thread::get_id();
  home.stop();
}

TEST(RunOn, WorksOnTheOtherLoopAndResumesOnItsOwn) {
  asio::io_context home;
  asio::io_context other;
  auto guard = asio::make_work_guard(other);
  auto home_guard = asio::make_work_guard(home);
  std::thread thread([&] { other.run(); });
  Places places;
  TaskGroup tasks(home.get_executor());
  tasks.spawn("hop", hop(other, places, home));
  home.run();
  EXPECT_EQ(places.work, thread.get_id());
  EXPECT_EQ(places.resumed, std::this_thread::get_id());
  guard.reset();
  thread.join();
}

TEST(RunOn, StaysWhereItIsOnTheSameLoop) {
  asio::io_context home;
  Places places;
  TaskGroup tasks(home.get_executor());
  tasks.spawn("hop", hop(home, places, home));
  home.run();
  EXPECT_EQ(places.work, std::this_thread::get_id());
  EXPECT_EQ(places.resumed, std::this_thread::get_id());
}

awaitable<int> break_down() {
  throw std::runtime_error("broken wheel");
  co_return 0;
}

awaitable<void> hop_to_failure(asio::io_context& other, std::string& reason,
                               asio::io_context& home) {
  try {
    co_await run_on(other, break_down());
  } catch (const std::exception& error) {
    reason = error.what();
  }
  home.stop();
}

TEST(RunOn, BringsAnExceptionBack) {
  asio::io_context home;
  asio::io_context other;
  auto guard = asio::make_work_guard(other);
  auto home_guard = asio::make_work_guard(home);
  std::thread thread([&] { other.run(); });
  std::string reason;
  TaskGroup tasks(home.get_executor());
  tasks.spawn("hop", hop_to_failure(other, reason, home));
  home.run();
  EXPECT_EQ(reason, "broken wheel");
  guard.reset();
  thread.join();
}

}  // namespace
}  // namespace headrace

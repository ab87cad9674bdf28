#include "functions/worker_pool.hpp"

#include <algorithm>
#include <cstdio>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <gmock/gmock.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "tests/functions/native_fixture.hpp"

namespace headrace::functions {
namespace {

class WorkerPoolTest : public NativeFunctionTest {
 protected:
  // The process id of the worker behind a new slot.
  std::string worker_pid() { return invoke_bodies({"pid"}).payload; }

  // A coroutine that asks for a slot and keeps it in `into`.
  boost::asio::awaitable<void> take(std::optional<Slot>& into) {
    Result<Slot> slot = co_await function->acquire_slot();
    if (slot) into = std::move(*slot);
  }

  // As many as there may be, all idle then.
  std::vector<pid_t> start_workers() {
    std::vector<pid_t> pids;
    std::vector<Slot> slots;
    while (slots.size() < config.workers.max) slots.push_back(acquire().value());
    const Event event = make_event({"pid"});
    for (Slot& slot : slots) {
      pids.push_back(
          std::stoi(run(loop, function->invoke(std::move(slot), {"req-1", &event})).payload));
      slot = acquire().value();
    }
    return pids;  // the one used next at the end
  }

  boost::asio::awaitable<void> invoke_into(const Event& event, InvocationResult& result) {
    Result<Slot> slot = co_await function->acquire_slot();
    Invocation invocation{"req-1", &event};
    result = co_await function->invoke(std::move(slot.value()), std::move(invocation));
  }

  boost::asio::awaitable<void> invoke_both(const Event& event, InvocationResult& result,
                                           const Event& next, InvocationResult& next_result) {
    co_await invoke_into(event, result);
    co_await invoke_into(next, next_result);
  }

  // Until the process has ended and was reaped; the test's time limit bounds the wait.
  void wait_for_end(pid_t pid) {
    while (kill(pid, 0) == 0) wait_ms(5);
  }

  void wait_ms(int ms) { run(loop, clock.sleep_for(Duration(ms))); }
};

TEST_F(WorkerPoolTest, SlotsNeverExceedTheMaximum) {
  config.workers.max = 2;
  start();
  std::optional<Slot> first = acquire().value();
  std::optional<Slot> second = acquire().value();
  EXPECT_EQ(function->running(), 2U);
  TaskGroup tasks(loop.get_executor());
  std::optional<Slot> third;
  tasks.spawn("third", take(third));
  wait_ms(50);
  EXPECT_FALSE(third.has_value());
  first.reset();
  wait_ms(50);
  EXPECT_TRUE(third.has_value());
  EXPECT_EQ(function->running(), 2U);
}

TEST_F(WorkerPoolTest, CancelledWaitForASlotTakesNone) {
  start();
  std::optional<Slot> only = acquire().value();
  TaskGroup tasks(loop.get_executor());
  std::optional<Slot> waiting;
  std::optional<Slot> patient;
  tasks.spawn("waiting", take(waiting));
  wait_ms(1);
  tasks.cancel();
  tasks.spawn("patient", take(patient));
  only.reset();
  wait_ms(50);
  EXPECT_FALSE(waiting.has_value());
  EXPECT_TRUE(patient.has_value());
}

TEST_F(WorkerPoolTest, InvocationsReuseTheWorker) {
  config.workers.max = 4;
  const std::string pid = worker_pid();
  EXPECT_EQ(worker_pid(), pid);
}

TEST_F(WorkerPoolTest, IdleWorkerEndsAfterTheIdleTimeout) {
  config.workers.idle_timeout = std::chrono::milliseconds(50);
  const pid_t pid = std::stoi(worker_pid());
  EXPECT_EQ(kill(pid, 0), 0);
  wait_for_end(pid);
  EXPECT_TRUE(works());
}

TEST_F(WorkerPoolTest, MinimumOfWorkersIsStartedAndKept) {
  config.workers = {.min = 1, .max = 2, .idle_timeout = std::chrono::milliseconds(50)};
  start();
  wait_ms(300);
  const std::int64_t before_us = clock.elapsed_us();
  const std::string pid = worker_pid();
  EXPECT_LT(clock.elapsed_us() - before_us, 1'000'000);
  wait_ms(300);
  EXPECT_EQ(worker_pid(), pid);
}

TEST_F(WorkerPoolTest, WorkerThatDiedWhileIdleIsReplaced) {
  const pid_t pid = std::stoi(worker_pid());
  kill(pid, SIGKILL);
  wait_for_end(pid);
  EXPECT_TRUE(works());
}

TEST_F(WorkerPoolTest, WorkerThatDiedUnderItsSlotIsReplaced) {
  const pid_t pid = std::stoi(worker_pid());
  Result<Slot> slot = acquire();
  kill(pid, SIGKILL);
  wait_for_end(pid);
  const Event event = make_event({"respond 1"});
  EXPECT_EQ(run(loop, function->invoke(std::move(*slot), {"req-1", &event})).payload, "1");
}

// A caller that tries again at once is faster than the pool, which clears up after each of them.
TEST_F(WorkerPoolTest, WorkersThatDiedTogetherAreReplaced) {
  config.workers.max = 8;
  start();
  const std::vector<pid_t> pids = start_workers();
  const Event endless = make_event({"loop"});
  const Event next = make_event({"respond 1"});
  InvocationResult first;
  InvocationResult second;
  TaskGroup tasks(loop.get_executor());
  tasks.spawn("invocations", invoke_both(endless, first, next, second));
  wait_ms(1);
  std::for_each(pids.rbegin(), pids.rend(), [](pid_t pid) { kill(pid, SIGKILL); });
  for (const pid_t pid : pids) {
    siginfo_t end{};
    waitid(P_PID, static_cast<id_t>(pid), &end, WEXITED | WNOWAIT);  // ended, not reaped
  }
  run(loop, tasks.join());
  EXPECT_EQ(first.error_type, "Runtime.ExitError");
  EXPECT_EQ(second.payload, "1");
}

TEST_F(WorkerPoolTest, StopWaitsForTheRunningInvocation) {
  config.timeout = std::chrono::milliseconds(300);
  start();
  const Event event = make_event({"loop"});
  InvocationResult result;
  TaskGroup tasks(loop.get_executor());
  tasks.spawn("invocation", invoke_into(event, result));
  wait_ms(50);
  run(loop, function->stop());
  EXPECT_EQ(result.error_type, "Sandbox.Timedout");
  EXPECT_FALSE(acquire());
}

TEST_F(WorkerPoolTest, CancelledInvocationGivesItsSlotBack) {
  config.timeout = std::chrono::milliseconds(300);
  start();
  const Event event = make_event({"loop"});
  InvocationResult result;
  TaskGroup tasks(loop.get_executor());
  tasks.spawn("invocation", invoke_into(event, result));
  wait_ms(50);
  tasks.cancel();
  run(loop, tasks.join());
  EXPECT_EQ(function->running(), 0U);
  EXPECT_TRUE(works());
}

TEST_F(WorkerPoolTest, LoopingWorkerDiesWithItsKilledServer) {
  int pipes[2];
  ASSERT_EQ(pipe(pipes), 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipes[1], 1);
  std::string program = POOL_OWNER;
  char* arguments[] = {program.data(), nullptr};
  pid_t server = 0;
  ASSERT_EQ(posix_spawn(&server, POOL_OWNER, &actions, nullptr, arguments, environ), 0);
  posix_spawn_file_actions_destroy(&actions);
  close(pipes[1]);
  std::FILE* pid_line = fdopen(pipes[0], "r");
  int worker = 0;
  ASSERT_EQ(std::fscanf(pid_line, "%d", &worker), 1);
  std::fclose(pid_line);
  const int pidfd = static_cast<int>(syscall(SYS_pidfd_open, worker, 0));
  ASSERT_GE(pidfd, 0);
  wait_ms(50);  // so that it loops

  kill(server, SIGKILL);
  waitpid(server, nullptr, 0);
  pollfd ended{pidfd, POLLIN, 0};
  EXPECT_EQ(poll(&ended, 1, 5000), 1) << "worker " << worker << " still runs";
  close(pidfd);
}

}  // namespace
}  // namespace headrace::functions

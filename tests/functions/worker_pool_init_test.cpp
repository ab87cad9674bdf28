#include <gmock/gmock.h>

#include "base/offload.hpp"
#include "functions/worker_pool.hpp"
#include "tests/functions/run_awaitable.hpp"
#include "tests/support/manual_clock.hpp"

namespace headrace::functions {
namespace {

using std::chrono::seconds;

// A process that never says anything by itself.
class SilentLink final : public WorkerLink {
 public:
  explicit SilentLink(WorkerEvents*& events) : events_(events) {}

  void open(WorkerEvents& events) override { events_ = &events; }
  boost::asio::awaitable<void> send(const Invocation&, TimePoint) override { co_return; }
  void ask_to_end() override {}
  void drain() override {}
  void close() override { events_ = nullptr; }
  boost::asio::awaitable<void> closed() override { co_return; }

 private:
  WorkerEvents*& events_;
};

class SilentWorkers final : public WorkerSource {
 public:
  SilentWorkers(Spawner& spawner, WorkerEvents*& events) : spawner_(spawner), events_(events) {}

  boost::asio::awaitable<Result<StartedWorker>> start() override {
    SpawnRequest request;
    request.program = "/bin/sleep";
    request.arguments = {"60"};
    Result<SpawnedProcess> process = co_await spawner_.spawn(std::move(request));
    if (!process) co_return process.error();
    StartedWorker started;
    started.process = std::move(*process);
    started.link = std::make_unique<SilentLink>(events_);
    co_return std::move(started);
  }

 private:
  Spawner& spawner_;
  WorkerEvents*& events_;  // of the worker that lives
};

class WorkerPoolInitTest : public testing::Test {
 protected:
  boost::asio::awaitable<void> take(std::optional<Result<Slot>>& into) {
    Result<Slot> slot = co_await pool.acquire();
    into = std::move(slot);
  }

  // Starts a worker, lets so much time pass in its init, and then lets it be ready if it still is.
  Result<Slot> acquire_after(Duration init) {
    TaskGroup tasks(loop.get_executor());
    std::optional<Result<Slot>> slot;
    tasks.spawn("acquire", take(slot));
    loop.restart();
    while (events == nullptr) loop.run_one();
    clock.advance(init);
    loop.poll();
    if (events != nullptr) events->on_ready();
    while (!slot) loop.run_one();
    return std::move(*slot);
  }

  boost::asio::io_context loop;
  ManualClock clock{loop};
  std::unique_ptr<Offload> threads = make_thread_offload(loop, "spawner", 1);
  std::unique_ptr<Spawner> spawner = make_posix_spawner(*threads);
  WorkerEvents* events = nullptr;
  WorkerPool pool{loop,
                  clock,
                  std::make_unique<SilentWorkers>(*spawner, events),
                  {.min = 0, .max = 1, .idle_timeout = std::chrono::minutes(5)},
                  seconds(30)};
};

TEST_F(WorkerPoolInitTest, InitThatTookTooLongMayTakeAsLongAsAnInvocation) {
  const Result<Slot> late = acquire_after(seconds(10));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().message, "init failed: it took longer than 10 s");
  {
    const Result<Slot> slot = acquire_after(seconds(29));
    EXPECT_TRUE(slot);
  }
  bool stopped = false;
  boost::asio::co_spawn(loop, pool.stop(), [&stopped](std::exception_ptr) { stopped = true; });
  while (!stopped) clock.advance(seconds(1));
}

// A server that is told to stop would otherwise wait as long as an init may take.
TEST_F(WorkerPoolInitTest, StopEndsAWorkerInItsInit) {
  TaskGroup tasks(loop.get_executor());
  std::optional<Result<Slot>> slot;
  tasks.spawn("acquire", take(slot));
  while (events == nullptr) loop.run_one();
  pool.begin_stop();
  clock.advance(seconds(1));  // for it to end by itself; less than its init may take
  while (events != nullptr) loop.run_one();
  while (!slot) loop.run_one();
  EXPECT_EQ(slot->error().message, "the function is stopping");
  run(loop, pool.stop());
}

}  // namespace
}  // namespace headrace::functions

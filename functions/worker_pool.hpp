// WorkerPool: the workers of one function. Starts them on demand, keeps `min`, never has more than
// `max`, and ends the one idle longest after the idle timeout.
//
// A worker that dies is replaced when the next slot is asked for. Its owner awaits stop() before
// destroying it.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/task_group.hpp"
#include "base/wait_list.hpp"
#include "functions/function.hpp"
#include "functions/worker.hpp"
#include "functions/worker_link.hpp"

namespace headrace::functions {

// Until init must be done. AWS: 10 s; an init that takes longer is repeated at the first invocation
// and may then take as long as that.
inline constexpr Duration kInitTimeMax = std::chrono::seconds(10);

class WorkerPool final : public SlotOwner {
 public:
  // `timeout` is that of one invocation. The references outlive the pool.
  WorkerPool(boost::asio::io_context& loop, Clock& clock, std::unique_ptr<WorkerSource> source,
             WorkerLimits limits, Duration timeout);
  ~WorkerPool();

  // Starts the workers that are always kept.
  void start();

  // A slot holds an idle worker, alive at this moment. Suspends until there is one; fails when a
  // start failed meanwhile.
  boost::asio::awaitable<Result<Slot>> acquire();

  // Runs one batch on the worker of the slot, or on another one when it died since.
  boost::asio::awaitable<InvocationResult> invoke(Slot slot, Invocation invocation);

  // Refuses who waits for a slot, and ends what starts: an init may take as long as an invocation.
  void begin_stop();

  // Suspends until no slot is out, or an invocation may run no longer; then ends all workers.
  boost::asio::awaitable<void> stop();

  std::size_t running() const { return slots_out_; }

  void give_back(std::uint64_t slot_id) override;

 private:
  struct Member {
    Worker* worker = nullptr;
    std::int64_t init_us = 0;
  };
  struct Idle {
    std::uint64_t id = 0;
    TimePoint since;
  };

  Worker* find(const Slot& slot);
  std::int64_t take_init_us(const Slot& slot);
  void start_worker();
  boost::asio::awaitable<void> run_worker();
  boost::asio::awaitable<void> host(std::uint64_t id, StartedWorker started,
                                    std::int64_t started_us);
  void record_failure(const Error& error);
  std::optional<std::uint64_t> take_idle();
  void become_idle(std::uint64_t id);
  void arm_reaper();
  void reap_idle();
  std::size_t count() const { return members_.size() + starting_; }

  boost::asio::io_context& loop_;
  Clock& clock_;
  std::unique_ptr<WorkerSource> source_;
  WorkerLimits limits_;
  Duration timeout_;
  Duration init_time_ = kInitTimeMax;
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, Member> members_;  // from started to reaped
  std::deque<Idle> idle_;                    // longest idle first
  std::size_t starting_ = 0;                 // not ready yet
  std::set<Worker*> in_init_;                // of those, the ones that have a process
  std::size_t slots_out_ = 0;
  std::uint64_t failures_ = 0;
  Error last_failure_;
  bool stopping_ = false;
  WaitList changed_;  // a worker became idle or ended, a start failed, the pool is stopping
  WaitList drained_;
  std::optional<TimerId> reaper_;
  TaskGroup tasks_;
};

}  // namespace headrace::functions

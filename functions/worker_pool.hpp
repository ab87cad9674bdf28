// WorkerPool: the workers of one native function. Starts them on demand, keeps `min`, never has
// more than `max`, and ends the one idle longest after the idle timeout.
//
// A worker that dies is replaced when the next slot is asked for. Its owner awaits stop() before
// destroying it.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/task_group.hpp"
#include "base/wait_list.hpp"
#include "functions/function.hpp"
#include "functions/spawner.hpp"
#include "functions/worker.hpp"

namespace headrace::functions {

class WorkerPool final : public SlotOwner {
 public:
  // `request` starts one worker. The references outlive the pool.
  WorkerPool(boost::asio::io_context& loop, Clock& clock, Spawner& spawner, WorkerLimits limits,
             SpawnRequest request);
  ~WorkerPool();

  // Starts the workers that are always kept.
  void start();

  // A slot holds an idle worker, alive at this moment. Suspends until there is one; fails when a
  // start failed meanwhile.
  boost::asio::awaitable<Result<Slot>> acquire();

  // The worker of a slot; nullptr when it died since.
  Worker* find(const Slot& slot);

  // The time this worker took from start to ready, the first time it is asked; 0 after.
  std::int64_t take_init_us(const Slot& slot);

  // Suspends until no slot is out, or `deadline`; then ends all workers.
  boost::asio::awaitable<void> stop(TimePoint deadline);

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

  void start_worker();
  boost::asio::awaitable<void> run_worker();
  boost::asio::awaitable<void> host(std::uint64_t id, SpawnedProcess process,
                                    std::int64_t started_us);
  void record_failure(const Error& error);
  std::optional<std::uint64_t> take_idle();
  void become_idle(std::uint64_t id);
  void arm_reaper();
  void reap_idle();
  std::size_t count() const { return members_.size() + starting_; }

  boost::asio::io_context& loop_;
  Clock& clock_;
  Spawner& spawner_;
  WorkerLimits limits_;
  SpawnRequest request_;
  std::uint64_t last_id_ = 0;
  std::map<std::uint64_t, Member> members_;  // from started to reaped
  std::deque<Idle> idle_;                    // longest idle first
  std::size_t starting_ = 0;                 // not ready yet
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

#include "functions/worker_pool.hpp"

#include <algorithm>

#include "functions/error_payload.hpp"

namespace headrace::functions {
namespace asio = boost::asio;

namespace {

// Beyond the longest invocation, before workers are ended under a running one.
constexpr Duration kStopMargin = std::chrono::seconds(2);

}  // namespace

WorkerPool::WorkerPool(asio::io_context& loop, Clock& clock, std::unique_ptr<WorkerSource> source,
                       WorkerLimits limits, Duration timeout)
    : loop_(loop),
      clock_(clock),
      source_(std::move(source)),
      limits_(limits),
      timeout_(timeout),
      tasks_(loop.get_executor()) {}

WorkerPool::~WorkerPool() {
  if (reaper_) clock_.cancel(*reaper_);
}

void WorkerPool::start() {
  while (count() < limits_.min) start_worker();
}

asio::awaitable<Result<Slot>> WorkerPool::acquire() {
  const std::uint64_t failures_before = failures_;
  for (;;) {
    if (stopping_) co_return Error{ErrorCode::kUnavailable, "the function is stopping"};
    if (failures_ != failures_before) co_return last_failure_;
    const std::optional<std::uint64_t> id = take_idle();
    if (id) {
      ++slots_out_;
      co_return Slot(*this, *id);
    }
    const bool more_wanted = starting_ <= changed_.size();
    if (more_wanted && count() < limits_.max) start_worker();
    co_await changed_.wait();
  }
}

// The one used last, so that the others grow old and are ended. Of several that died together, some
// are still in the list while the first one's caller already asks again.
std::optional<std::uint64_t> WorkerPool::take_idle() {
  while (!idle_.empty()) {
    const std::uint64_t id = idle_.back().id;
    idle_.pop_back();
    if (members_.at(id).worker->alive()) return id;
  }
  return std::nullopt;
}

asio::awaitable<InvocationResult> WorkerPool::invoke(Slot slot, Invocation invocation) {
  if (find(slot) == nullptr) {
    // It died between the taking of the slot and now; nothing is lost yet.
    slot = Slot();
    Result<Slot> replacement = co_await acquire();
    if (!replacement) {
      InvocationResult failed;
      fail(failed, {"Runtime.ExitError", replacement.error().message, {}});
      co_return failed;
    }
    slot = std::move(*replacement);
  }
  const std::int64_t init_us = take_init_us(slot);
  const std::int64_t started_us = clock_.elapsed_us();
  Worker& worker = *find(slot);
  const TimePoint deadline = clock_.now() + timeout_;
  CallReport report = co_await worker.call(invocation, deadline);
  InvocationResult result = judge(std::move(report), invocation.request_id, timeout_);
  result.init_us = init_us;
  result.duration_us = clock_.elapsed_us() - started_us;
  co_return result;
}

// The worker of a slot; nullptr when it died since.
Worker* WorkerPool::find(const Slot& slot) {
  const auto member = members_.find(slot.id());
  if (member == members_.end() || !member->second.worker->alive()) return nullptr;
  return member->second.worker;
}

// The time this worker took from start to ready, the first time it is asked; 0 after.
std::int64_t WorkerPool::take_init_us(const Slot& slot) {
  return std::exchange(members_.at(slot.id()).init_us, 0);
}

void WorkerPool::give_back(std::uint64_t slot_id) {
  --slots_out_;
  if (slots_out_ == 0) drained_.notify_all();
  const auto member = members_.find(slot_id);
  if (member != members_.end() && member->second.worker->alive()) become_idle(slot_id);
}

void WorkerPool::become_idle(std::uint64_t id) {
  idle_.push_back({id, clock_.now()});
  changed_.notify_one();
  arm_reaper();
}

void WorkerPool::start_worker() {
  ++starting_;
  tasks_.spawn("worker", run_worker());
}

asio::awaitable<void> WorkerPool::run_worker() {
  const std::int64_t started_us = clock_.elapsed_us();
  Result<StartedWorker> started = co_await source_->start();
  if (!started) {
    --starting_;
    record_failure(started.error());
    co_return;
  }
  co_await host(++last_id_, std::move(*started), started_us);
  changed_.notify_one();
}

// From a started process to its end. While the worker starts, `starting_` counts it; then
// `members_`.
asio::awaitable<void> WorkerPool::host(std::uint64_t id, StartedWorker started,
                                       std::int64_t started_us) {
  Worker worker(loop_, clock_, std::move(started));
  in_init_.insert(&worker);
  const Duration init_time = stopping_ ? Duration{0} : init_time_;
  const Status ready = co_await worker.start(init_time);
  in_init_.erase(&worker);
  --starting_;
  members_[id] = {&worker, clock_.elapsed_us() - started_us};
  if (!ready) {
    record_failure(ready.error());
  } else if (stopping_) {
    worker.stop();
  } else {
    become_idle(id);
  }
  co_await worker.ended();
  members_.erase(id);
  std::erase_if(idle_, [id](const Idle& idle) { return idle.id == id; });
}

void WorkerPool::record_failure(const Error& error) {
  ++failures_;
  last_failure_ = error;
  if (error.code == ErrorCode::kTimeout) init_time_ = std::max(init_time_, timeout_);
  changed_.notify_all();
}

void WorkerPool::arm_reaper() {
  if (reaper_ || idle_.empty() || members_.size() <= limits_.min) return;
  const TimePoint when = idle_.front().since + limits_.idle_timeout;
  reaper_ = clock_.call_at(when, [this] { reap_idle(); });
}

void WorkerPool::reap_idle() {
  reaper_.reset();
  const TimePoint now = clock_.now();
  std::size_t spare = members_.size() - std::min(members_.size(), limits_.min);
  while (spare > 0 && !idle_.empty() && idle_.front().since + limits_.idle_timeout <= now) {
    members_.at(idle_.front().id).worker->stop();
    idle_.pop_front();
    --spare;
  }
  arm_reaper();
}

void WorkerPool::begin_stop() {
  stopping_ = true;
  changed_.notify_all();
  for (Worker* worker : in_init_) worker->stop();
}

asio::awaitable<void> WorkerPool::stop() {
  const TimePoint deadline = clock_.now() + timeout_ + kStopMargin;
  begin_stop();
  bool in_time = true;
  while (slots_out_ > 0 && in_time) {
    in_time = co_await drained_.wait_until(clock_, deadline);
  }
  for (auto& [id, member] : members_) member.worker->stop();
  idle_.clear();
  co_await tasks_.join();
}

}  // namespace headrace::functions

#include "runtime/mapping_runner.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "runtime/invocation_report.hpp"
#include "runtime/sqs_event.hpp"

namespace headrace::runtime {

namespace {

// Back-off while a function cannot start or its queue is gone: nothing is leased meanwhile.
constexpr Duration kPauseMin{1000};
constexpr Duration kPauseMax{60'000};
// Back-off while a function throttles; its batch is held until shortly before it would reappear.
constexpr Duration kThrottlePauseMin{100};
constexpr Duration kThrottlePauseMax{5000};
constexpr Duration kHoldMargin{500};
// {"Records":[]}
constexpr std::uint64_t kEnvelopeBytes = 16;

}  // namespace

MappingRunner::MappingRunner(MappingSurroundings surroundings, EventSourceMapping mapping,
                             functions::Function& function)
    : around_(surroundings),
      mapping_(std::move(mapping)),
      function_(function),
      counters_(make_counters(around_.metrics, mapping_)),
      lanes_(std::min(mapping_.maximum_concurrency.value_or(function.limit()), function.limit())),
      next_pause_(kPauseMin),
      tasks_(around_.loop.get_executor()) {}

MappingRunner::Counters MappingRunner::make_counters(MetricsRegistry& metrics,
                                                     const EventSourceMapping& mapping) {
  const MetricLabels labels = {{"queue", mapping.queue.name}, {"function", mapping.function}};
  return Counters{
      metrics.counter("headrace_mapping_invocations_total", "Batches given to the function.",
                      labels),
      metrics.counter("headrace_mapping_errors_total", "Batches that failed as a whole.", labels),
      metrics.counter("headrace_mapping_throttles_total", "Invocations refused as throttled.",
                      labels),
      metrics.counter("headrace_mapping_records_ok_total", "Messages handled and deleted.", labels),
      metrics.counter("headrace_mapping_records_failed_total",
                      "Messages that stay in the queue after an invocation.", labels),
      metrics.gauge("headrace_mapping_concurrency", "Batches in work now.", labels),
      metrics.histogram("headrace_mapping_duration_seconds", "Duration of invocations.", labels)};
}

void MappingRunner::start() {
  for (std::size_t i = 0; i < lanes_; ++i) {
    tasks_.spawn("mapping " + mapping_.queue.name, run_lane());
  }
}

boost::asio::awaitable<void> MappingRunner::stop() {
  stopping_ = true;
  stop_.request();
  turn_.notify_all();
  wake_up_.notify_all();
  co_await tasks_.join();
}

MappingRunner::Awaitable<void> MappingRunner::run_lane() {
  while (!stopping_) {
    while (gathering_ && !stopping_) {
      co_await turn_.wait();
    }
    if (stopping_) co_return;
    gathering_ = true;
    Batch batch = co_await gather();
    gathering_ = false;
    turn_.notify_one();
    if (batch.messages.empty()) continue;
    co_await handle(std::move(batch));
  }
}

// An empty batch means: begin again, or stop.
MappingRunner::Awaitable<MappingRunner::Batch> MappingRunner::gather() {
  Batch batch;
  const bool enough = co_await wait_for_messages();
  if (!enough) co_return batch;
  batch.slot = co_await take_slot();
  if (!batch.slot || stopping_) co_return batch;

  queue::ReceiveRequest request;
  request.address = mapping_.queue;
  request.max_messages = mapping_.batch_size;
  request.event_bytes_max = kEventBytesMax - kEnvelopeBytes;
  request.wait_seconds = 0;
  batch.leased = around_.clock.now();
  auto received = co_await around_.broker.receive(std::move(request), stop_);
  if (received) {
    batch.messages = std::move(*received);
  } else {
    const std::string reason = received.error().message;
    co_await pause(reason);
  }
  co_return batch;
}

// True when a batch can be closed: by count, by bytes, or because the window is over.
MappingRunner::Awaitable<bool> MappingRunner::wait_for_messages() {
  queue::WaitRequest request;
  request.address = mapping_.queue;
  queue::Result<std::uint64_t> visible = co_await around_.broker.wait_visible(request, stop_);
  if (visible && *visible > 0 && mapping_.batching_window > Duration{0} && !stopping_) {
    request.messages = mapping_.batch_size;
    request.event_bytes = kEventBytesMax - kEnvelopeBytes;
    request.deadline = around_.clock.now() + mapping_.batching_window;
    visible = co_await around_.broker.wait_visible(request, stop_);
  }
  if (!visible) {
    const std::string reason = visible.error().message;
    co_await pause(reason);
    co_return false;
  }
  co_return *visible > 0 && !stopping_;
}

// An empty slot when the function cannot run now; the mapping has then paused.
MappingRunner::Awaitable<functions::Slot> MappingRunner::take_slot() {
  Result<functions::Slot> slot = co_await function_.acquire_slot();
  if (slot) {
    next_pause_ = kPauseMin;
    paused_because_.clear();
    co_return std::move(*slot);
  }
  const std::string reason = slot.error().message;
  co_await pause(reason);
  functions::Slot none;
  co_return std::move(none);
}

// Nothing is leased while a mapping pauses, so no receive is counted and nothing is dead-lettered.
MappingRunner::Awaitable<void> MappingRunner::pause(const std::string& reason) {
  if (stopping_) co_return;
  if (reason != paused_because_) {
    log_warning("mapping paused queue={} function={} reason={}", mapping_.queue.name,
                mapping_.function, reason);
  }
  paused_because_ = reason;
  last_result_ = reason;
  const TimePoint until = around_.clock.now() + next_pause_;
  next_pause_ = std::min(next_pause_ * 2, kPauseMax);
  const bool woken = co_await wake_up_.wait_until(around_.clock, until);
  static_cast<void>(woken);
}

MappingRunner::Awaitable<void> MappingRunner::handle(Batch batch) {
  counters_.concurrency.add(1);
  const functions::Event event = make_event(batch.messages, mapping_);
  const functions::InvocationResult result = co_await invoke_until_run(batch, event);
  // A batch that was throttled to its end is nobody's failure: its messages reappear by themselves.
  if (result.outcome != functions::Outcome::kThrottled) {
    const BatchOutcome outcome = judge(event, result, mapping_.item_failures);
    count(result, outcome);
    co_await settle(batch, outcome);
  }
  counters_.concurrency.add(-1);
}

// Invokes; while the function throttles, holds the batch and tries again until it would reappear.
MappingRunner::Awaitable<functions::InvocationResult> MappingRunner::invoke_until_run(
    Batch& batch, const functions::Event& event) {
  Duration throttle_pause = kThrottlePauseMin;
  for (;;) {
    functions::Invocation invocation;
    invocation.request_id = to_string(around_.random.uuid());
    invocation.event = &event;
    const std::string request_id = invocation.request_id;
    functions::InvocationResult result =
        co_await function_.invoke(std::move(batch.slot), std::move(invocation));
    if (result.outcome != functions::Outcome::kThrottled) {
      report(request_id, result);
      co_return result;
    }
    counters_.throttles.add();
    last_result_ = "throttled";
    const TimePoint hold_until = co_await end_of_hold(batch);
    const Duration jitter(around_.random.below(static_cast<std::uint64_t>(throttle_pause.count())));
    const TimePoint again =
        around_.clock.now() + result.retry_after.value_or(throttle_pause + jitter);
    if (again >= hold_until || stopping_) co_return result;
    throttle_pause = std::min(throttle_pause * 2, kThrottlePauseMax);
    const bool woken = co_await wake_up_.wait_until(around_.clock, again);
    if (woken) co_return result;
    Result<functions::Slot> slot = co_await function_.acquire_slot();
    if (!slot) co_return result;
    batch.slot = std::move(*slot);
  }
}

// Shortly before the batch's messages become visible again.
MappingRunner::Awaitable<TimePoint> MappingRunner::end_of_hold(const Batch& batch) {
  const auto queue = co_await around_.broker.describe_queue(mapping_.queue);
  const std::chrono::seconds visibility(queue ? queue->attributes.visibility_timeout : 0);
  co_return batch.leased + visibility - kHoldMargin;
}

MappingRunner::Awaitable<void> MappingRunner::settle(const Batch& batch,
                                                     const BatchOutcome& outcome) {
  queue::DeleteRequest request;
  request.address = mapping_.queue;
  for (std::size_t i = 0; i < batch.messages.size(); ++i) {
    const queue::ReceivedMessage& message = batch.messages[i];
    if (outcome.failures[i]) {
      around_.last_errors.record(message.message_id, *outcome.failures[i]);
      continue;
    }
    if (message.receive_count > 1) around_.last_errors.forget(message.message_id);
    request.receipt_handles.push_back(message.receipt_handle);
  }
  if (request.receipt_handles.empty()) co_return;
  const auto deleted = co_await around_.broker.remove(std::move(request));
  if (!deleted) {
    log_error("handled messages could not be deleted, they will come again queue={} reason={}",
              mapping_.queue.name, deleted.error().message);
  }
}

void MappingRunner::report(const std::string& request_id,
                           const functions::InvocationResult& result) {
  for (const std::string& line : report_lines(request_id, function_.config(), result)) {
    around_.logs.append(mapping_.function, line);
  }
}

void MappingRunner::count(const functions::InvocationResult& result, const BatchOutcome& outcome) {
  const std::size_t failed = outcome.failed();
  const std::size_t records = outcome.failures.size();
  counters_.invocations.add();
  counters_.records_ok.add(records - failed);
  counters_.records_failed.add(failed);
  counters_.duration.observe(static_cast<double>(result.duration_us) / 1e6);
  last_result_ = std::to_string(records - failed) + " ok, " + std::to_string(failed) + " failed";
  if (outcome.function_error) {
    counters_.errors.add();
    last_result_ = *outcome.failures.front();
    log_warning("batch failed queue={} function={} records={} reason={}", mapping_.queue.name,
                mapping_.function, records, *outcome.failures.front());
  }
  if (outcome.item_failures_ignored) {
    log_warning(
        "batchItemFailures ignored and every message deleted: set report_batch_item_failures "
        "queue={} function={}",
        mapping_.queue.name, mapping_.function);
  }
}

MappingStatus MappingRunner::status() const {
  MappingStatus status;
  status.queue = mapping_.queue.name;
  status.function = mapping_.function;
  status.state = stopping_ ? "Disabling" : "Enabled";
  status.batch_size = static_cast<std::int64_t>(mapping_.batch_size);
  status.concurrency = static_cast<std::uint64_t>(counters_.concurrency.value());
  status.limit = lanes_;
  status.invocations = counters_.invocations.value();
  status.errors = counters_.errors.value();
  status.records_ok = counters_.records_ok.value();
  status.records_failed = counters_.records_failed.value();
  status.last_result = last_result_;
  return status;
}

}  // namespace headrace::runtime

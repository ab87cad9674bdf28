#include "runtime/mapping_runner.hpp"

#include <algorithm>
#include <functional>
#include <new>

#include "base/codec.hpp"
#include "base/log.hpp"
#include "functions/limits.hpp"
#include "queue/limits.hpp"
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
constexpr Duration kRetryAfterMax{60'000};  // a function may ask for so much
constexpr Duration kHoldMargin{500};
constexpr Duration kThrottleWarningInterval{60'000};
// A batch with more than this is filtered off the loop.
constexpr std::size_t kFilteredOnLoopRecordsMax = 64;
constexpr std::size_t kFilteredOnLoopBytesMax = 16'384;  // of bodies
constexpr const char* kInFlightFull = "The maximum number of in flight messages is reached";
// {"Records":[]}
constexpr std::uint64_t kEnvelopeBytes = 16;

bool is_filtered_on_loop(const functions::Event& event) {
  if (event.records.size() > kFilteredOnLoopRecordsMax) return false;
  std::size_t bytes = 0;
  for (const functions::Record& record : event.records) bytes += record.body.size();
  return bytes <= kFilteredOnLoopBytesMax;
}

ScalerRules scaler_rules(const EventSourceMapping& mapping, std::size_t function_limit) {
  ScalerRules rules;
  // AWS: a FIFO queue has as many batches in work as it has active groups.
  const bool fifo = mapping.queue.name.ends_with(".fifo");
  rules.scaling = fifo ? Scaling::kFast : mapping.scaling;
  rules.ceiling = std::min(mapping.maximum_concurrency.value_or(function_limit), function_limit);
  rules.rests_at_two = !mapping.maximum_concurrency;
  rules.slows_on_errors = mapping.item_failures == ItemFailures::kIgnored;
  return rules;
}

std::string throttle_reason(const functions::InvocationResult& throttled) {
  if (throttled.error_message.empty()) return "throttled";
  return "throttled: " + throttled.error_message;
}

}  // namespace

MappingRunner::MappingRunner(MappingSurroundings surroundings, EventSourceMapping mapping,
                             functions::Function& function)
    : around_(surroundings),
      mapping_(std::move(mapping)),
      function_(function),
      counters_(make_counters(around_.metrics, mapping_)),
      scaler_(scaler_rules(mapping_, function.limit()), around_.clock.now()),
      next_pause_(kPauseMin),
      throttle_pause_(kThrottlePauseMin),
      tasks_(around_.loop.get_executor()) {}

MappingRunner::Counters MappingRunner::make_counters(MetricsRegistry& metrics,
                                                     const EventSourceMapping& mapping) {
  const MetricLabels labels = {{"queue", mapping.queue.name}, {"function", mapping.function}};
  const auto counter = [&metrics, &labels](const char* name, const char* help) -> Counter& {
    return metrics.counter(std::string("headrace_mapping_") + name + "_total", help, labels);
  };
  return Counters{
      counter("invocations", "Batches given to the function."),
      counter("errors", "Batches that failed as a whole."),
      counter("throttles", "Invocations refused as throttled."),
      counter("records_ok", "Messages handled and deleted."),
      counter("records_failed", "Messages that stay in the queue after an invocation."),
      counter("polled_events", "Messages received (AWS: PolledEventCount)."),
      counter("filtered_out_events",
              "Messages deleted because no filter matches (AWS: FilteredOutEventCount)."),
      counter("invoked_events",
              "Messages given to the function, at each attempt (AWS: InvokedEventCount)."),
      counter(
          "failed_invoke_events",
          "Messages of attempts that failed or reported failures (AWS: FailedInvokeEventCount)."),
      counter("deleted_events", "Messages deleted after an invocation (AWS: DeletedEventCount)."),
      metrics.gauge("headrace_mapping_concurrency", "Batches in work now.", labels),
      metrics.histogram("headrace_mapping_duration_seconds", "Duration of invocations.", labels)};
}

void MappingRunner::start() {
  for (std::size_t i = 0; i < scaler_.ceiling(); ++i) {
    tasks_.spawn("mapping " + mapping_.queue.name, run_lane());
  }
}

void MappingRunner::begin_stop() {
  stopping_ = true;
  stop_.request();
  turn_.notify_all();
  room_.notify_all();
  wake_up_.notify_all();
}

boost::asio::awaitable<void> MappingRunner::stop() {
  begin_stop();
  co_await tasks_.join();
}

boost::asio::awaitable<void> stop_all(const std::vector<std::unique_ptr<MappingRunner>>& runners) {
  for (const auto& runner : runners) runner->begin_stop();
  for (const auto& runner : runners) {
    co_await runner->stop();
  }
}

MappingRunner::Awaitable<void> MappingRunner::run_lane() {
  while (!stopping_) {
    while (gathering_ && !stopping_) {
      co_await turn_.wait();
    }
    if (stopping_) co_return;
    Batch batch;
    bool exhausted = false;
    gathering_ = true;
    try {
      batch = co_await gather();
    } catch (const std::bad_alloc&) {
      exhausted = true;
    }
    gathering_ = false;
    turn_.notify_one();
    if (!batch.messages.empty()) {
      in_work_ += 1;
      counters_.concurrency.add(1);
      try {
        co_await handle(std::move(batch));
      } catch (const std::bad_alloc&) {
        exhausted = true;
      }
      counters_.concurrency.add(-1);
      in_work_ -= 1;
      room_.notify_all();
    }
    if (exhausted) {
      std::string reason = "out of memory";
      co_await pause(std::move(reason));
    }
  }
}

// An empty batch means: begin again, or stop.
MappingRunner::Awaitable<MappingRunner::Batch> MappingRunner::gather() {
  Batch batch;
  const bool enough = co_await wait_for_messages();
  if (!enough) co_return batch;
  co_await sit_out_throttling();
  co_await wait_for_room();
  if (stopping_) co_return batch;
  batch.slot = co_await take_slot();
  if (batch.slot && !stopping_) {
    co_await lease(batch);
  }
  co_return batch;
}

// The visibility timeout is the queue's now; a change of it holds for later batches.
MappingRunner::Awaitable<void> MappingRunner::lease(Batch& batch) {
  queue::ReceiveRequest request;
  request.address = mapping_.queue;
  request.max_messages = mapping_.batch_size;
  request.event_bytes_max = kEventBytesMax - kEnvelopeBytes;
  request.wait_seconds = 0;
  const auto queue = co_await around_.broker.describe_queue(mapping_.queue);
  const std::int64_t visibility = queue ? queue->attributes.visibility_timeout : 0;
  request.visibility_timeout = visibility;
  batch.hold_until = around_.clock.now() + std::chrono::seconds(visibility) - kHoldMargin;
  auto received = co_await around_.broker.receive(std::move(request), stop_);
  if (received && !received->empty()) {
    counters_.polled_events.add(received->size());
    batch.messages = std::move(*received);
    co_return;
  }
  // Empty with messages to be had: somebody else was faster, or a FIFO queue hands out no more.
  const bool full = queue && queue->in_flight >= queue::kInFlightMax;
  if (received && !full) co_return;
  batch.slot = functions::Slot();  // for others, as long as this mapping pauses
  std::string reason = kInFlightFull;
  if (!received) reason = received.error().message;
  co_await pause(std::move(reason));
}

// A batch that was let go may be visible at once: what throttled it would throttle it again.
MappingRunner::Awaitable<void> MappingRunner::sit_out_throttling() {
  while (!stopping_ && around_.clock.now() < throttled_until_) {
    const bool woken = co_await wake_up_.wait_until(around_.clock, throttled_until_);
    static_cast<void>(woken);
  }
}

MappingRunner::Awaitable<void> MappingRunner::wait_for_room() {
  while (!stopping_ && in_work_ >= scaler_.allowed(around_.clock.now())) {
    const TimePoint more = scaler_.grows_at();
    if (more == kForever) {
      co_await room_.wait();
    } else {
      const bool woken = co_await room_.wait_until(around_.clock, more);
      static_cast<void>(woken);
    }
  }
}

// True when a batch can be closed: by count, by bytes, or because the window is over.
MappingRunner::Awaitable<bool> MappingRunner::wait_for_messages() {
  queue::WaitRequest request;
  request.address = mapping_.queue;
  const TimePoint asked = around_.clock.now();
  queue::Result<std::uint64_t> visible = co_await around_.broker.wait_visible(request, stop_);
  const TimePoint now = around_.clock.now();
  if (now > asked) scaler_.backlog_began(now, now - asked, in_work_);
  if (visible && *visible > 0 && mapping_.batching_window > Duration{0} && !stopping_) {
    request.messages = mapping_.batch_size;
    request.event_bytes = kEventBytesMax - kEnvelopeBytes;
    request.deadline = now + mapping_.batching_window;
    visible = co_await around_.broker.wait_visible(request, stop_);
  }
  if (!visible) {
    std::string reason = visible.error().message;
    co_await pause(std::move(reason));
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
  std::string reason = slot.error().message;
  co_await pause(std::move(reason));
  functions::Slot none;
  co_return std::move(none);
}

// Nothing is leased while a mapping pauses, so no receive is counted and nothing is dead-lettered.
MappingRunner::Awaitable<void> MappingRunner::pause(std::string reason) {
  if (stopping_) co_return;
  reason = bounded_utf8(reason, functions::kReasonBytesMax);
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
  functions::Event event = make_event(batch.messages, mapping_);
  co_await filter(batch, event);
  if (event.records.empty()) co_return;
  const Invoked invoked = co_await invoke_until_run(batch, event);
  if (invoked.result.outcome == functions::Outcome::kThrottled) {
    let_go(batch, invoked.result);
  } else {
    const BatchOutcome outcome = judge(event, invoked.result, mapping_.item_failures);
    report(batch, invoked, event, outcome);
    count(invoked.result, outcome);
    co_await settle(batch, outcome);
  }
}

// Lambda deletes what no filter matches. Without a record left nobody needs the slot meanwhile.
MappingRunner::Awaitable<void> MappingRunner::filter(Batch& batch, functions::Event& event) {
  if (mapping_.filters.empty()) co_return;
  std::vector<bool> passing;
  const std::function<void()> match = [&passing, &event, this] {
    try {
      passing = mapping_.filters.passing(event);
    } catch (const std::bad_alloc&) {
      passing.clear();
    }
  };
  if (is_filtered_on_loop(event)) {
    match();
  } else {
    co_await around_.background.carry_out(match);
  }
  if (passing.empty()) co_return;  // not looked at: nothing is deleted
  std::vector<std::string> dropped = take_out(batch, event, passing);
  counters_.filtered_out_events.add(dropped.size());
  if (batch.messages.empty()) batch.slot = functions::Slot();
  const std::size_t deleted = co_await remove(std::move(dropped));
  static_cast<void>(deleted);
}

// Leaves what passes; the receipt handles of the rest.
std::vector<std::string> MappingRunner::take_out(Batch& batch, functions::Event& event,
                                                 const std::vector<bool>& passing) {
  std::vector<std::string> dropped;
  std::vector<queue::ReceivedMessage> dropped_messages;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < passing.size(); ++i) {
    if (!passing[i]) {
      dropped.push_back(std::move(batch.messages[i].receipt_handle));
      if (around_.history != nullptr) dropped_messages.push_back(std::move(batch.messages[i]));
      continue;
    }
    if (kept != i) {
      event.records[kept] = std::move(event.records[i]);
      batch.messages[kept] = std::move(batch.messages[i]);
    }
    kept += 1;
  }
  event.records.resize(kept);
  batch.messages.resize(kept);
  note(dropped_messages, AttemptOutcome::kFiltered, "");
  return dropped;
}

// Invokes; while the function throttles, holds the batch and tries again until it would reappear.
MappingRunner::Awaitable<MappingRunner::Invoked> MappingRunner::invoke_until_run(
    Batch& batch, const functions::Event& event) {
  Invoked invoked;
  for (;;) {
    functions::Invocation invocation;
    invocation.request_id = to_string(around_.random.uuid());
    invocation.event = &event;
    invoked.request_id = invocation.request_id;
    counters_.invoked_events.add(event.records.size());
    invoked.result = co_await function_.invoke(std::move(batch.slot), std::move(invocation));
    if (invoked.result.outcome != functions::Outcome::kThrottled) {
      throttle_pause_ = kThrottlePauseMin;
      co_return invoked;
    }
    counters_.failed_invoke_events.add(event.records.size());
    const TimePoint again = back_off(invoked.result);
    if (again >= batch.hold_until || stopping_) co_return invoked;
    const bool woken = co_await wake_up_.wait_until(around_.clock, again);
    if (woken) co_return invoked;
    Result<functions::Slot> slot = co_await function_.acquire_slot();
    if (!slot) co_return invoked;
    // Others may have had it for long: what is visible again is no longer ours.
    if (around_.clock.now() >= batch.hold_until) co_return invoked;
    batch.slot = std::move(*slot);
  }
}

// When the function may be asked again. Invocations that were throttled together count as one.
TimePoint MappingRunner::back_off(const functions::InvocationResult& throttled) {
  counters_.throttles.add();
  set_last_result(throttle_reason(throttled));
  const TimePoint now = around_.clock.now();
  const Duration asked = std::min(throttled.retry_after.value_or(Duration(0)), kRetryAfterMax);
  const Duration jitter(around_.random.below(static_cast<std::uint64_t>(throttle_pause_.count())));
  const TimePoint again = now + std::max(asked, throttle_pause_) + jitter;
  if (now >= throttled_until_) throttle_pause_ = std::min(throttle_pause_ * 2, kThrottlePauseMax);
  throttled_until_ = std::max(throttled_until_, again);
  return again;
}

// Nobody's failure, but it counts as a receive, so whoever finds it dead-lettered may know why.
void MappingRunner::let_go(const Batch& batch, const functions::InvocationResult& throttled) {
  const std::string reason = throttle_reason(throttled);
  for (const queue::ReceivedMessage& message : batch.messages) {
    around_.last_errors.record(message.message_id, reason);
  }
  note(batch.messages, AttemptOutcome::kThrottled, reason);
  const TimePoint now = around_.clock.now();
  if (now < throttle_warned_until_) return;
  throttle_warned_until_ = now + kThrottleWarningInterval;
  log_warning(
      "throttled batch let go, it will come again queue={} function={} records={} reason={}",
      mapping_.queue.name, mapping_.function, batch.messages.size(), last_result_);
}

MappingRunner::Awaitable<void> MappingRunner::settle(const Batch& batch,
                                                     const BatchOutcome& outcome) {
  std::vector<std::string> handled;
  for (std::size_t i = 0; i < batch.messages.size(); ++i) {
    const queue::ReceivedMessage& message = batch.messages[i];
    if (outcome.failures[i]) {
      around_.last_errors.record(message.message_id, *outcome.failures[i]);
      continue;
    }
    if (message.receive_count > 1) around_.last_errors.forget(message.message_id);
    handled.push_back(message.receipt_handle);
  }
  const std::size_t deleted = co_await remove(std::move(handled));
  counters_.deleted_events.add(deleted);
}

// How many were deleted. The others come again.
MappingRunner::Awaitable<std::size_t> MappingRunner::remove(
    std::vector<std::string> receipt_handles) {
  if (receipt_handles.empty()) co_return std::size_t{0};
  queue::DeleteRequest request;
  request.address = mapping_.queue;
  request.receipt_handles = std::move(receipt_handles);
  const auto deleted = co_await around_.broker.remove(std::move(request));
  if (deleted) {
    co_return static_cast<std::size_t>(std::count_if(
        deleted->begin(), deleted->end(), [](const auto& one) { return one.has_value(); }));
  }
  log_error("messages could not be deleted, they will come again queue={} reason={}",
            mapping_.queue.name, deleted.error().message);
  co_return std::size_t{0};
}

void MappingRunner::report(const Batch& batch, const Invoked& invoked,
                           const functions::Event& event, const BatchOutcome& outcome) {
  const InvocationReport report{invoked.request_id, function_.config(), event, invoked.result,
                                outcome};
  for (const std::string& line : report_lines(report)) {
    around_.logs.append(mapping_.function, line);
  }
  if (around_.history == nullptr) return;
  around_.history->record(row_of(mapping_.queue, batch.messages, around_.clock.now(), report));
}

// Of messages that the function was not given.
void MappingRunner::note(const std::vector<queue::ReceivedMessage>& messages,
                         AttemptOutcome outcome, std::string_view reason) {
  if (around_.history == nullptr || messages.empty()) return;
  InvocationRow row = row_of(mapping_.queue, messages, around_.clock.now());
  row.outcome = outcome;
  row.function = mapping_.function;
  row.error = bounded_utf8(reason, kHistoryTextBytesMax);
  around_.history->record(row);
}

void MappingRunner::count(const functions::InvocationResult& result, const BatchOutcome& outcome) {
  const std::size_t failed = outcome.failed();
  const std::size_t records = outcome.failures.size();
  counters_.invocations.add();
  counters_.records_ok.add(records - failed);
  counters_.records_failed.add(failed);
  if (failed > 0) counters_.failed_invoke_events.add(records);
  counters_.duration.observe(static_cast<double>(result.duration_us) / 1e6);
  set_last_result(std::to_string(records - failed) + " ok, " + std::to_string(failed) + " failed");
  if (outcome.function_error) {
    counters_.errors.add();
    scaler_.function_failed(around_.clock.now());
    set_last_result(*outcome.failures.front());
    log_warning("batch failed queue={} function={} records={} reason={}", mapping_.queue.name,
                mapping_.function, records, last_result_);
  }
  if (outcome.item_failures_ignored) {
    log_warning(
        "batchItemFailures ignored and every message deleted: set report_batch_item_failures "
        "queue={} function={}",
        mapping_.queue.name, mapping_.function);
  }
}

void MappingRunner::set_last_result(std::string_view text) {
  last_result_ = bounded_utf8(text, functions::kReasonBytesMax);
}

MappingStatus MappingRunner::status() const {
  MappingStatus status;
  status.queue = mapping_.queue.name;
  status.function = mapping_.function;
  status.state = stopping_ ? "Disabling" : "Enabled";
  status.batch_size = static_cast<std::int64_t>(mapping_.batch_size);
  status.concurrency = static_cast<std::uint64_t>(counters_.concurrency.value());
  status.limit = scaler_.ceiling();
  status.invocations = counters_.invocations.value();
  status.errors = counters_.errors.value();
  status.throttles = counters_.throttles.value();
  status.records_ok = counters_.records_ok.value();
  status.records_failed = counters_.records_failed.value();
  status.last_result = last_result_;
  return status;
}

}  // namespace headrace::runtime

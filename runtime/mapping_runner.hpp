// MappingRunner: one event source mapping at work.
//
// It runs lanes, as many as invocations may run at one time. A lane is the life of a batch, over
// and over: wait until enough is visible, take a slot, lease the batch, invoke, settle. One lane at
// a time gathers, so that messages stay visible until count, bytes or window is met; the others
// invoke. How many lanes are busy therefore follows the backlog, as far as the scaler allows. Loop
// thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "base/cancellation.hpp"
#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "base/offload.hpp"
#include "base/random.hpp"
#include "base/task_group.hpp"
#include "base/wait_list.hpp"
#include "functions/function.hpp"
#include "queue/broker.hpp"
#include "runtime/batch_outcome.hpp"
#include "runtime/event_source_mapping.hpp"
#include "runtime/function_logs.hpp"
#include "runtime/history.hpp"
#include "runtime/last_errors.hpp"
#include "runtime/mapping_scaler.hpp"
#include "runtime/status.hpp"

namespace headrace::runtime {

// What a runner works with. All of it outlives the runner.
struct MappingSurroundings {
  boost::asio::io_context& loop;
  Clock& clock;
  queue::Broker& broker;
  FunctionLogs& logs;
  LastErrors& last_errors;
  MetricsRegistry& metrics;
  Random& random;
  Offload& background;  // filters large batches
  History* history;     // null when it is off
};

class MappingRunner {
 public:
  MappingRunner(MappingSurroundings surroundings, EventSourceMapping mapping,
                functions::Function& function);

  void start();

  // From now on nothing more is leased.
  void begin_stop();

  // Begins to stop and waits for the batches that run; their function's timeout bounds it.
  boost::asio::awaitable<void> stop();

  MappingStatus status() const;

 private:
  template <class T>
  using Awaitable = boost::asio::awaitable<T>;

  struct Batch {
    functions::Slot slot;
    std::vector<queue::ReceivedMessage> messages;
    TimePoint hold_until;  // shortly before the messages become visible again
  };
  // The last try of a batch.
  struct Invoked {
    std::string request_id;
    functions::InvocationResult result;
  };
  struct Counters {
    Counter& invocations;
    Counter& errors;
    Counter& throttles;
    Counter& records_ok;
    Counter& records_failed;
    Counter& polled_events;  // AWS's metrics of a mapping, as the four that follow
    Counter& filtered_out_events;
    Counter& invoked_events;
    Counter& failed_invoke_events;
    Counter& deleted_events;
    Gauge& concurrency;
    Histogram& duration;
  };

  static Counters make_counters(MetricsRegistry& metrics, const EventSourceMapping& mapping);

  Awaitable<void> run_lane();
  Awaitable<Batch> gather();
  Awaitable<bool> wait_for_messages();
  Awaitable<void> wait_for_room();
  Awaitable<functions::Slot> take_slot();
  Awaitable<void> handle(Batch batch);
  Awaitable<void> lease(Batch& batch);
  Awaitable<void> sit_out_throttling();
  Awaitable<Invoked> invoke_until_run(Batch& batch, const functions::Event& event);
  Awaitable<void> filter(Batch& batch, functions::Event& event);
  std::vector<std::string> take_out(Batch& batch, functions::Event& event,
                                    const std::vector<bool>& passing);
  Awaitable<void> settle(const Batch& batch, const BatchOutcome& outcome);
  Awaitable<std::size_t> remove(std::vector<std::string> receipt_handles);
  Awaitable<void> pause(std::string reason);
  TimePoint back_off(const functions::InvocationResult& throttled);
  void let_go(const Batch& batch, const functions::InvocationResult& throttled);
  void report(const Batch& batch, const Invoked& invoked, const functions::Event& event,
              const BatchOutcome& outcome);
  void note(const std::vector<queue::ReceivedMessage>& messages, AttemptOutcome outcome,
            std::string_view reason);
  void count(const functions::InvocationResult& result, const BatchOutcome& outcome);
  void set_last_result(std::string_view text);

  MappingSurroundings around_;
  EventSourceMapping mapping_;
  functions::Function& function_;
  Counters counters_;
  MappingScaler scaler_;
  std::size_t in_work_ = 0;  // batches that are leased and not yet settled
  bool gathering_ = false;
  bool stopping_ = false;
  Duration next_pause_;
  std::string paused_because_;
  std::string last_result_;
  Duration throttle_pause_;
  TimePoint throttled_until_;        // nothing is leased before
  TimePoint throttle_warned_until_;  // one warning of many
  WaitList turn_;                    // lanes waiting to gather
  WaitList room_;                    // the lane that gathers, while all that may be are in work
  WaitList wake_up_;                 // ends a pause
  Cancellation stop_;                // ends the wait for messages
  TaskGroup tasks_;
};

// Stops all at once: none leases anything while another one finishes.
boost::asio::awaitable<void> stop_all(const std::vector<std::unique_ptr<MappingRunner>>& runners);

}  // namespace headrace::runtime

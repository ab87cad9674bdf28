// MappingRunner: one event source mapping at work.
//
// It runs lanes, as many as invocations may run at one time. A lane is the life of a batch, over
// and over: wait until enough is visible, take a slot, lease the batch, invoke, settle. One lane at
// a time gathers, so that messages stay visible until count, bytes or window is met; the others
// invoke. How many lanes are busy therefore follows the backlog. Loop thread only.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "base/cancellation.hpp"
#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "base/random.hpp"
#include "base/task_group.hpp"
#include "base/wait_list.hpp"
#include "functions/function.hpp"
#include "queue/broker.hpp"
#include "runtime/batch_outcome.hpp"
#include "runtime/event_source_mapping.hpp"
#include "runtime/function_logs.hpp"
#include "runtime/last_errors.hpp"
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
};

class MappingRunner {
 public:
  MappingRunner(MappingSurroundings surroundings, EventSourceMapping mapping,
                functions::Function& function);

  void start();

  // Leases nothing more and waits for the batches that run; their function's timeout bounds it.
  boost::asio::awaitable<void> stop();

  MappingStatus status() const;

 private:
  template <class T>
  using Awaitable = boost::asio::awaitable<T>;

  struct Batch {
    functions::Slot slot;
    std::vector<queue::ReceivedMessage> messages;
    TimePoint leased;
  };
  struct Counters {
    Counter& invocations;
    Counter& errors;
    Counter& throttles;
    Counter& records_ok;
    Counter& records_failed;
    Gauge& concurrency;
    Histogram& duration;
  };

  static Counters make_counters(MetricsRegistry& metrics, const EventSourceMapping& mapping);

  Awaitable<void> run_lane();
  Awaitable<Batch> gather();
  Awaitable<bool> wait_for_messages();
  Awaitable<functions::Slot> take_slot();
  Awaitable<void> handle(Batch batch);
  Awaitable<functions::InvocationResult> invoke_until_run(Batch& batch,
                                                          const functions::Event& event);
  Awaitable<TimePoint> end_of_hold(const Batch& batch);
  Awaitable<void> settle(const Batch& batch, const BatchOutcome& outcome);
  Awaitable<void> pause(const std::string& reason);
  void report(const std::string& request_id, const functions::InvocationResult& result);
  void count(const functions::InvocationResult& result, const BatchOutcome& outcome);

  MappingSurroundings around_;
  EventSourceMapping mapping_;
  functions::Function& function_;
  Counters counters_;
  std::size_t lanes_;
  bool gathering_ = false;
  bool stopping_ = false;
  Duration next_pause_;
  std::string paused_because_;
  std::string last_result_;
  WaitList turn_;      // lanes waiting to gather
  WaitList wake_up_;   // ends a pause
  Cancellation stop_;  // ends the wait for messages
  TaskGroup tasks_;
};

}  // namespace headrace::runtime

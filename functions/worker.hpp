// Worker: one process that runs a handler, as the server sees it. Runs one invocation at a time.
//
// Its owner starts it, waits until it is ready, calls it, and waits for its end before destroying
// it. The process runs foreign code: it may die, hang, or say anything at any moment; all of that
// becomes a CallEnd, and never more than one invocation is lost. How it speaks is its WorkerLink's.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/one_shot.hpp"
#include "base/task_group.hpp"
#include "base/wait_list.hpp"
#include "functions/call_report.hpp"
#include "functions/child_process.hpp"
#include "functions/log_capture.hpp"
#include "functions/worker_link.hpp"

namespace headrace::functions {

// Between asking a worker to end, or losing its socket, and killing it.
inline constexpr Duration kWorkerEndGrace = std::chrono::milliseconds(500);

// Between killing a worker and going on without its end.
inline constexpr Duration kWorkerDeathGrace = std::chrono::seconds(2);

class Worker final : private WorkerEvents {
 public:
  Worker(boost::asio::io_context& loop, Clock& clock, StartedWorker started);
  ~Worker();

  // Suspends until init is done. The error says why it failed, kTimeout that it took longer than
  // `init_time`; the process is then ending.
  boost::asio::awaitable<Status> start(Duration init_time);

  // Hands the invocation over and suspends until the call ended, at `deadline` at the latest. The
  // worker is alive and idle; the arguments outlive the call.
  boost::asio::awaitable<CallReport> call(const Invocation& invocation, TimePoint deadline);

  // False as soon as the process is ending, whoever wanted it.
  bool alive() const { return !ending_; }

  // Asks the process to end; kills it after a grace.
  void stop();

  // Suspends until the process is reaped, or given up, and no call is left.
  boost::asio::awaitable<void> ended();

 private:
  struct Call;
  class CallScope;

  void on_ready() override;
  void on_init_failed(std::string reason) override;
  void on_log(std::string line) override;
  void on_done() override;
  void on_broken() override;
  void on_silent() override;
  CallReport* running_call() override;

  boost::asio::awaitable<void> watch_process();
  boost::asio::awaitable<void> read_output();
  void drain_output();
  Error init_failure();
  void finish();
  void give_up();
  void kill(CallEnd reason);
  void kill_after_grace(CallEnd reason);

  Clock& clock_;
  ChildProcess process_;
  boost::asio::posix::stream_descriptor output_;
  std::unique_ptr<WorkerLink> link_;
  LogCapture log_;
  OneShot<Status> ready_;
  Duration init_time_{0};
  std::string init_error_;
  Call* call_ = nullptr;
  WaitList call_ended_;
  bool ending_ = false;
  std::optional<CallEnd> killed_for_;
  std::optional<TimerId> grace_timer_;
  std::optional<TimerId> death_timer_;
  ExitStatus exit_;
  TaskGroup tasks_;
};

}  // namespace headrace::functions

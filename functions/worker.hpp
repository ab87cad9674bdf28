// Worker: one headrace-worker process, as the server sees it. Runs one invocation at a time.
//
// Its owner starts it, waits until it is ready, calls it, and waits for its end before destroying
// it. The process runs foreign code: it may die, hang, or send anything at any moment; all of that
// becomes a CallEnd, and never more than one invocation is lost.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/one_shot.hpp"
#include "base/task_group.hpp"
#include "base/wait_list.hpp"
#include "functions/child_process.hpp"
#include "functions/frame_decoder.hpp"
#include "functions/function.hpp"
#include "functions/log_capture.hpp"
#include "functions/spawner.hpp"

namespace headrace::functions {

// Until init must be done. AWS: 10 s.
inline constexpr Duration kInitTimeMax = std::chrono::seconds(10);

// Between asking a worker to end, or losing its socket, and killing it.
inline constexpr Duration kWorkerEndGrace = std::chrono::milliseconds(500);

// Between killing a worker and going on without its end.
inline constexpr Duration kWorkerDeathGrace = std::chrono::seconds(2);

enum class CallEnd {
  kDone,      // the handler returned
  kTimedOut,  // killed at the deadline
  kExited,    // the process ended by itself
  kGarbage,   // killed for sending what is no frame, or closing its socket
};

struct CallReport {
  CallEnd end = CallEnd::kExited;
  std::uint32_t status = 0;  // what the handler returned
  std::string response;
  bool errored = false;  // the handler reported an error:
  std::string error_type, error_message, error_trace;
  std::vector<RecordFailure> record_failures;
  std::vector<std::string> log_lines;
  std::int64_t max_memory_bytes = 0;
  ExitStatus exit;  // unless kDone
};

class Worker {
 public:
  Worker(boost::asio::io_context& loop, Clock& clock, SpawnedProcess process);
  ~Worker();

  // Suspends until init is done. The error says why it failed; the process is then ending.
  boost::asio::awaitable<Status> start();

  // Sends the frame and the bodies of `event` and suspends until the call ended, at `deadline` at
  // the latest. The worker is alive and idle; the arguments outlive the call.
  boost::asio::awaitable<CallReport> call(const std::string& head, const Event& event,
                                          TimePoint deadline);

  // False as soon as the process is ending, whoever wanted it.
  bool alive() const { return !ending_; }

  // Asks the process to end; kills it after a grace.
  void stop();

  // Suspends until the process is reaped, or given up, and no call is left.
  boost::asio::awaitable<void> ended();

 private:
  struct Call;
  class CallScope;

  boost::asio::awaitable<void> watch_process();
  boost::asio::awaitable<void> read_frames();
  boost::asio::awaitable<void> read_output();
  boost::asio::awaitable<void> send_call(const std::string& head, const Event& event);
  boost::asio::awaitable<void> send_frame(std::string frame);
  void drain_frames();
  void drain_output();
  void take_frames(std::string_view bytes);
  bool take_frame(const Frame& frame);
  bool take_call_frame(const Frame& frame);
  bool take_error(PayloadReader payload);
  bool take_record_failure(PayloadReader payload);
  bool take_log(PayloadReader payload);
  Error init_failure();
  void finish();
  void give_up();
  void kill(CallEnd reason);
  void kill_after_grace(CallEnd reason);

  Clock& clock_;
  ChildProcess process_;
  boost::asio::local::stream_protocol::socket socket_;
  boost::asio::posix::stream_descriptor output_;
  FrameDecoder decoder_;
  LogCapture log_;
  OneShot<Status> ready_;
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

// ChildProcess: one started process on the loop. Knows when it ended and how, and ends it with its
// group. Killing is a request to the kernel: whoever waits for the end bounds the wait and
// abandons.
#pragma once

#include <cstdint>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "functions/unique_fd.hpp"

namespace headrace::functions {

struct ExitStatus {
  bool by_signal = false;
  int number = 0;  // the exit status, or the signal
  std::int64_t max_memory_bytes = 0;
};

// As AWS words it: "exit status 3", "signal: segmentation fault".
std::string describe(const ExitStatus& status);

class ChildProcess {
 public:
  ChildProcess(boost::asio::io_context& loop, pid_t pid, UniqueFd pidfd);
  // Kills what still runs and does not wait: what is not dead by then stays a zombie of the server.
  ~ChildProcess();

  pid_t pid() const { return pid_; }

  // Suspends until the process has ended, ends what is left of its group, and reaps it. Once.
  // Throws operation_aborted when it is abandoned first.
  boost::asio::awaitable<ExitStatus> wait();

  // SIGKILL to the process, which may have left its group, and to the group; nothing when the
  // process was reaped.
  void kill();

  // The largest resident set so far; 0 when it cannot be known.
  std::int64_t peak_memory_bytes() const;

  // Ends wait(): the process was killed and does not end (the kernel holds it).
  void abandon();

 private:
  bool has_ended() const;
  ExitStatus reap(int options);

  pid_t pid_;
  bool reaped_ = false;
  boost::asio::posix::stream_descriptor pidfd_;
};

}  // namespace headrace::functions

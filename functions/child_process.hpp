// ChildProcess: one started process on the loop. Knows when it ended and how, and ends its group.
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
  // Kills what still runs.
  ~ChildProcess();

  // Suspends until the process has ended, ends what is left of its group, and reaps it. Once.
  boost::asio::awaitable<ExitStatus> wait();

  // SIGKILL to the process group; nothing when the process was reaped.
  void kill();

 private:
  ExitStatus reap();

  pid_t pid_;
  bool reaped_ = false;
  boost::asio::posix::stream_descriptor pidfd_;
};

}  // namespace headrace::functions

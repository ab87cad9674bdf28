#include "functions/child_process.hpp"

#include <cctype>
#include <fstream>

#include <boost/asio/use_awaitable.hpp>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>

namespace headrace::functions {
namespace asio = boost::asio;

std::string describe(const ExitStatus& status) {
  if (!status.by_signal) {
    return "exit status " + std::to_string(status.number);
  }
  const char* words = sigdescr_np(status.number);
  if (words == nullptr) return "signal: " + std::to_string(status.number);
  std::string text = words;
  text.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(text.front())));
  return "signal: " + text;
}

ChildProcess::ChildProcess(asio::io_context& loop, pid_t pid, UniqueFd pidfd)
    : pid_(pid), pidfd_(loop, pidfd.release()) {}

ChildProcess::~ChildProcess() {
  if (reaped_) return;
  kill();
  reap(WNOHANG);
}

asio::awaitable<ExitStatus> ChildProcess::wait() {
  // Asio's readiness is a hint: it may be meant for the descriptor that had this number before.
  do {
    co_await pidfd_.async_wait(asio::posix::stream_descriptor::wait_read, asio::use_awaitable);
  } while (!has_ended());
  // Before reaping, while the number still names this group and no other.
  kill();
  co_return reap(0);
}

bool ChildProcess::has_ended() const {
  siginfo_t info{};
  const int status = waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
  return status != 0 || info.si_pid == pid_;  // with SIGCHLD ignored it is gone without a trace
}

void ChildProcess::kill() {
  if (reaped_) return;
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);
}

std::int64_t ChildProcess::peak_memory_bytes() const {
  if (reaped_) return 0;
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  std::string word;
  while (status >> word) {
    std::int64_t kib = 0;
    if (word == "VmHWM:" && status >> kib) return kib * 1024;
  }
  return 0;
}

void ChildProcess::abandon() {
  boost::system::error_code ignored;
  pidfd_.close(ignored);
}

ExitStatus ChildProcess::reap(int options) {
  int raw = 0;
  rusage usage{};
  wait4(pid_, &raw, options, &usage);
  reaped_ = true;
  ExitStatus status;
  status.by_signal = WIFSIGNALED(raw);
  status.number = status.by_signal ? WTERMSIG(raw) : WEXITSTATUS(raw);
  status.max_memory_bytes = usage.ru_maxrss * 1024;
  return status;
}

}  // namespace headrace::functions

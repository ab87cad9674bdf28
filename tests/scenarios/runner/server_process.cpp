#include "tests/scenarios/runner/server_process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <utility>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace headrace::scenarios {

namespace {

constexpr std::string_view kUrlBeforePort = "http://127.0.0.1:";
constexpr int kNotStarted = 127;

std::string config_text(const queue::Cooldowns& cooldowns) {
  const auto text = [](bool value) { return value ? "true" : "false"; };
  return std::string("version: 1\nserver:\n  cooldowns: { purge: ") + text(cooldowns.purge) +
         ", create: " + text(cooldowns.create) + " }\n";
}

// The child, between fork and exec: only calls that are safe there.
[[noreturn]] void become_server(char* const* arguments, int output) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(output, STDOUT_FILENO);
  ::execv(arguments[0], arguments);
  ::_exit(kNotStarted);
}

}  // namespace

ServerProcess::ServerProcess(queue::Cooldowns cooldowns) {
  std::ofstream(folder_ / "headrace.yaml") << config_text(cooldowns);
}

ServerProcess::~ServerProcess() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (output_ >= 0) ::close(output_);
}

Status ServerProcess::start() {
  std::array<std::string, 8> words = {
      HEADRACE_PROGRAM, "serve",       "--config", folder_ / "headrace.yaml",
      "--listen",       "127.0.0.1:0", "--data",   folder_ / "data"};
  std::array<char*, words.size() + 1> arguments{};
  for (std::size_t i = 0; i < words.size(); ++i) arguments[i] = words[i].data();
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return system_error("pipe2", "the server", errno);
  pid_ = ::fork();
  if (pid_ == 0) become_server(arguments.data(), pipe[1]);
  ::close(pipe[1]);
  if (output_ >= 0) ::close(output_);
  output_ = pipe[0];
  if (pid_ < 0) return system_error("fork", "the server", errno);
  return read_until_ready();
}

Status ServerProcess::read_until_ready() {
  std::string text;
  std::array<char, 256> chunk;
  while (text.find("Ready.\n") == std::string::npos) {
    const ssize_t size = ::read(output_, chunk.data(), chunk.size());
    if (size <= 0) return Error{ErrorCode::kUnavailable, "the server did not start: " + text};
    text.append(chunk.data(), static_cast<std::size_t>(size));
  }
  const std::size_t url = text.find(kUrlBeforePort);
  if (url == std::string::npos) return Error{ErrorCode::kInvalid, "no URL in: " + text};
  port_ = static_cast<std::uint16_t>(std::atoi(text.c_str() + url + kUrlBeforePort.size()));
  return {};
}

Status ServerProcess::stop() {
  if (pid_ <= 0) return Error{ErrorCode::kUnavailable, "the server does not run"};
  ::kill(pid_, SIGTERM);
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
  if (status == 0) return {};
  return Error{ErrorCode::kInvalid, "the server ended with status " + std::to_string(status)};
}

}  // namespace headrace::scenarios

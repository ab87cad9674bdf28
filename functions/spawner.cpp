#include "functions/spawner.hpp"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/check.hpp"
#include "functions/worker_protocol.hpp"

namespace headrace::functions {
namespace asio = boost::asio;

namespace {

// posix_spawn's two attribute objects, which want to be destroyed.
class SpawnSetup {
 public:
  SpawnSetup() {
    HR_CHECK(posix_spawn_file_actions_init(&actions_) == 0);
    HR_CHECK(posix_spawnattr_init(&attributes_) == 0);
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;
  ~SpawnSetup() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  // stdin is empty, stdout and stderr are the pipe, 3 is the socket, and nothing else is open.
  void give_descriptors(int output, int socket) {
    posix_spawn_file_actions_addopen(&actions_, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, output, 1);
    posix_spawn_file_actions_adddup2(&actions_, output, 2);
    posix_spawn_file_actions_adddup2(&actions_, socket, kWorkerSocket);
    posix_spawn_file_actions_addclosefrom_np(&actions_, kWorkerSocket + 1);
  }

  // A group of its own, and signals as a fresh program finds them.
  void give_defaults() {
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setsigmask(&attributes_, &none);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }

  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

std::vector<char*> to_argv(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// Descriptors above 3, so that giving the child its 0 to 3 overwrites none of them.
UniqueFd lift(int fd) {
  UniqueFd low(fd);
  return UniqueFd(fcntl(low.get(), F_DUPFD_CLOEXEC, kWorkerSocket + 1));
}

Result<SpawnedProcess> start(const SpawnRequest& request) {
  std::array<int, 2> sockets{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) != 0) {
    return system_error("socketpair", request.program, errno);
  }
  SpawnedProcess process;
  process.socket = UniqueFd(sockets[0]);
  const UniqueFd child_socket = lift(sockets[1]);
  std::array<int, 2> pipes{};
  if (pipe2(pipes.data(), O_CLOEXEC) != 0) return system_error("pipe2", request.program, errno);
  process.output = UniqueFd(pipes[0]);
  const UniqueFd child_output = lift(pipes[1]);
  if (child_socket.get() < 0 || child_output.get() < 0) {
    return system_error("fcntl", request.program, errno);
  }

  SpawnSetup setup;
  setup.give_descriptors(child_output.get(), child_socket.get());
  setup.give_defaults();
  std::vector<std::string> arguments = request.arguments;
  arguments.insert(arguments.begin(), request.program);
  const int failure =
      posix_spawn(&process.pid, request.program.c_str(), &setup.actions_, &setup.attributes_,
                  to_argv(arguments).data(), to_argv(request.environment).data());
  if (failure != 0) return system_error("posix_spawn", request.program, failure);
  // glibc 2.36 declares pidfd_open without extern "C".
  process.pidfd = UniqueFd(static_cast<int>(syscall(SYS_pidfd_open, process.pid, 0)));
  if (process.pidfd.get() < 0) {
    const int error_number = errno;
    kill(process.pid, SIGKILL);
    waitpid(process.pid, nullptr, 0);
    return system_error("pidfd_open", request.program, error_number);
  }
  return process;
}

class PosixSpawner final : public Spawner {
 public:
  explicit PosixSpawner(Offload& threads) : threads_(threads) {}

  asio::awaitable<Result<SpawnedProcess>> spawn(SpawnRequest request) override {
    Result<SpawnedProcess> result = Error{ErrorCode::kCancelled, "not started"};
    std::function<void()> work = [&result, &request] { result = start(request); };
    co_await threads_.carry_out(std::move(work));
    co_return std::move(result);
  }

 private:
  Offload& threads_;
};

}  // namespace

std::unique_ptr<Spawner> make_posix_spawner(Offload& threads) {
  return std::make_unique<PosixSpawner>(threads);
}

}  // namespace headrace::functions

// The seam to processes: starts a child that shares nothing with the server but one socket and one
// pipe, in a process group of its own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <sys/types.h>

#include "base/error.hpp"
#include "base/offload.hpp"
#include "functions/unique_fd.hpp"

namespace headrace::functions {

struct SpawnRequest {
  std::string program;
  std::vector<std::string> arguments;    // without argv[0]
  std::vector<std::string> environment;  // "NAME=value"; the child sees nothing else
};

// The child is not yet reaped, so `pid` cannot name another process.
struct SpawnedProcess {
  pid_t pid = 0;
  UniqueFd pidfd;   // readable when the process has ended
  UniqueFd socket;  // stream; the child's end is its descriptor 3
  UniqueFd output;  // what the child writes to stdout and stderr
};

class Spawner {
 public:
  virtual ~Spawner() = default;
  virtual boost::asio::awaitable<Result<SpawnedProcess>> spawn(SpawnRequest request) = 0;
};

// posix_spawn on `threads`, which must be one thread that lives as long as the server: the kernel
// ties "die with your parent" to the thread that started a child, not to its process.
std::unique_ptr<Spawner> make_posix_spawner(Offload& threads);

}  // namespace headrace::functions

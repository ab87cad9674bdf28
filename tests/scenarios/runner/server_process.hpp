// ServerProcess: the headrace program on a free port over a data directory of its own, as a user
// starts it. It ends with the test, also when that crashes.
#pragma once

#include <cstdint>
#include <string>

#include <sys/types.h>

#include "base/error.hpp"
#include "queue/cooldowns.hpp"
#include "tests/support/temporary_directory.hpp"

namespace headrace::scenarios {

class ServerProcess {
 public:
  explicit ServerProcess(queue::Cooldowns cooldowns);
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // Returns when it serves.
  Status start();
  // Asks it to end. Fails when it does not end well.
  Status stop();

  std::uint16_t port() const { return port_; }

 private:
  Status read_until_ready();

  TemporaryDirectory folder_;
  pid_t pid_ = 0;
  int output_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace headrace::scenarios

// WireStage: the headrace program in a process of its own, over HTTP and in real time.
#pragma once

#include <chrono>
#include <map>
#include <string>

#include "tests/scenarios/runner/scenario.hpp"
#include "tests/scenarios/runner/server_process.hpp"
#include "tests/scenarios/runner/stage.hpp"
#include "tests/wire/raw_client.hpp"

namespace headrace::scenarios {

class WireStage final : public Stage {
 public:
  explicit WireStage(const Scenario& scenario)
      : server_(scenario.cooldowns), started_(server_.start()) {}

  Status send(const std::string& name, WireRequest request) override;
  // When an answer came is judged loosely: machines are busy.
  Result<HttpResponse> receive(const std::string& name, Duration takes) override;
  void wait(Duration duration) override;
  Status restart() override;

 private:
  // Each call has a connection, so that one may wait while others go on.
  struct Call {
    wire::RawClient client;
    std::chrono::steady_clock::time_point sent;
  };

  ServerProcess server_;
  Status started_;
  std::map<std::string, Call> calls_;
};

}  // namespace headrace::scenarios

// A process function with its Runtime API, and its processes for real.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "base/environment.hpp"
#include "base/offload.hpp"
#include "functions/process_function.hpp"
#include "runtime/runtime_api_server.hpp"
#include "tests/functions/event_builder.hpp"
#include "tests/functions/run_awaitable.hpp"

namespace headrace::runtime {

using functions::Event;
using functions::InvocationResult;
using functions::make_event;
using functions::Outcome;
using functions::run;
using functions::Slot;

class ProcessFunctionTest : public testing::Test {
 protected:
  ProcessFunctionTest() {
    host.worker_program = WORKER;
    host.bootstraps = BOOTSTRAPS;
    host.runtime_api = server.start().value();
    host.endpoint_url = "http://127.0.0.1:4566";
    host.account = "000000000000";
    host.search_path = process_environment("PATH").value_or("");
    config.name = "under-test";
    config.arn = "arn:aws:lambda:us-east-1:000000000000:function:under-test";
    config.timeout = std::chrono::seconds(20);
    config.workers = {.min = 0, .max = 1, .idle_timeout = std::chrono::minutes(5)};
    use("nodejs20.x", NODE_CODE, "index.counts");
  }

  void TearDown() override {
    end();
    run(loop, server.stop());
  }

  void use(const std::string& runtime, const std::string& code, const std::string& handler) {
    end();
    config.process = {runtime, code, handler};
  }

  void use(const std::string& handler) {
    use(config.process.runtime, config.process.code, handler);
  }

  void end() {
    if (function) run(loop, function->stop());
    function.reset();
  }

  Result<Slot> acquire() {
    if (!function) {
      auto command = functions::find_command(host, config);
      if (!command) return command.error();
      function = std::make_unique<functions::ProcessFunction>(loop, clock, *spawner, server.seats(),
                                                              host, config, std::move(*command));
    }
    return run(loop, function->acquire_slot());
  }

  std::string init_failure() {
    const Result<Slot> slot = acquire();
    return slot ? "none" : slot.error().message;
  }

  InvocationResult invoke(const Event& event) {
    Result<Slot> slot = acquire();
    if (!slot) {
      InvocationResult failed;
      failed.error_message = "no slot: " + slot.error().message;
      return failed;
    }
    return run(loop, function->invoke(std::move(*slot), {"req-1", &event}));
  }

  InvocationResult invoke(const std::string& body = "") {
    const Event event = make_event({body});
    return invoke(event);
  }

  boost::asio::io_context loop;
  SystemClock clock{loop};
  std::unique_ptr<Offload> threads = make_thread_offload(loop, "spawner", 1);
  std::unique_ptr<functions::Spawner> spawner = functions::make_posix_spawner(*threads);
  RuntimeApiServer server{loop, clock};
  functions::ProcessHost host;
  functions::FunctionConfig config;
  std::unique_ptr<functions::ProcessFunction> function;
};

inline bool failed_by_itself(const InvocationResult& result) {
  return result.outcome == Outcome::kFailed && result.error_type != "Sandbox.Timedout";
}

}  // namespace headrace::runtime

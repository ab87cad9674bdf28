// A native function with a real clock, real processes and one of the handlers beside this file.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include "base/clock.hpp"
#include "base/offload.hpp"
#include "functions/native_function.hpp"
#include "functions/spawner.hpp"
#include "tests/functions/event_builder.hpp"
#include "tests/functions/run_awaitable.hpp"

namespace headrace::functions {

inline std::string handler_path(const std::string& name) {
  return std::string(HANDLERS) + "/" + name + ".so";
}

class NativeFunctionTest : public testing::Test {
 protected:
  NativeFunctionTest() {
    config.name = "under-test";
    config.artifact = handler_path("obedient");
    config.timeout = std::chrono::seconds(10);
    config.workers = {.min = 0, .max = 1, .idle_timeout = std::chrono::minutes(5)};
  }

  void TearDown() override {
    if (function) run(loop, function->stop());
  }

  NativeFunction& start() {
    function = std::make_unique<NativeFunction>(loop, clock, *spawner, WORKER, config);
    function->start();
    return *function;
  }

  Result<Slot> acquire() { return run(loop, function->acquire_slot()); }

  InvocationResult invoke(const Event& event) {
    if (!function) start();
    Result<Slot> slot = acquire();
    if (!slot) {
      InvocationResult failed;
      failed.error_message = "no slot: " + slot.error().message;
      return failed;
    }
    return run(loop, function->invoke(std::move(*slot), {"req-1", &event}));
  }

  InvocationResult invoke_bodies(const std::vector<std::string>& bodies) {
    const Event event = make_event(bodies);
    return invoke(event);
  }

  // A batch that a worker in good order handles.
  bool works() { return invoke_bodies({"nothing"}).outcome == Outcome::kSucceeded; }

  boost::asio::io_context loop;
  SystemClock clock{loop};
  std::unique_ptr<Offload> threads = make_thread_offload(loop, "spawner", 1);
  std::unique_ptr<Spawner> spawner = make_posix_spawner(*threads);
  FunctionConfig config;
  std::unique_ptr<NativeFunction> function;
};

}  // namespace headrace::functions

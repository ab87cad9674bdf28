// A server in small: starts a worker, prints its process id, makes it loop, and waits to be killed.
#include <iostream>

#include "tests/functions/native_fixture.hpp"

int main() {
  using namespace headrace;             // NOLINT: a program of its own
  using namespace headrace::functions;  // NOLINT
  boost::asio::io_context loop;
  SystemClock clock(loop);
  const auto threads = make_thread_offload(loop, "spawner", 1);
  const auto spawner = make_posix_spawner(*threads);
  FunctionConfig config;
  config.name = "looping";
  config.artifact = handler_path("obedient");
  config.timeout = std::chrono::minutes(5);
  NativeFunction function(loop, clock, *spawner, WORKER, config);
  for (const char* body : {"pid", "loop"}) {
    Result<Slot> slot = run(loop, function.acquire_slot());
    const Event event = make_event({body});
    const InvocationResult result =
        run(loop, function.invoke(std::move(slot.value()), {"req-1", &event}));
    std::cout << result.payload << std::endl;
  }
  return 1;  // the loop ended, though nobody ended it
}

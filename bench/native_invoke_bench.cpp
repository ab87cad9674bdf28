// Round trip of a batch of 10 x 1 KiB to a native handler that does nothing: slot, frame, handler,
// reply. usage: native_invoke_bench WORKER HANDLER.so
#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "base/clock.hpp"
#include "base/offload.hpp"
#include "functions/native_function.hpp"
#include "functions/spawner.hpp"

namespace headrace::functions {
namespace {

constexpr int kWarmUp = 1'000;
constexpr int kRounds = 20'000;

Event make_batch() {
  Event event;
  event.source_arn = "arn:aws:sqs:us-east-1:000000000000:bench";
  event.region = "us-east-1";
  for (int i = 0; i < 10; ++i) {
    Record record;
    record.message_id = "2e1424d4-f796-459a-8184-9c92662be6da";
    record.receipt_handle = std::string(60, 'r');
    record.md5_of_body = std::string(32, '0');
    record.sender_id = "000000000000";
    record.body = std::string(1024, 'x');
    event.records.push_back(std::move(record));
  }
  return event;
}

boost::asio::awaitable<void> measure(NativeFunction& function, Clock& clock) {
  const Event event = make_batch();
  std::vector<std::int64_t> times_us;
  const std::int64_t started_us = clock.elapsed_us();
  for (int i = -kWarmUp; i < kRounds; ++i) {
    Result<Slot> slot = co_await function.acquire_slot();
    Invocation invocation{"2e1424d4-f796-459a-8184-9c92662be6da", &event};
    const InvocationResult result =
        co_await function.invoke(std::move(slot.value()), std::move(invocation));
    if (result.outcome != Outcome::kSucceeded) co_return;
    if (i >= 0) times_us.push_back(result.duration_us);
  }
  const std::int64_t total_us = clock.elapsed_us() - started_us;
  std::sort(times_us.begin(), times_us.end());
  std::printf("native invoke 10 x 1 KiB: p50 %ld us, p99 %ld us, %.0f batches/s\n",
              times_us[times_us.size() / 2], times_us[times_us.size() * 99 / 100],
              1e6 * (kRounds + kWarmUp) / static_cast<double>(total_us));
  co_await function.stop();
}

int measure_with(const std::string& worker_program, const std::string& handler) {
  boost::asio::io_context loop;
  SystemClock clock(loop);
  const auto threads = make_thread_offload(loop, "spawner", 1);
  const auto spawner = make_posix_spawner(*threads);
  FunctionConfig config;
  config.name = "bench";
  config.artifact = handler;
  config.workers.max = 1;
  NativeFunction function(loop, clock, *spawner, worker_program, config);
  bool failed = true;
  boost::asio::co_spawn(loop, measure(function, clock), [&](std::exception_ptr error) {
    failed = error != nullptr;
    loop.stop();  // a timer may still be armed
  });
  loop.run();
  return failed ? 1 : 0;
}

}  // namespace
}  // namespace headrace::functions

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: native_invoke_bench WORKER HANDLER.so\n");
    return 2;
  }
  return headrace::functions::measure_with(argv[1], argv[2]);
}

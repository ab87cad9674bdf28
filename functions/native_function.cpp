#include "functions/native_function.hpp"

#include <string_view>

#include "functions/error_payload.hpp"
#include "functions/invoke_frame.hpp"

namespace headrace::functions {
namespace asio = boost::asio;

namespace {

constexpr std::uint64_t kMebibyte = 1U << 20U;

// Beyond the longest invocation, before workers are ended under a running one.
constexpr Duration kStopMargin = std::chrono::seconds(2);

// The server's own environment stays with the server: it may hold secrets. Reserved names win.
std::vector<std::string> build_environment(const FunctionConfig& config) {
  std::map<std::string, std::string> environment = {
      {"PATH", "/usr/local/bin:/usr/bin:/bin"}, {"LANG", "C.UTF-8"}, {"TZ", ":UTC"}};
  for (const auto& [name, value] : config.environment) environment[name] = value;
  environment["HEADRACE_FUNCTION_NAME"] = config.name;
  environment["AWS_LAMBDA_FUNCTION_NAME"] = config.name;
  environment["AWS_LAMBDA_FUNCTION_VERSION"] = config.version;
  environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = std::to_string(config.memory_bytes / kMebibyte);
  environment["AWS_REGION"] = config.region;
  std::vector<std::string> lines;
  for (const auto& [name, value] : environment) lines.push_back(name + "=" + value);
  return lines;
}

SpawnRequest build_spawn_request(std::string worker_program, const FunctionConfig& config) {
  SpawnRequest request;
  request.program = std::move(worker_program);
  request.arguments = {"--memory", std::to_string(config.memory_bytes), config.artifact};
  request.environment = build_environment(config);
  return request;
}

void judge_done(InvocationResult& result, CallReport& report) {
  if (report.errored) {
    fail(result, {std::move(report.error_type), std::move(report.error_message),
                  std::move(report.error_trace)});
  } else if (report.status != 0) {
    fail(result, {"Function.Error", "the handler returned " + std::to_string(report.status), {}});
  } else {
    result.outcome = Outcome::kSucceeded;
    result.payload = std::move(report.response);
    result.record_failures = std::move(report.record_failures);
  }
}

void judge(InvocationResult& result, CallReport& report, const std::string& request_id,
           Duration timeout) {
  switch (report.end) {
    case CallEnd::kDone: judge_done(result, report); return;
    case CallEnd::kTimedOut:
      fail(result, {"Sandbox.Timedout", timeout_message(request_id, timeout), {}});
      return;
    case CallEnd::kExited:
      fail(result, {"Runtime.ExitError", exit_message(request_id, report.exit), {}});
      return;
    case CallEnd::kGarbage:
      fail(result, {"Runtime.InvalidFrame",
                    "RequestId: " + request_id + " Error: the handler wrote to the worker's socket",
                    {}});
      return;
  }
}

}  // namespace

NativeFunction::NativeFunction(asio::io_context& loop, Clock& clock, Spawner& spawner,
                               std::string worker_program, FunctionConfig config)
    : clock_(clock),
      config_(std::move(config)),
      pool_(loop, clock, spawner, config_.workers,
            build_spawn_request(std::move(worker_program), config_)) {}

asio::awaitable<Result<Slot>> NativeFunction::acquire_slot() { return pool_.acquire(); }

asio::awaitable<InvocationResult> NativeFunction::invoke(Slot slot, Invocation invocation) {
  InvocationResult result;
  if (pool_.find(slot) == nullptr) {
    // It died between the taking of the slot and now; nothing is lost yet.
    slot = Slot();
    Result<Slot> replacement = co_await pool_.acquire();
    if (!replacement) {
      fail(result, {"Runtime.ExitError", replacement.error().message, {}});
      co_return result;
    }
    slot = std::move(*replacement);
  }
  result.init_us = pool_.take_init_us(slot);
  const std::int64_t started_us = clock_.elapsed_us();
  CallReport report = co_await call(slot, invocation);
  result.duration_us = clock_.elapsed_us() - started_us;
  judge(result, report, invocation.request_id, config_.timeout);
  result.log_lines = std::move(report.log_lines);
  result.max_memory_bytes = std::max(report.max_memory_bytes, report.exit.max_memory_bytes);
  co_return result;
}

asio::awaitable<CallReport> NativeFunction::call(const Slot& slot, const Invocation& invocation) {
  const TimePoint deadline = clock_.now() + config_.timeout;
  InvokeHead head;
  head.request_id = invocation.request_id;
  head.function_name = config_.name;
  head.function_version = config_.version;
  head.function_arn = config_.arn;
  head.deadline_ms = to_epoch_ms(deadline);
  head.remaining_ms = config_.timeout.count();
  const std::string frame = encode_invoke_frame(head, *invocation.event);
  Worker& worker = *pool_.find(slot);
  CallReport report = co_await worker.call(frame, *invocation.event, deadline);
  co_return report;
}

asio::awaitable<void> NativeFunction::stop() {
  return pool_.stop(clock_.now() + config_.timeout + kStopMargin);
}

}  // namespace headrace::functions

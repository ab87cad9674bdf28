#include "functions/builtin_function.hpp"

#include <algorithm>
#include <utility>

#include "functions/error_payload.hpp"
#include "functions/limits.hpp"
#include "functions/records_event.hpp"

namespace headrace::functions {
namespace asio = boost::asio;

namespace {

asio::awaitable<InvocationResult> echo(const Invocation& invocation) {
  InvocationResult result;
  result.outcome = Outcome::kSucceeded;
  result.payload = render_event(*invocation.event);
  if (result.payload.size() > kResponseBytesMax) {
    fail(result, response_too_large());
  }
  co_return result;
}

asio::awaitable<InvocationResult> refuse() {
  InvocationResult result;
  fail(result, {"Builtin.Fail", "this function fails every batch", {}});
  co_return result;
}

asio::awaitable<InvocationResult> sleep(Clock& clock, Duration duration, Duration timeout,
                                        const Invocation& invocation) {
  InvocationResult result;
  result.outcome = Outcome::kSucceeded;
  if (duration > timeout) {
    fail(result, {"Sandbox.Timedout", timeout_message(invocation.request_id, timeout), {}});
  }
  co_await clock.sleep_until(clock.now() + std::min(duration, timeout));
  co_return result;
}

}  // namespace

BuiltinAction make_echo() { return echo; }

BuiltinAction make_fail() {
  return [](const Invocation&) { return refuse(); };
}

BuiltinAction make_sleep(Clock& clock, Duration duration, const FunctionConfig& config) {
  return [&clock, duration, timeout = config.timeout](const Invocation& invocation) {
    return sleep(clock, duration, timeout, invocation);
  };
}

BuiltinFunction::BuiltinFunction(Clock& clock, FunctionConfig config, BuiltinAction action)
    : CountedFunction(std::move(config)), clock_(clock), action_(std::move(action)) {}

asio::awaitable<InvocationResult> BuiltinFunction::invoke(Slot slot, Invocation invocation) {
  const Slot held = std::move(slot);
  const std::int64_t started_us = clock_.elapsed_us();
  InvocationResult result = co_await action_(invocation);
  result.duration_us = clock_.elapsed_us() - started_us;
  co_return result;
}

}  // namespace headrace::functions

// HttpFunction: an HTTP server as a function. Each batch is one POST of the `Records` event.
//
// Success is a 2xx answer that is empty or valid JSON without a top-level errorType. 429 and 503
// are throttling: the batch did not run. Everything else failed.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "functions/counted_slots.hpp"
#include "functions/function.hpp"
#include "functions/http_client.hpp"

namespace headrace::functions {

class HttpFunction final : public Function {
 public:
  // The references outlive the function.
  HttpFunction(Clock& clock, HttpClient& client, FunctionConfig config);

  const FunctionConfig& config() const override { return config_; }
  boost::asio::awaitable<Result<Slot>> acquire_slot() override { return slots_.acquire(); }
  boost::asio::awaitable<InvocationResult> invoke(Slot slot, Invocation invocation) override;
  void begin_stop() override { slots_.begin_stop(); }
  boost::asio::awaitable<void> stop() override { return slots_.stop(); }
  std::size_t running() const override { return slots_.running(); }
  std::size_t limit() const override { return config_.workers.max; }

 private:
  Clock& clock_;
  HttpClient& client_;
  FunctionConfig config_;
  CountedSlots slots_;
};

}  // namespace headrace::functions

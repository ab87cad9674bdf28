// BuiltinFunction: a function that headrace runs itself, for trying things without a handler.
//
// What it does is an action: a call per batch that decides its result. The actions here know
// nothing but their batch; whoever builds the function may bring one that knows more.
#pragma once

#include <functional>

#include <boost/asio/awaitable.hpp>

#include "functions/counted_slots.hpp"
#include "functions/function.hpp"

namespace headrace::functions {

// The invocation outlives the call. How long it took is measured by the function.
using BuiltinAction =
    std::function<boost::asio::awaitable<InvocationResult>(const Invocation& invocation)>;

// Answers with the event.
BuiltinAction make_echo();

// Fails every batch as a whole.
BuiltinAction make_fail();

// Takes so long, and succeeds; the timeout of `config` ends it earlier, as a failure.
BuiltinAction make_sleep(Clock& clock, Duration duration, const FunctionConfig& config);

class BuiltinFunction final : public Function {
 public:
  BuiltinFunction(Clock& clock, FunctionConfig config, BuiltinAction action);

  const FunctionConfig& config() const override { return config_; }
  boost::asio::awaitable<Result<Slot>> acquire_slot() override { return slots_.acquire(); }
  boost::asio::awaitable<InvocationResult> invoke(Slot slot, Invocation invocation) override;
  void begin_stop() override { slots_.begin_stop(); }
  boost::asio::awaitable<void> stop() override { return slots_.stop(); }
  std::size_t running() const override { return slots_.running(); }
  std::size_t limit() const override { return config_.workers.max; }

 private:
  Clock& clock_;
  FunctionConfig config_;
  BuiltinAction action_;
  CountedSlots slots_;
};

}  // namespace headrace::functions

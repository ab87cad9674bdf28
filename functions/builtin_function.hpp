// BuiltinFunction: a function that headrace runs itself, for trying things without a handler.
//
// What it does is an action: a call per batch that decides its result. The actions here know
// nothing but their batch; whoever builds the function may bring one that knows more.
#pragma once

#include <functional>

#include <boost/asio/awaitable.hpp>

#include "functions/counted_function.hpp"

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

class BuiltinFunction final : public CountedFunction {
 public:
  BuiltinFunction(Clock& clock, FunctionConfig config, BuiltinAction action);

  boost::asio::awaitable<InvocationResult> invoke(Slot slot, Invocation invocation) override;

 private:
  Clock& clock_;
  BuiltinAction action_;
};

}  // namespace headrace::functions

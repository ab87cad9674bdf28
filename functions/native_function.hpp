// NativeFunction: a handler .so, run by headrace-worker processes.
#pragma once

#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>

#include "functions/function.hpp"
#include "functions/spawner.hpp"
#include "functions/worker_pool.hpp"

namespace headrace::functions {

class NativeFunction final : public Function {
 public:
  // `worker_program` is the path of headrace-worker. The references outlive the function.
  NativeFunction(boost::asio::io_context& loop, Clock& clock, Spawner& spawner,
                 std::string worker_program, FunctionConfig config);

  // Starts the workers that are always kept.
  void start() { pool_.start(); }

  const FunctionConfig& config() const override { return config_; }
  boost::asio::awaitable<Result<Slot>> acquire_slot() override { return pool_.acquire(); }
  boost::asio::awaitable<InvocationResult> invoke(Slot slot, Invocation invocation) override {
    return pool_.invoke(std::move(slot), std::move(invocation));
  }
  void begin_stop() override { pool_.begin_stop(); }
  boost::asio::awaitable<void> stop() override { return pool_.stop(); }
  std::size_t running() const override { return pool_.running(); }
  std::size_t limit() const override { return config_.workers.max; }

 private:
  FunctionConfig config_;
  WorkerPool pool_;
};

}  // namespace headrace::functions

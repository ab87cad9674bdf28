// PooledFunction: a function that worker processes run. What kind of worker is its source's matter:
// functions/native_function.hpp, functions/process_function.hpp.
#pragma once

#include <memory>
#include <utility>

#include <boost/asio/io_context.hpp>

#include "functions/function.hpp"
#include "functions/worker_link.hpp"
#include "functions/worker_pool.hpp"

namespace headrace::functions {

class PooledFunction : public Function {
 public:
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

 protected:
  // The references outlive the function.
  PooledFunction(boost::asio::io_context& loop, Clock& clock, std::unique_ptr<WorkerSource> source,
                 const FunctionConfig& config)
      : config_(config), pool_(loop, clock, std::move(source), config.workers, config.timeout) {}

 private:
  FunctionConfig config_;
  WorkerPool pool_;
};

}  // namespace headrace::functions

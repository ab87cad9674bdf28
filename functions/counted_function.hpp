// CountedFunction: a function without processes of its own, whose slots are only counted: so many
// invocations at one time. What an invocation does is its kind's matter:
// functions/http_function.hpp, functions/builtin_function.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include "base/wait_list.hpp"
#include "functions/function.hpp"

namespace headrace::functions {

class CountedFunction : public Function, private SlotOwner {
 public:
  const FunctionConfig& config() const override { return config_; }
  boost::asio::awaitable<Result<Slot>> acquire_slot() override;
  void begin_stop() override;
  boost::asio::awaitable<void> stop() override;
  std::size_t running() const override { return running_; }
  std::size_t limit() const override { return config_.workers.max; }

 protected:
  explicit CountedFunction(FunctionConfig config) : config_(std::move(config)) {}

 private:
  void give_back(std::uint64_t slot_id) override;

  FunctionConfig config_;
  std::size_t running_ = 0;
  bool stopping_ = false;
  WaitList freed_;
};

}  // namespace headrace::functions

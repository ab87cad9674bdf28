// FakeFunction: a function whose answers a test scripts, and whose invocations it can hold.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/wait_list.hpp"
#include "functions/function.hpp"

namespace headrace::functions {

class FakeFunction final : public Function, private SlotOwner {
 public:
  using Answer = std::function<InvocationResult(const Event&)>;

  explicit FakeFunction(std::size_t limit, std::string name = {}) {
    config_.name = std::move(name);
    config_.workers.max = limit;
  }

  // What invocations answer from now on; they succeed with nothing when never told.
  void answer(Answer answer) { answer_ = std::move(answer); }

  // Invocations that begin from now on wait until release().
  void hold() { held_ = true; }
  void release() {
    held_ = false;
    released_.notify_all();
  }

  // acquire_slot() fails so from now on; empty: it works again.
  void refuse_slots(std::string reason) { refusal_ = std::move(reason); }

  // The message ids of each invocation, in order of their beginning.
  const std::vector<std::vector<std::string>>& batches() const { return batches_; }
  std::size_t most_at_once() const { return most_at_once_; }
  std::size_t refused() const { return refused_; }

  const FunctionConfig& config() const override { return config_; }
  boost::asio::awaitable<Result<Slot>> acquire_slot() override;
  boost::asio::awaitable<InvocationResult> invoke(Slot slot, Invocation invocation) override;
  boost::asio::awaitable<void> stop() override { co_return; }
  std::size_t running() const override { return running_; }
  std::size_t limit() const override { return config_.workers.max; }

 private:
  void give_back(std::uint64_t) override;

  FunctionConfig config_;
  Answer answer_;
  std::string refusal_;
  bool held_ = false;
  std::size_t running_ = 0;
  std::size_t most_at_once_ = 0;
  std::size_t refused_ = 0;
  std::vector<std::vector<std::string>> batches_;
  WaitList released_;
  WaitList slot_freed_;
};

}  // namespace headrace::functions

// VersionedFunction: a function whose code can be replaced while it runs.
//
// What begins runs on the newest version; what began before a replacement ends where it began. An
// old version is stopped, and its processes end, when nothing of it is in use. Whoever waits for a
// slot of a version that is replaced meanwhile gets one of the next: nobody sees the change.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "base/task_group.hpp"
#include "base/wait_list.hpp"
#include "functions/function.hpp"

namespace headrace::functions {

class VersionedFunction final : public Function, private SlotOwner {
 public:
  VersionedFunction(boost::asio::any_io_executor executor, std::unique_ptr<Function> first);
  ~VersionedFunction() override;

  // From now on everything begins on `next`. It should have shown that it can run.
  void replace(std::unique_ptr<Function> next);

  // Old versions that still finish something.
  std::size_t retiring() const { return tasks_.size(); }

  const FunctionConfig& config() const override;
  boost::asio::awaitable<Result<Slot>> acquire_slot() override;
  boost::asio::awaitable<InvocationResult> invoke(Slot slot, Invocation invocation) override;
  void begin_stop() override;
  boost::asio::awaitable<void> stop() override;
  std::size_t running() const override { return lent_.size(); }
  std::size_t limit() const override;

 private:
  struct Generation;
  class Use;
  struct Lent;

  void give_back(std::uint64_t slot_id) override;
  boost::asio::awaitable<void> retire(std::unique_ptr<Generation> old);

  std::unique_ptr<Generation> current_;
  std::map<std::uint64_t, Lent> lent_;  // slots that are out, by their id
  std::uint64_t last_id_ = 0;
  TaskGroup tasks_;
};

}  // namespace headrace::functions

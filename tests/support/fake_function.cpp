#include "tests/support/fake_function.hpp"

#include <algorithm>

namespace headrace::functions {

boost::asio::awaitable<Result<Slot>> FakeFunction::acquire_slot() {
  if (!refusal_.empty()) {
    ++refused_;
    co_return Error{ErrorCode::kUnavailable, refusal_};
  }
  while (running_ >= config_.workers.max) {
    co_await slot_freed_.wait();
  }
  ++running_;
  co_return Slot(*this, 0);
}

boost::asio::awaitable<InvocationResult> FakeFunction::invoke(Slot slot, Invocation invocation) {
  const Slot in_use = std::move(slot);
  most_at_once_ = std::max(most_at_once_, running_);
  std::vector<std::string>& batch = batches_.emplace_back();
  for (const Record& record : invocation.event->records) batch.push_back(record.message_id);
  while (held_) {
    co_await released_.wait();
  }
  InvocationResult result;
  result.outcome = Outcome::kSucceeded;
  if (answer_) result = answer_(*invocation.event);
  co_return result;
}

void FakeFunction::give_back(std::uint64_t) {
  --running_;
  slot_freed_.notify_one();
}

}  // namespace headrace::functions

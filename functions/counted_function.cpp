#include "functions/counted_function.hpp"

namespace headrace::functions {
namespace asio = boost::asio;

asio::awaitable<Result<Slot>> CountedFunction::acquire_slot() {
  while (running_ >= limit() && !stopping_) co_await freed_.wait();
  if (stopping_) co_return Error{ErrorCode::kUnavailable, "the function is stopping"};
  ++running_;
  co_return Slot(*this, 0);
}

void CountedFunction::give_back(std::uint64_t /*slot_id*/) {
  --running_;
  if (stopping_) {
    freed_.notify_all();
  } else {
    freed_.notify_one();
  }
}

void CountedFunction::begin_stop() {
  stopping_ = true;
  freed_.notify_all();
}

asio::awaitable<void> CountedFunction::stop() {
  begin_stop();
  while (running_ > 0) co_await freed_.wait();
}

}  // namespace headrace::functions

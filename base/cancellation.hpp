// Cancellation: how a caller tells an operation that nobody waits for its answer any more.
//
// The caller owns it and outlives the operation. The operation sets one hook while it is parked and
// clears it before it goes on. Loop thread only.
#pragma once

#include <functional>
#include <utility>

namespace headrace {

class Cancellation {
 public:
  Cancellation() = default;
  Cancellation(const Cancellation&) = delete;
  Cancellation& operator=(const Cancellation&) = delete;

  void request() {
    if (requested_) return;
    requested_ = true;
    if (const auto hook = std::exchange(hook_, nullptr)) hook();
  }

  bool requested() const { return requested_; }

  // Runs `hook` once on request(); at once if it was requested before.
  void on_request(std::function<void()> hook) {
    if (requested_) {
      hook();
    } else {
      hook_ = std::move(hook);
    }
  }

  void clear_hook() { hook_ = nullptr; }

 private:
  bool requested_ = false;
  std::function<void()> hook_;
};

}  // namespace headrace

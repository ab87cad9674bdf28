// BodyBudget: how much memory the bodies of all running requests may take together, so that many
// large requests do not add up to more than the machine has.
//
// Owned by the server, shared by its I/O loops. A BodyCharge is one request's part of it and gives
// it back when it dies.
#pragma once

#include <atomic>
#include <cstddef>

namespace headrace::runtime {

class BodyBudget {
 public:
  explicit BodyBudget(std::size_t bytes_max) : bytes_max_(bytes_max) {}

 private:
  friend class BodyCharge;
  const std::size_t bytes_max_;
  std::atomic<std::size_t> bytes_{0};
};

class BodyCharge {
 public:
  explicit BodyCharge(BodyBudget& budget) : budget_(budget) {}
  BodyCharge(const BodyCharge&) = delete;
  BodyCharge& operator=(const BodyCharge&) = delete;
  ~BodyCharge() { release(); }

  // Raises the charge to so many bytes. False when all charges are then above the budget.
  bool raise_to(std::size_t bytes) {
    if (bytes <= bytes_) return true;
    const std::size_t more = bytes - bytes_;
    bytes_ = bytes;
    return budget_.bytes_.fetch_add(more, std::memory_order_relaxed) + more <= budget_.bytes_max_;
  }

  void release() {
    budget_.bytes_.fetch_sub(bytes_, std::memory_order_relaxed);
    bytes_ = 0;
  }

 private:
  BodyBudget& budget_;
  std::size_t bytes_ = 0;
};

}  // namespace headrace::runtime

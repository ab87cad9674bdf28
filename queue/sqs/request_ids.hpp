// RequestIds: the ids that answers carry, one sequence per seed. From any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "base/random.hpp"

namespace headrace::queue::sqs {

class RequestIds {
 public:
  explicit RequestIds(std::uint64_t seed) : next_seed_(seed) {}

  std::string next() {
    return to_string(Random(next_seed_.fetch_add(1, std::memory_order_relaxed)).uuid());
  }

 private:
  std::atomic<std::uint64_t> next_seed_;
};

}  // namespace headrace::queue::sqs

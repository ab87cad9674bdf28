// What an event source mapping is: a queue, a function, and how messages become batches. The names
// and ranges are Lambda's (spec/event-source-mapping 2.1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "queue/message.hpp"
#include "runtime/filter_pattern.hpp"
#include "runtime/mapping_scaler.hpp"

namespace headrace::runtime {

// Lambda's limit for one synchronous event, record metadata included.
inline constexpr std::uint64_t kEventBytesMax = 6'291'456;
inline constexpr std::size_t kBatchSizeMax = 10'000;

enum class ItemFailures { kIgnored, kReported };  // ReportBatchItemFailures off, on

struct EventSourceMapping {
  queue::QueueAddress queue;
  std::string function;
  std::size_t batch_size = 10;
  Duration batching_window{0};
  ItemFailures item_failures = ItemFailures::kIgnored;
  std::optional<std::size_t> maximum_concurrency;
  FilterCriteria filters;
  Scaling scaling = Scaling::kFast;
};

}  // namespace headrace::runtime

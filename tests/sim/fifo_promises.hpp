// What FIFO queues promise beside what all queues do: order and blocking of groups, deduplication,
// receive attempts, sequence numbers. F5, that the answer to a duplicate waits for the original,
// has no class: such an answer counts as an acknowledgement, so S1 and F4 hold for it.
#pragma once

#include <memory>
#include <vector>

#include "tests/sim/promises.hpp"

namespace headrace::sim {

void add_fifo_promises(const History& history, std::vector<std::unique_ptr<Promise>>& promises);
// Those of what a FIFO queue remembers for five minutes: F4 and F6.
void add_memory_promises(const History& history, std::vector<std::unique_ptr<Promise>>& promises);

}  // namespace headrace::sim

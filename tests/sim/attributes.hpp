// How the queues of a run are written as attributes of SQS.
#pragma once

#include "tests/sim/history.hpp"

namespace headrace::sim {

inline constexpr std::int64_t kMessageBytesMax = 4096;  // MaximumMessageSize of every queue

std::string redrive_policy(const std::string& dead_letter_queue, std::uint64_t max_receives);
queue::AttributeMap attributes_of(const QueueSetup& setup);

}  // namespace headrace::sim

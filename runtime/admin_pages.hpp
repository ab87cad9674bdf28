// The texts the admin API answers with. Pure.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "queue/requests.hpp"
#include "runtime/function_logs.hpp"
#include "runtime/last_errors.hpp"
#include "runtime/status.hpp"

namespace headrace::runtime {

// Of a peeked body, in its answer; the whole of it is what ReceiveMessage is for.
inline constexpr std::size_t kPeekedBodyBytesMax = std::size_t{8} << 10;

using QueueDescriptions = std::vector<queue::QueueDescription>;

std::string render_status(const QueueDescriptions& queues,
                          const std::vector<MappingStatus>& mappings, TimePoint now);

// Prometheus text: the gauges and counters of each queue.
std::string render_queue_metrics(const QueueDescriptions& queues, TimePoint now);

std::string render_peeked(const std::vector<queue::PeekedMessage>& messages,
                          const LastErrors& last_errors);

// `last` is where the next question continues.
std::string render_logs(const std::vector<FunctionLogLine>& lines, std::uint64_t last);

}  // namespace headrace::runtime

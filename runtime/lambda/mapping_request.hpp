// The bodies of CreateEventSourceMapping and UpdateEventSourceMapping: their members, ranges and
// the rules between them (spec 2.1), as far as they can be held without knowing queue and function.
// Pure.
#pragma once

#include "base/json.hpp"
#include "queue/requests.hpp"
#include "runtime/lambda/error.hpp"
#include "runtime/lambda/mapping_record.hpp"

namespace headrace::runtime::lambda {

// AWS's limits (API reference).
inline constexpr std::int64_t kWindowSecondsMax = 300;
inline constexpr std::int64_t kBatchSizeWithoutWindowMax = 10;
inline constexpr std::int64_t kFifoBatchSizeMax = 10;
inline constexpr std::int64_t kMaximumConcurrencyMin = 2;
inline constexpr std::int64_t kMaximumConcurrencyMax = 1000;
inline constexpr std::int64_t kPollersMin = 2;
inline constexpr std::int64_t kMinimumPollersMax = 200;
inline constexpr std::int64_t kMaximumPollersMax = 10'000;

// The mapping that a request to create one asks for. `caller` is whose it will be.
Result<MappingRecord> read_create_mapping(const JsonValue& body, const Scope& caller);

// `record` as it is after the request; what the request does not name stays.
Result<MappingRecord> read_update_mapping(const JsonValue& body, MappingRecord record,
                                          const Scope& caller);

// What a queue asks of its mappings, and a function's timeout of the queue.
Status check_queue(const MappingRecord& record, const queue::QueueDescription& queue,
                   Duration function_timeout);

}  // namespace headrace::runtime::lambda

// MappingRecord: an event source mapping as the Lambda API knows it, as it is shown (spec 6.4) and
// as it is kept in the journal. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/json_writer.hpp"
#include "queue/message.hpp"
#include "runtime/event_source_mapping.hpp"
#include "runtime/lambda/function_name.hpp"

namespace headrace::runtime::lambda {

// ProvisionedPollerConfig.
struct Pollers {
  std::int64_t min = 2;
  std::int64_t max = 200;
};

enum class Origin { kConfiguration, kApi };

struct MappingRecord {
  std::string uuid;
  Origin origin = Origin::kApi;
  queue::QueueAddress queue;
  FunctionName function;  // as qualified as it was given
  bool enabled = true;
  std::int64_t batch_size = 10;
  Duration window{0};
  bool reports_failures = false;
  std::optional<std::int64_t> maximum_concurrency;
  std::optional<Pollers> pollers;
  std::vector<std::string> filters;  // valid patterns, as they were given
  bool counts_events = false;        // MetricsConfig; they are counted anyway
  Scaling scaling = Scaling::kFast;
  TimePoint modified;
};

// "Enabled" or "Disabled": the state of a mapping that does not change at this moment.
const char* rest_state(const MappingRecord& record);

std::string mapping_arn(const MappingRecord& record);

// What a runner works by.
EventSourceMapping to_runnable(const MappingRecord& record);

// An EventSourceMappingConfiguration.
void write_mapping(JsonWriter& out, const MappingRecord& record, std::string_view state);

std::string to_document(const MappingRecord& record);
// Nothing when it is no document of a mapping.
std::optional<MappingRecord> from_document(std::string_view uuid, std::string_view bytes);

}  // namespace headrace::runtime::lambda

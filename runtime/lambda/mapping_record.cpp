#include "runtime/lambda/mapping_record.hpp"

#include <algorithm>
#include <cstdio>
#include <limits>

#include "runtime/lambda/members.hpp"

namespace headrace::runtime::lambda {

namespace {

// AWS: invocations at one time of one poller.
constexpr std::int64_t kInvocationsPerPoller = 10;
constexpr std::int64_t kAnyNumber = std::numeric_limits<std::int64_t>::max();

// 1541139209.351, as AWS writes seconds.
std::string epoch_seconds(TimePoint time) {
  const std::int64_t ms = to_epoch_ms(time);
  char text[32];
  std::snprintf(text, sizeof text, "%lld.%03lld", static_cast<long long>(ms / 1000),
                static_cast<long long>(ms % 1000));
  return text;
}

void write_pollers(JsonWriter& out, const Pollers& pollers) {
  out.key("ProvisionedPollerConfig").begin_object();
  out.member("MinimumPollers", pollers.min).member("MaximumPollers", pollers.max).end_object();
}

void write_filters(JsonWriter& out, const std::vector<std::string>& filters) {
  out.key("FilterCriteria").begin_object().key("Filters").begin_array();
  for (const std::string& pattern : filters) {
    out.begin_object().member("Pattern", pattern).end_object();
  }
  out.end_array().end_object();
}

std::vector<std::string> read_filters(Members& members) {
  std::vector<std::string> filters;
  for (const JsonValue& pattern : members.list("filters").value_or(std::vector<JsonValue>())) {
    filters.emplace_back(pattern.as_string().value_or(""));
  }
  return filters;
}

}  // namespace

const char* rest_state(const MappingRecord& record) {
  return record.enabled ? "Enabled" : "Disabled";
}

std::string mapping_arn(const MappingRecord& record) {
  const Scope& scope = record.function.scope;
  return "arn:aws:lambda:" + scope.region + ":" + scope.account +
         ":event-source-mapping:" + record.uuid;
}

EventSourceMapping to_runnable(const MappingRecord& record) {
  EventSourceMapping mapping;
  mapping.queue = record.queue;
  mapping.function = record.function.name;
  mapping.batch_size = static_cast<std::size_t>(record.batch_size);
  mapping.batching_window = record.window;
  mapping.item_failures =
      record.reports_failures ? ItemFailures::kReported : ItemFailures::kIgnored;
  std::optional<std::int64_t> most = record.maximum_concurrency;
  if (record.pollers) most = record.pollers->max * kInvocationsPerPoller;
  if (most) mapping.maximum_concurrency = static_cast<std::size_t>(*most);
  mapping.scaling = record.scaling;
  for (const std::string& pattern : record.filters) mapping.filters.add(pattern).value();
  return mapping;
}

void write_mapping(JsonWriter& out, const MappingRecord& record, std::string_view state) {
  out.begin_object();
  out.member("UUID", record.uuid).member("BatchSize", record.batch_size);
  out.member("MaximumBatchingWindowInSeconds",
             std::chrono::floor<std::chrono::seconds>(record.window).count());
  out.member("EventSourceArn", to_arn(record.queue));
  if (!record.filters.empty()) write_filters(out, record.filters);
  out.member("FunctionArn", record.function.arn());
  out.key("LastModified").raw(epoch_seconds(record.modified));
  out.member("State", state).member("StateTransitionReason", "USER_INITIATED");
  out.key("FunctionResponseTypes").begin_array();
  if (record.reports_failures) out.string("ReportBatchItemFailures");
  out.end_array();
  if (record.maximum_concurrency) {
    out.key("ScalingConfig").begin_object();
    out.member("MaximumConcurrency", *record.maximum_concurrency).end_object();
  }
  if (record.pollers) write_pollers(out, *record.pollers);
  if (record.counts_events) {
    out.key("MetricsConfig").begin_object().key("Metrics").begin_array();
    out.string("EventCount").end_array().end_object();
  }
  out.member("EventSourceMappingArn", mapping_arn(record)).end_object();
}

std::string to_document(const MappingRecord& record) {
  std::string bytes;
  JsonWriter out(bytes);
  out.begin_object();
  out.member("queue", to_arn(record.queue)).member("function", record.function.arn());
  out.member("enabled", record.enabled).member("batch_size", record.batch_size);
  out.member("window_ms", record.window.count());
  out.member("reports_failures", record.reports_failures);
  if (record.maximum_concurrency) {
    out.member("maximum_concurrency", *record.maximum_concurrency);
  }
  if (record.pollers) {
    out.member("pollers_min", record.pollers->min).member("pollers_max", record.pollers->max);
  }
  out.key("filters").begin_array();
  for (const std::string& pattern : record.filters) out.string(pattern);
  out.end_array();
  out.member("counts_events", record.counts_events);
  out.member("modified_ms", to_epoch_ms(record.modified)).end_object();
  return bytes;
}

std::optional<MappingRecord> from_document(std::string_view uuid, std::string_view bytes) {
  const Result<JsonDocument> document = parse_object(bytes);
  if (!document) return std::nullopt;
  Members members(document->root());
  MappingRecord record;
  record.uuid = uuid;
  const std::string function = members.text("function").value_or("");
  const bool has_queue = queue::parse_arn(members.text("queue").value_or(""), record.queue);
  // The queue's region is the function's.
  const Result<FunctionName> name =
      parse_function_name(function, Scope{record.queue.region, record.queue.account});
  if (!has_queue || !name) return std::nullopt;
  record.function = *name;
  record.enabled = members.boolean("enabled").value_or(true);
  record.batch_size = members.integer("batch_size", 1, kBatchSizeMax).value_or(record.batch_size);
  record.window = Duration(members.integer("window_ms", 0, kAnyNumber).value_or(0));
  record.reports_failures = members.boolean("reports_failures").value_or(false);
  record.maximum_concurrency = members.integer("maximum_concurrency", 1, kAnyNumber);
  if (const auto max = members.integer("pollers_max", 1, kAnyNumber)) {
    record.pollers = Pollers{members.integer("pollers_min", 1, kAnyNumber).value_or(1), *max};
  }
  record.filters = read_filters(members);
  record.counts_events = members.boolean("counts_events").value_or(false);
  record.modified = from_epoch_ms(members.integer("modified_ms", 0, kAnyNumber).value_or(0));
  FilterCriteria criteria;
  const bool valid = std::all_of(
      record.filters.begin(), record.filters.end(),
      [&criteria](const std::string& pattern) { return criteria.add(pattern).has_value(); });
  if (!members.status() || !valid) return std::nullopt;
  return record;
}

}  // namespace headrace::runtime::lambda

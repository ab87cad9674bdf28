#include "runtime/lambda/mapping_request.hpp"

#include <algorithm>
#include <utility>

#include "runtime/lambda/members.hpp"

namespace headrace::runtime::lambda {

namespace {

using std::chrono::seconds;

constexpr const char* kOfStreams = "is not valid for SQS event sources.";

void refuse_others(Members& members) {
  members.refuse({"ParallelizationFactor", "StartingPosition", "StartingPositionTimestamp",
                  "DestinationConfig", "MaximumRecordAgeInSeconds", "BisectBatchOnFunctionError",
                  "MaximumRetryAttempts", "TumblingWindowInSeconds", "Topics", "Queues",
                  "SourceAccessConfigurations", "SelfManagedEventSource",
                  "AmazonManagedKafkaEventSourceConfig", "SelfManagedKafkaEventSourceConfig",
                  "DocumentDBEventSourceConfig"},
                 kOfStreams);
  members.refuse({"KMSKeyArn", "LoggingConfig", "Tags"}, "is not supported by headrace.");
}

void read_response_types(Members& members, MappingRecord& record) {
  const auto types = members.list("FunctionResponseTypes");
  if (!types) return;
  record.reports_failures = false;
  for (const JsonValue& type : *types) {
    if (type.as_string() != "ReportBatchItemFailures") {
      members.fail(validation_error(type.to_json(), "functionResponseTypes",
                                    "satisfy enum value set: [ReportBatchItemFailures]"));
    }
    record.reports_failures = true;
  }
}

void read_filters(Members& members, MappingRecord& record) {
  auto criteria = members.object("FilterCriteria");
  if (!criteria) return;
  const auto filters = criteria->list("Filters").value_or(std::vector<JsonValue>());
  if (filters.size() > kFiltersMax) {
    members.fail(invalid_parameter("FilterCriteria has more than 10 filters."));
    return;
  }
  record.filters.clear();
  FilterCriteria checked;
  for (const JsonValue& filter : filters) {
    const auto value = filter.find("Pattern");
    const std::string pattern(value ? value->as_string().value_or("") : "");
    const headrace::Status valid = checked.add(pattern);
    if (!valid) members.fail(invalid_parameter(valid.error().message));
    record.filters.push_back(pattern);
  }
  members.take_over(*criteria);
}

// An empty object takes the setting away.
void read_scaling(Members& members, MappingRecord& record) {
  auto scaling = members.object("ScalingConfig");
  if (!scaling) return;
  record.maximum_concurrency =
      scaling->integer("MaximumConcurrency", kMaximumConcurrencyMin, kMaximumConcurrencyMax);
  members.take_over(*scaling);
}

void read_pollers(Members& members, MappingRecord& record) {
  auto config = members.object("ProvisionedPollerConfig");
  if (!config) return;
  config->refuse({"PollerGroupName"}, kOfStreams);
  const auto min = config->integer("MinimumPollers", kPollersMin, kMinimumPollersMax);
  const auto max = config->integer("MaximumPollers", kPollersMin, kMaximumPollersMax);
  members.take_over(*config);
  record.pollers.reset();
  if (!min && !max) return;
  Pollers pollers;
  pollers.min = min.value_or(pollers.min);
  pollers.max = max.value_or(std::max(pollers.max, pollers.min));
  if (pollers.min > pollers.max) {
    members.fail(invalid_parameter("MinimumPollers must not be greater than MaximumPollers."));
  }
  record.pollers = pollers;
}

void read_metrics(Members& members, MappingRecord& record) {
  auto config = members.object("MetricsConfig");
  if (!config) return;
  record.counts_events = false;
  for (const JsonValue& metric : config->list("Metrics").value_or(std::vector<JsonValue>())) {
    if (metric.as_string() != "EventCount") {
      members.fail(validation_error(metric.to_json(), "metricsConfig.metrics",
                                    "satisfy enum value set: [EventCount]"));
    }
    record.counts_events = true;
  }
  members.take_over(*config);
}

void read_function(Members& members, MappingRecord& record, const Scope& caller) {
  const auto text = members.text("FunctionName");
  if (!text) return;
  const Result<FunctionName> name = parse_function_name(*text, caller);
  if (name) {
    record.function = *name;
  } else {
    members.fail(name.error());
  }
}

void read_source(Members& members, MappingRecord& record) {
  const auto arn = members.text("EventSourceArn");
  if (!arn) {
    members.fail(invalid_parameter("Unrecognized event source."));
  } else if (!queue::parse_arn(*arn, record.queue)) {
    members.fail(invalid_parameter("Unrecognized event source, must be an SQS queue here."));
  }
}

void check_rules(Members& members, const MappingRecord& record) {
  if (record.batch_size > kBatchSizeWithoutWindowMax && record.window == Duration(0) &&
      !record.queue.name.ends_with(".fifo")) {
    members.fail(invalid_parameter(
        "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater "
        "than 10"));
  }
  if (record.maximum_concurrency && record.pollers) {
    members.fail(invalid_parameter(
        "MaximumConcurrency and ProvisionedPollerConfig cannot be configured together."));
  }
}

Result<MappingRecord> read_settings(Members& members, MappingRecord record, const Scope& caller) {
  refuse_others(members);
  record.enabled = members.boolean("Enabled").value_or(record.enabled);
  record.batch_size = members.integer("BatchSize", 1, kBatchSizeMax).value_or(record.batch_size);
  if (const auto window = members.integer("MaximumBatchingWindowInSeconds", 0, kWindowSecondsMax)) {
    record.window = seconds(*window);
  }
  read_response_types(members, record);
  read_filters(members, record);
  read_scaling(members, record);
  read_pollers(members, record);
  read_metrics(members, record);
  read_function(members, record, caller);
  check_rules(members, record);
  if (!members.status()) return members.status().error();
  return record;
}

// "30 seconds"; a fraction only when there is one.
std::string in_words(Duration duration) {
  std::string text = std::to_string(duration / seconds(1));
  const auto rest = (duration % seconds(1)).count();
  if (rest != 0) text += "." + std::to_string(1000 + rest).substr(1);
  return text + " seconds";
}

}  // namespace

Result<MappingRecord> read_create_mapping(const JsonValue& body, const Scope& caller) {
  Members members(body);
  MappingRecord record;
  if (!members.has("FunctionName")) {
    return validation_error("null", "functionName", "not be null");
  }
  read_source(members, record);
  return read_settings(members, std::move(record), caller);
}

Result<MappingRecord> read_update_mapping(const JsonValue& body, MappingRecord record,
                                          const Scope& caller) {
  Members members(body);
  return read_settings(members, std::move(record), caller);
}

Status check_queue(const MappingRecord& record, const queue::QueueDescription& queue,
                   Duration function_timeout) {
  if (queue.attributes.fifo_queue && record.window > Duration(0)) {
    return invalid_parameter("Batching window is not supported for FIFO queues");
  }
  if (queue.attributes.fifo_queue && record.batch_size > kFifoBatchSizeMax) {
    return invalid_parameter("Maximum batch size for a FIFO queue is 10.");
  }
  const Duration visibility = seconds(queue.attributes.visibility_timeout);
  if (visibility < function_timeout) {
    return invalid_parameter("Queue visibility timeout: " + in_words(visibility) +
                             " is less than Function timeout: " + in_words(function_timeout));
  }
  return {};
}

}  // namespace headrace::runtime::lambda

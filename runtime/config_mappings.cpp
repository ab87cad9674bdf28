#include "runtime/config_mappings.hpp"

namespace headrace::runtime {

namespace {

using std::chrono::seconds;

// AWS's limits of an event source mapping (Lambda API).
constexpr std::int64_t kBatchSizeMax = 10'000;
constexpr Duration kBatchingWindowMax = seconds(300);
constexpr std::int64_t kMaximumConcurrencyMin = 2;
constexpr std::int64_t kMaximumConcurrencyMax = 1000;

void read_scaling(const ConfigValue& value) {
  const auto text = value.text();
  if (!text || *text == "fast") return;
  if (*text == "aws") {
    value.add_error("aws is not supported yet");
  } else {
    value.expected("fast");
  }
}

MappingConfig read_mapping(const ConfigValue& value, ConfigReading& reading) {
  MappingConfig mapping;
  ConfigSection section(value, reading);
  section.refuse_not_built({"filter"});
  if (const auto queue = section.take_required("queue")) {
    mapping.queue = queue->text().value_or("");
  }
  if (const auto function = section.take_required("function")) {
    mapping.function = function->text().value_or("");
  }
  if (const auto size = section.take("batch_size")) {
    mapping.batch_size = size->integer(1, kBatchSizeMax).value_or(mapping.batch_size);
  }
  if (const auto window = section.take("batching_window")) {
    mapping.batching_window =
        window->duration(seconds(0), kBatchingWindowMax).value_or(mapping.batching_window);
  }
  if (const auto report = section.take("report_batch_item_failures")) {
    mapping.report_batch_item_failures = report->boolean().value_or(false);
  }
  if (const auto concurrency = section.take("maximum_concurrency")) {
    mapping.maximum_concurrency =
        concurrency->integer(kMaximumConcurrencyMin, kMaximumConcurrencyMax);
  }
  if (const auto scaling = section.take("scaling")) read_scaling(*scaling);
  section.finish();
  return mapping;
}

}  // namespace

std::vector<MappingConfig> read_mappings(const ConfigValue& value, ConfigReading& reading) {
  std::vector<MappingConfig> mappings;
  if (value.node().kind != ConfigNode::Kind::kList) {
    value.expected("a list");
    return mappings;
  }
  for (std::size_t i = 0; i < value.node().children.size(); ++i) {
    const std::string path = "mappings[" + std::to_string(i) + "]";
    mappings.push_back(read_mapping(ConfigValue(value.node().children[i], path, reading), reading));
  }
  return mappings;
}

}  // namespace headrace::runtime

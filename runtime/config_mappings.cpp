#include "runtime/config_mappings.hpp"

#include <cstdlib>

#include "base/http.hpp"
#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "runtime/config_texts.hpp"
#include "runtime/filter_pattern.hpp"

namespace headrace::runtime {

namespace {

using std::chrono::seconds;

// AWS's limits of an event source mapping (Lambda API).
constexpr std::int64_t kBatchSizeMax = 10'000;
constexpr Duration kBatchingWindowMax = seconds(300);
constexpr std::int64_t kMaximumConcurrencyMin = 2;
constexpr std::int64_t kMaximumConcurrencyMax = 1000;

bool is_json_literal(const std::string& text) {
  const auto document = JsonDocument::parse(text);
  if (!document) return false;
  const JsonType type = document->root().type();
  return type == JsonType::kNumber || type == JsonType::kBoolean;
}

// What other readers take for a boolean or a number, and JSON does not.
bool is_ambiguous(const std::string& text) {
  if (equals_ignoring_case(text, "true") || equals_ignoring_case(text, "false")) return true;
  char* end = nullptr;
  std::strtod(text.c_str(), &end);
  return !text.empty() && end == text.c_str() + text.size();
}

// YAML as the JSON it stands for: what is quoted is a text, also when it looks like a number.
void write_as_json(const ConfigValue& value, ConfigReading& reading, JsonWriter& json) {
  const ConfigNode& node = value.node();
  switch (node.kind) {
    case ConfigNode::Kind::kNothing: json.null(); return;
    case ConfigNode::Kind::kText: {
      const std::string text = value.text().value_or("");
      if (!node.quoted && is_json_literal(text)) {
        json.raw(text);
        return;
      }
      if (!node.quoted && is_ambiguous(text)) {
        value.expected("true, false or a number as JSON has them, or a text in quotes");
      }
      json.string(text);
      return;
    }
    case ConfigNode::Kind::kList:
      json.begin_array();
      for (const ConfigNode& child : node.children) {
        write_as_json(ConfigValue(child, value.path(), reading), reading, json);
      }
      json.end_array();
      return;
    case ConfigNode::Kind::kMapping:
      json.begin_object();
      for (const ConfigNode& child : node.children) {
        json.key(child.key);
        write_as_json(ConfigValue(child, value.path(), reading), reading, json);
      }
      json.end_object();
      return;
  }
}

// A pattern is a mapping, or a text that holds JSON.
std::optional<std::string> read_filter(const ConfigValue& value, ConfigReading& reading) {
  std::string pattern;
  if (value.node().kind == ConfigNode::Kind::kText) {
    const auto text = value.text();
    if (!text) return std::nullopt;
    pattern = *text;
  } else {
    JsonWriter json(pattern);
    write_as_json(value, reading, json);
  }
  FilterCriteria criteria;
  if (const Status status = criteria.add(pattern); !status) {
    value.add_error(status.error().message);
    return std::nullopt;
  }
  return pattern;
}

std::vector<std::string> read_filters(const ConfigValue& value, ConfigReading& reading) {
  std::vector<std::string> filters;
  const std::vector<ConfigNode>& patterns = value.node().children;
  if (value.node().kind != ConfigNode::Kind::kList || patterns.size() > kFiltersMax) {
    value.expected("a list of at most " + std::to_string(kFiltersMax) + " filter patterns");
    return filters;
  }
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    const std::string path = value.path() + "[" + std::to_string(i) + "]";
    auto filter = read_filter(ConfigValue(patterns[i], path, reading), reading);
    if (filter) filters.push_back(std::move(*filter));
  }
  return filters;
}

void read_scaling(const ConfigValue& value, Scaling& scaling) {
  const auto text = value.text();
  if (text && is_choice(value, *text, {"fast", "aws"}, {})) {
    scaling = *text == "aws" ? Scaling::kAws : Scaling::kFast;
  }
}

MappingConfig read_mapping(const ConfigValue& value, ConfigReading& reading) {
  MappingConfig mapping;
  ConfigSection section(value, reading);
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
  if (const auto filters = section.take("filters")) {
    mapping.filters = read_filters(*filters, reading);
  }
  if (const auto scaling = section.take("scaling")) read_scaling(*scaling, mapping.scaling);
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

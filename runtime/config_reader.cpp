#include "runtime/config_reader.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace headrace::runtime {

namespace {

constexpr std::size_t kShownBytesMax = 60;  // of a wrong value, in its error
constexpr std::size_t kTextBytesMax = 4096;

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// Replaces ${NAME}, ${NAME:-default} and $$. On an error gives its words in `problem`.
std::string expand(const std::string& text, const Environment& environment, std::string& problem) {
  std::string result;
  std::size_t at = 0;
  while (at < text.size() && problem.empty()) {
    const std::string_view rest = std::string_view(text).substr(at);
    if (rest.starts_with("$$")) {
      result += '$';
      at += 2;
    } else if (!rest.starts_with("${")) {
      result += rest.front();
      at += 1;
    } else {
      const std::size_t end = rest.find('}');
      const std::string_view inside = rest.substr(2, end == rest.npos ? end : end - 2);
      std::size_t length = 0;
      while (length < inside.size() && is_name_character(inside[length])) ++length;
      const std::string name(inside.substr(0, length));
      const std::string_view after = inside.substr(length);
      const bool has_default = after.starts_with(":-");
      const bool well_formed = end != rest.npos && !name.empty() && (after.empty() || has_default);
      if (!well_formed) {
        problem = "expected ${NAME}, ${NAME:-default} or $$";
        break;
      }
      const std::optional<std::string> value = environment(name);
      if (has_default && (!value || value->empty())) {
        result += after.substr(2);
      } else if (value) {
        result += *value;
      } else {
        problem = "the environment variable " + name + " is not set and has no default";
      }
      at += end + 1;
    }
  }
  return result;
}

// Decimal digits without a sign, a leading zero or anything else: 012 would be ten to some readers.
std::optional<std::int64_t> whole_number(std::string_view text) {
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
  }
  std::int64_t value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

struct Unit {
  std::string_view name;
  std::int64_t factor;
};

constexpr std::array<Unit, 5> kDurationUnits = {
    {{"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
constexpr std::array<Unit, 4> kSizeUnits = {
    {{"B", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}}};

template <std::size_t N>
std::optional<std::int64_t> with_unit(std::string_view text, const std::array<Unit, N>& units) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto count = whole_number(text.substr(0, digits));
  if (!count) return std::nullopt;
  for (const Unit& unit : units) {
    if (unit.name == text.substr(digits) && *count <= INT64_MAX / unit.factor) {
      return *count * unit.factor;
    }
  }
  return std::nullopt;
}

// The value with the largest unit that divides it.
template <std::size_t N>
std::string show(std::int64_t value, const std::array<Unit, N>& units, std::string_view zero_unit) {
  if (value == 0) return "0" + std::string(zero_unit);
  std::size_t i = N - 1;
  while (value % units[i].factor != 0) --i;
  return std::to_string(value / units[i].factor) + std::string(units[i].name);
}

std::string yaml_quoted(const std::string& text) {
  std::string shown = "\"";
  for (const char c : text.substr(0, kShownBytesMax)) {
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    shown += control ? '?' : c;
  }
  return shown + (text.size() > kShownBytesMax ? "...\"" : "\"");
}

std::string show(const ConfigNode& node) {
  switch (node.kind) {
    case ConfigNode::Kind::kNothing: return "nothing";
    case ConfigNode::Kind::kText: return yaml_quoted(node.text);
    case ConfigNode::Kind::kList: return "a list";
    case ConfigNode::Kind::kMapping: return "a mapping";
  }
  return {};
}

}  // namespace

void ConfigValue::add_error(std::string text) const {
  reading_->errors.push_back({node_->line, node_->column, path_, std::move(text)});
}

void ConfigValue::expected(std::string_view what) const {
  add_error("expected " + std::string(what) + ", got " + show(*node_));
}

std::optional<std::string> ConfigValue::text() const {
  if (node_->kind != ConfigNode::Kind::kText) {
    expected("a text");
    return std::nullopt;
  }
  std::string problem;
  std::string result = expand(node_->text, reading_->source.environment, problem);
  if (problem.empty() && result.size() > kTextBytesMax) {
    problem = "expected at most " + std::to_string(kTextBytesMax) + " bytes";
  }
  if (problem.empty()) return result;
  add_error(std::move(problem));
  return std::nullopt;
}

// A text that may stand for a number: quoted only to protect ${NAME} in a { } mapping.
std::optional<std::string> ConfigValue::plain_text(std::string_view what) const {
  const bool expands = node_->text.find("${") != std::string::npos;
  if (node_->kind != ConfigNode::Kind::kText || (node_->quoted && !expands)) {
    expected(what);
    return std::nullopt;
  }
  return text();
}

std::optional<std::int64_t> ConfigValue::integer(std::int64_t min, std::int64_t max) const {
  const std::string what =
      "a whole number from " + std::to_string(min) + " to " + std::to_string(max);
  const auto given = plain_text(what);
  if (!given) return std::nullopt;
  const auto value = whole_number(*given);
  if (value && *value >= min && *value <= max) return value;
  expected(what);
  return std::nullopt;
}

std::optional<bool> ConfigValue::boolean() const {
  const auto given = plain_text("true or false");
  if (!given) return std::nullopt;
  if (*given == "true") return true;
  if (*given == "false") return false;
  expected("true or false");
  return std::nullopt;
}

std::optional<Duration> ConfigValue::duration(Duration min, Duration max) const {
  const std::string what = "a duration from " + show(min.count(), kDurationUnits, "s") + " to " +
                           show(max.count(), kDurationUnits, "s") +
                           " with its unit (ms, s, m, h, d)";
  const auto given = plain_text(what);
  if (!given) return std::nullopt;
  const auto value = with_unit(*given, kDurationUnits);
  if (value && *value >= min.count() && *value <= max.count()) return Duration(*value);
  expected(what);
  return std::nullopt;
}

std::optional<std::int64_t> ConfigValue::bytes(std::int64_t min, std::int64_t max) const {
  const std::string what = "a size from " + show(min, kSizeUnits, "B") + " to " +
                           show(max, kSizeUnits, "B") + " with its unit (B, KiB, MiB, GiB)";
  const auto given = plain_text(what);
  if (!given) return std::nullopt;
  const auto value = with_unit(*given, kSizeUnits);
  if (value && *value >= min && *value <= max) return value;
  expected(what);
  return std::nullopt;
}

ConfigSection::ConfigSection(const ConfigValue& value, ConfigReading& reading)
    : value_(value), reading_(reading) {
  if (value.node().kind != ConfigNode::Kind::kMapping) value.expected("a mapping");
}

void ConfigSection::finish() {
  if (value_.node().kind != ConfigNode::Kind::kMapping) return;
  for (const ConfigNode& member : value_.node().children) {
    if (taken_.count(member.key) > 0) continue;
    reading_.errors.push_back(
        {member.key_line, member.key_column, path_of(member.key), "is not a known key"});
  }
}

std::string ConfigSection::path_of(std::string_view key) const {
  const std::string prefix = value_.path().empty() ? "" : value_.path() + ".";
  return prefix + std::string(key);
}

std::optional<ConfigValue> ConfigSection::take(std::string_view key) {
  taken_.emplace(key);
  const ConfigNode* node = value_.node().find(key);
  if (node == nullptr) return std::nullopt;
  return ConfigValue(*node, path_of(key), reading_);
}

std::optional<ConfigValue> ConfigSection::take_required(std::string_view key) {
  auto value = take(key);
  if (!value && value_.node().kind == ConfigNode::Kind::kMapping) {
    value_.add_error("expected the key " + std::string(key));
  }
  return value;
}

std::vector<ConfigValue> ConfigSection::take_all() {
  std::vector<ConfigValue> values;
  if (value_.node().kind != ConfigNode::Kind::kMapping) return values;
  for (const ConfigNode& member : value_.node().children) {
    taken_.insert(member.key);
    values.emplace_back(member, path_of(member.key), reading_);
  }
  return values;
}

void ConfigSection::refuse_not_built(std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    const auto value = take(key);
    if (value) value->add_error("is not supported yet");
  }
}

}  // namespace headrace::runtime

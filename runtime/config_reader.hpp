// Reads the members of one mapping of the configuration into typed fields.
//
// A field keeps its value when its key is absent or wrong; what was wrong is added to the errors.
// Texts have ${NAME} and ${NAME:-default} replaced by the environment first; $$ is a dollar sign.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "runtime/config_tree.hpp"

namespace headrace::runtime {

// What all readers of one file share.
struct ConfigReading {
  const ConfigSource& source;
  std::vector<ConfigProblem>& errors;
  std::vector<ConfigProblem>& warnings;
};

// One value and where it stands.
class ConfigValue {
 public:
  ConfigValue(const ConfigNode& node, std::string path, ConfigReading& reading)
      : node_(&node), path_(std::move(path)), reading_(&reading) {}

  const ConfigNode& node() const { return *node_; }
  const std::string& path() const { return path_; }

  // Each is empty after adding an error.
  std::optional<std::string> text() const;
  std::optional<std::int64_t> integer(std::int64_t min, std::int64_t max) const;
  std::optional<bool> boolean() const;
  // A whole number and ms, s, m, h or d.
  std::optional<Duration> duration(Duration min, Duration max) const;
  // A whole number and B, KiB, MiB or GiB.
  std::optional<std::int64_t> bytes(std::int64_t min, std::int64_t max) const;

  void add_error(std::string text) const;
  void expected(std::string_view what) const;  // adds "expected <what>, got <value>"

 private:
  std::optional<std::string> plain_text(std::string_view expected) const;

  const ConfigNode* node_;
  std::string path_;
  ConfigReading* reading_;
};

class ConfigSection {
 public:
  // A value that is no mapping is an error, and is then read as an empty one.
  ConfigSection(const ConfigValue& value, ConfigReading& reading);

  // The member of that name; empty when there is none.
  std::optional<ConfigValue> take(std::string_view key);
  // As take, with an error when there is none.
  std::optional<ConfigValue> take_required(std::string_view key);
  // All members, in order.
  std::vector<ConfigValue> take_all();
  // Keys that have a meaning, but not in this version.
  void refuse_not_built(std::initializer_list<std::string_view> keys);
  // Adds an error for every member that nobody took.
  void finish();

  const ConfigValue& value() const { return value_; }

 private:
  std::string path_of(std::string_view key) const;

  ConfigValue value_;
  ConfigReading& reading_;
  std::set<std::string, std::less<>> taken_;
};

}  // namespace headrace::runtime

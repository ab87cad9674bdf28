// A YAML document as a tree that remembers where everything stood. Only what configuration needs:
// anchors, aliases, merge keys, tags, duplicate keys and several documents are errors.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "runtime/config.hpp"

namespace headrace::runtime {

inline constexpr std::size_t kConfigBytesMax = std::size_t{1} << 20;
inline constexpr std::size_t kConfigDepthMax = 16;
inline constexpr std::size_t kConfigEntriesMax = 10'000;  // of one list or mapping

struct ConfigNode {
  enum class Kind { kNothing, kText, kList, kMapping };

  Kind kind = Kind::kNothing;
  int line = 0;  // of the value; of the key where a key has no value
  int column = 0;
  std::string text;     // kText
  bool quoted = false;  // kText: never a number or a boolean
  std::string key;      // when it is a member of a mapping
  int key_line = 0;
  int key_column = 0;
  std::vector<ConfigNode> children;  // elements or members, in order

  const ConfigNode* find(std::string_view member) const;
};

// The root, as far as it could be read. Every problem is added to `errors`.
std::optional<ConfigNode> parse_config_tree(const std::string& text,
                                            std::vector<ConfigProblem>& errors);

}  // namespace headrace::runtime

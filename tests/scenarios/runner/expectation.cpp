#include "tests/scenarios/runner/expectation.hpp"

#include <algorithm>
#include <array>
#include <regex>
#include <set>

namespace headrace::scenarios {

namespace {

constexpr std::size_t kShownMax = 200;  // bytes of a value in a failure

using Mismatch = std::optional<std::string>;

std::string shown(const std::optional<JsonValue>& value) {
  if (!value) return "nothing";
  const std::string json = value->to_json();
  return json.size() <= kShownMax ? json : json.substr(0, kShownMax) + "...";
}

std::string child_path(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "." + name;
}

Mismatch differs(const std::string& path, const std::string& expected,
                 const std::optional<JsonValue>& got) {
  return (path.empty() ? "the answer" : path) + ": expected " + expected + ", got " + shown(got);
}

// One comparison: what is expected, what is there, and where.
struct Comparison {
  const Node& expected;
  const std::optional<JsonValue>& got;
  const Variables& variables;
  const std::string& path;
};

Mismatch match_regex(const Comparison& c) {
  const auto text = c.got ? c.got->as_string() : std::nullopt;
  const bool matches =
      text && std::regex_match(text->begin(), text->end(), std::regex(c.expected.text));
  return matches ? Mismatch() : differs(c.path, "a text like " + c.expected.text, c.got);
}

Mismatch match_json(const Comparison& c) {
  const auto text = c.got ? c.got->as_string() : std::nullopt;
  if (!text) return differs(c.path, "a text of JSON", c.got);
  const auto document = JsonDocument::parse(*text);
  if (!document) return differs(c.path, "a text of JSON", c.got);
  return mismatch(c.expected, document->root(), c.variables, child_path(c.path, "json"));
}

Mismatch match_keys(const Comparison& c) {
  std::set<std::string> expected;
  for (const Node& key : c.expected.children) expected.insert(key.text);
  std::set<std::string> there;
  if (c.got) {
    for (const auto& [name, value] : c.got->members()) there.emplace(name);
  }
  if (c.got && expected == there) return {};
  std::string text = "exactly";
  for (const std::string& key : expected) text += " " + key;
  return differs(c.path, text, c.got);
}

Mismatch match_count(const Comparison& c) {
  const std::size_t count = c.got && c.got->is_array() ? c.got->elements().size() : 0;
  if (std::to_string(count) == c.expected.text) return {};
  return differs(c.path, c.expected.text + " elements", c.got);
}

Mismatch match_not(const Comparison& c) {
  if (!c.got) return differs(c.path, "something", c.got);
  // A name that nothing was saved under would differ from everything.
  if (c.expected.kind == Node::Kind::kText) {
    const auto text = to_json(c.expected, c.variables);
    if (!text) return c.path + ": " + text.error().message;
  }
  if (mismatch(c.expected, c.got, c.variables, c.path)) return {};
  return differs(c.path, "anything else", c.got);
}

// Decimal texts of any length, such as sequence numbers.
bool is_above(std::string_view a, std::string_view b) {
  a.remove_prefix(std::min(a.find_first_not_of('0'), a.size()));
  b.remove_prefix(std::min(b.find_first_not_of('0'), b.size()));
  return a.size() != b.size() ? a.size() > b.size() : a > b;
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

Mismatch match_above(const Comparison& c) {
  const auto least = c.variables.expand(c.expected.text);
  if (!least) return c.path + ": " + least.error().message;
  if (!is_number(*least)) return c.path + ": " + *least + " is no number";
  if (c.got && is_number(plain_text(*c.got)) && is_above(plain_text(*c.got), *least)) return {};
  return differs(c.path, "a number above " + *least, c.got);
}

Mismatch match_any_order(const Comparison& c) {
  if (!c.got || !c.got->is_array()) return differs(c.path, "a list", c.got);
  auto left = c.got->elements();
  const std::size_t count = c.expected.children.size();
  if (left.size() != count) return differs(c.path, std::to_string(count) + " elements", c.got);
  for (const Node& wanted : c.expected.children) {
    const auto found = std::find_if(left.begin(), left.end(), [&](const JsonValue& value) {
      return !mismatch(wanted, value, c.variables);
    });
    if (found == left.end()) {
      return differs(c.path, "an element as on line " + std::to_string(wanted.line), c.got);
    }
    left.erase(found);
  }
  return {};
}

struct Matcher {
  const char* name;
  Mismatch (*match)(const Comparison&);
};

constexpr std::array kMatchers = {
    Matcher{"matches", &match_regex},
    Matcher{"json", &match_json},
    Matcher{"keys", &match_keys},
    Matcher{"count", &match_count},
    Matcher{"not", &match_not},
    Matcher{"above", &match_above},
    Matcher{"any_order", &match_any_order},
};

// A mapping with one key that names a matcher is that matcher.
const Matcher* matcher_of(const Node& node) {
  if (node.children.size() != 1) return nullptr;
  const auto matcher = std::find_if(kMatchers.begin(), kMatchers.end(), [&node](const Matcher& m) {
    return m.name == node.children.front().key;
  });
  return matcher == kMatchers.end() ? nullptr : &*matcher;
}

Mismatch match_mapping(const Comparison& c) {
  if (const Matcher* matcher = matcher_of(c.expected)) {
    return matcher->match({c.expected.children.front(), c.got, c.variables, c.path});
  }
  if (!c.got || !c.got->is_object()) return differs(c.path, "an object", c.got);
  for (const Node& member : c.expected.children) {
    const auto found =
        mismatch(member, c.got->find(member.key), c.variables, child_path(c.path, member.key));
    if (found) return found;
  }
  return {};
}

Mismatch match_list(const Comparison& c) {
  const auto elements = c.got ? c.got->elements() : std::vector<JsonValue>();
  const std::size_t count = c.expected.children.size();
  if (!c.got || elements.size() != count) {
    return differs(c.path, std::to_string(count) + " elements", c.got);
  }
  for (std::size_t i = 0; i < count; ++i) {
    const auto found = mismatch(c.expected.children[i], elements[i], c.variables,
                                child_path(c.path, std::to_string(i)));
    if (found) return found;
  }
  return {};
}

Mismatch match_text(const Comparison& c) {
  if (!c.expected.quoted && c.expected.text == "absent") {
    return c.got ? differs(c.path, "nothing", c.got) : Mismatch();
  }
  if (!c.expected.quoted && c.expected.text == "any") {
    return c.got ? Mismatch() : differs(c.path, "something", c.got);
  }
  const auto json = to_json(c.expected, c.variables);
  if (!json) return c.path + ": " + json.error().message;
  if (c.got && c.got->to_json() == *json) return {};
  return differs(c.path, json->substr(0, kShownMax), c.got);
}

}  // namespace

std::optional<std::string> mismatch(const Node& expected, const std::optional<JsonValue>& got,
                                    const Variables& variables, const std::string& path) {
  const Comparison comparison{expected, got, variables, path};
  switch (expected.kind) {
    case Node::Kind::kNothing: return path + ": nothing is expected here, write any or absent";
    case Node::Kind::kText: return match_text(comparison);
    case Node::Kind::kList: return match_list(comparison);
    case Node::Kind::kMapping: return match_mapping(comparison);
  }
  return {};
}

std::optional<JsonValue> value_at(const JsonValue& root, std::string_view path) {
  const std::size_t dot = path.find('.');
  const std::string_view name = path.substr(0, dot);
  std::optional<JsonValue> value = root.find(name);
  const auto elements = root.elements();
  for (std::size_t i = 0; i < elements.size(); ++i) {
    if (std::to_string(i) == name) value = elements[i];
  }
  if (!value || dot == std::string_view::npos) return value;
  return value_at(*value, path.substr(dot + 1));
}

std::string plain_text(const JsonValue& value) {
  const auto text = value.as_string();
  return text ? std::string(*text) : value.to_json();
}

}  // namespace headrace::scenarios

#include "tests/scenarios/runner/variables.hpp"

#include <algorithm>
#include <charconv>

#include "base/json_writer.hpp"

namespace headrace::scenarios {

namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_number(std::string_view text) {
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, problem] = std::from_chars(text.data(), end, value);
  return problem == std::errc() && stop == end;
}

Status write(const Node& node, const Variables& variables, JsonWriter& json);

Status write_text(const Node& node, const Variables& variables, JsonWriter& json) {
  if (is_integer(node) || is_boolean(node)) {
    json.raw(node.text);
    return {};
  }
  const auto text = variables.expand(node.text);
  if (!text) return text.error();
  json.string(*text);
  return {};
}

Status write_children(const Node& node, const Variables& variables, JsonWriter& json) {
  for (const Node& child : node.children) {
    if (node.kind == Node::Kind::kMapping) {
      const auto key = variables.expand(child.key);
      if (!key) return key.error();
      json.key(*key);
    }
    if (const Status status = write(child, variables, json); !status) return status;
  }
  return {};
}

Status write(const Node& node, const Variables& variables, JsonWriter& json) {
  Status status;
  switch (node.kind) {
    case Node::Kind::kNothing: json.null(); break;
    case Node::Kind::kText: status = write_text(node, variables, json); break;
    case Node::Kind::kList:
      json.begin_array();
      status = write_children(node, variables, json);
      json.end_array();
      break;
    case Node::Kind::kMapping:
      json.begin_object();
      status = write_children(node, variables, json);
      json.end_object();
      break;
  }
  return status;
}

}  // namespace

bool is_integer(const Node& node) {
  return node.kind == Node::Kind::kText && !node.quoted && is_number(node.text);
}

bool is_boolean(const Node& node) {
  return node.kind == Node::Kind::kText && !node.quoted &&
         (node.text == "true" || node.text == "false");
}

Result<std::string> Variables::value_of(std::string_view expression) const {
  const std::size_t star = expression.rfind(" * ");
  if (star != std::string_view::npos && is_number(expression.substr(star + 3))) {
    const std::size_t times = std::stoull(std::string(expression.substr(star + 3)));
    std::string text;
    for (std::size_t i = 0; i < times; ++i) text += expression.substr(0, star);
    return text;
  }
  const auto value = values_.find(expression);
  if (value == values_.end()) {
    return Error{ErrorCode::kNotFound, "nothing was saved as " + std::string(expression)};
  }
  return value->second;
}

Result<std::string> Variables::expand(std::string_view text) const {
  std::string out;
  while (!text.empty()) {
    const std::size_t dollar = std::min(text.find('$'), text.size());
    out += text.substr(0, dollar);
    text.remove_prefix(dollar);
    if (text.empty()) break;
    text.remove_prefix(1);
    if (text.starts_with('$')) {
      out += '$';
      text.remove_prefix(1);
      continue;
    }
    const bool braced = text.starts_with('{');
    if (braced) text.remove_prefix(1);
    const auto stop = std::find_if(text.begin(), text.end(), [braced](char c) {
      return braced ? c == '}' : !is_name_character(c);
    });
    const auto length = static_cast<std::size_t>(stop - text.begin());
    if (braced && length == text.size()) return Error{ErrorCode::kInvalid, "${ without }"};
    const auto value = value_of(text.substr(0, length));
    if (!value) return value.error();
    out += *value;
    text.remove_prefix(braced ? length + 1 : length);
  }
  return out;
}

Result<std::string> to_json(const Node& node, const Variables& variables) {
  std::string text;
  JsonWriter json(text);
  if (const Status status = write(node, variables, json); !status) return status.error();
  return text;
}

}  // namespace headrace::scenarios

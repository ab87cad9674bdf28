// Appends JSON to a string: no tree, no allocation but the string's own growth.
// The caller writes in order; the writer only places commas and escapes.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

namespace headrace {

// Appends `text` as a JSON string with its quotes. The text must be valid UTF-8; it is escaped only
// where JSON demands it (quote, backslash, control characters).
void json_append_string(std::string& out, std::string_view text);

// The number of bytes json_append_string appends for `text`, quotes included.
std::size_t json_string_size(std::string_view text);

class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  JsonWriter& begin_object() { return open('{'); }
  JsonWriter& end_object() { return close('}'); }
  JsonWriter& begin_array() { return open('['); }
  JsonWriter& end_array() { return close(']'); }

  JsonWriter& key(std::string_view name);
  JsonWriter& string(std::string_view text);
  JsonWriter& number(std::int64_t value);
  JsonWriter& real(double value);
  JsonWriter& boolean(bool value);
  JsonWriter& null();
  JsonWriter& raw(std::string_view json);  // a finished JSON value

  // member("Id", "x") == key("Id").string("x")
  JsonWriter& member(std::string_view name, std::string_view text) {
    return key(name).string(text);
  }
  template <std::integral T>
  JsonWriter& member(std::string_view name, T value) {
    if constexpr (std::same_as<T, bool>) return key(name).boolean(value);
    return key(name).number(static_cast<std::int64_t>(value));
  }

 private:
  JsonWriter& open(char c);
  JsonWriter& close(char c);
  void separate();

  std::string& out_;
  bool needs_comma_ = false;
};

}  // namespace headrace

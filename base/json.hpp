// Strict JSON reading: at most 64 levels deep, no trailing bytes, valid UTF-8 without lone
// surrogates, integers that are integers (4294967297, 3.9 and true are never an int), and no
// duplicate keys but where somebody else's data may have them.
//
// A JsonDocument owns the parsed tree; JsonValue is a view into it and dies with it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace headrace {

inline constexpr int kJsonDepthMax = 64;

enum class JsonType { kNull, kBoolean, kNumber, kString, kArray, kObject };

// The words for a type: "a string", "an object".
const char* to_string(JsonType type);

class JsonValue {
 public:
  JsonType type() const;
  bool is_null() const { return type() == JsonType::kNull; }
  bool is_object() const { return type() == JsonType::kObject; }
  bool is_array() const { return type() == JsonType::kArray; }

  // Each is empty when the value is of another type.
  std::optional<std::string_view> as_string() const;
  std::optional<std::int64_t> as_integer() const;  // no fraction, no exponent, fits 64 bits
  std::optional<bool> as_boolean() const;
  std::optional<double> as_number() const;

  // A member of an object; empty when there is none, or this is no object.
  std::optional<JsonValue> find(std::string_view name) const;
  std::vector<std::pair<std::string_view, JsonValue>> members() const;  // empty unless an object
  std::vector<JsonValue> elements() const;                              // empty unless an array

  // The value as JSON text again, without white space.
  std::string to_json() const;

 private:
  friend class JsonDocument;
  JsonValue(const void* document, std::size_t index) : document_(document), index_(index) {}

  const void* document_;
  std::size_t index_;
};

enum class DuplicateKeys { kRefused, kKept };

class JsonDocument {
 public:
  static Result<JsonDocument> parse(std::string_view text,
                                    DuplicateKeys duplicates = DuplicateKeys::kRefused);

  JsonValue root() const;

  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;
  ~JsonDocument();

 private:
  struct Impl;
  explicit JsonDocument(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace headrace

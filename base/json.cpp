#include "base/json.hpp"

#include <algorithm>
#include <bit>

#include <simdjson.h>

#include "base/json_writer.hpp"

namespace headrace {

namespace dom = simdjson::dom;

// simdjson's element is two words: the document and an index into its tape. JsonValue keeps the
// same two, so that no header of ours includes simdjson.
struct JsonDocument::Impl {
  dom::parser parser{};
};

namespace {

static_assert(sizeof(dom::element) == sizeof(const void*) + sizeof(std::size_t));
static_assert(std::is_trivially_copyable_v<dom::element>);

struct ElementWords {
  const void* document;
  std::size_t index;
};

ElementWords words_of(dom::element element) { return std::bit_cast<ElementWords>(element); }

dom::element element_of(const void* document, std::size_t index) {
  return std::bit_cast<dom::element>(ElementWords{document, index});
}

bool repeats_a_key(dom::object object) {
  std::vector<std::string_view> names;
  for (const auto& field : object) names.push_back(field.key);
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) != names.end();
}

// Depth is bounded by the parser, so recursion is too.
bool has_duplicate_keys(dom::element element) {
  if (element.is_object()) {
    const dom::object object = element.get_object().value_unsafe();
    if (repeats_a_key(object)) return true;
    for (const auto& field : object) {
      if (has_duplicate_keys(field.value)) return true;
    }
  } else if (element.is_array()) {
    const dom::array array = element.get_array().value_unsafe();
    for (const dom::element child : array) {
      if (has_duplicate_keys(child)) return true;
    }
  }
  return false;
}

void write(JsonWriter& out, dom::element element) {
  switch (element.type()) {
    case dom::element_type::NULL_VALUE: out.null(); return;
    case dom::element_type::BOOL: out.boolean(element.get_bool().value_unsafe()); return;
    case dom::element_type::STRING: out.string(element.get_string().value_unsafe()); return;
    case dom::element_type::INT64: out.number(element.get_int64().value_unsafe()); return;
    case dom::element_type::UINT64:
      out.raw(std::to_string(element.get_uint64().value_unsafe()));
      return;
    case dom::element_type::DOUBLE: out.real(element.get_double().value_unsafe()); return;
    case dom::element_type::ARRAY: {
      const dom::array array = element.get_array().value_unsafe();
      out.begin_array();
      for (const dom::element child : array) write(out, child);
      out.end_array();
      return;
    }
    case dom::element_type::OBJECT: {
      const dom::object object = element.get_object().value_unsafe();
      out.begin_object();
      for (const auto& field : object) write(out.key(field.key), field.value);
      out.end_object();
      return;
    }
  }
}

}  // namespace

const char* to_string(JsonType type) {
  switch (type) {
    case JsonType::kNull: return "null";
    case JsonType::kBoolean: return "a boolean";
    case JsonType::kNumber: return "a number";
    case JsonType::kString: return "a string";
    case JsonType::kArray: return "an array";
    case JsonType::kObject: return "an object";
  }
  return "nothing";
}

JsonType JsonValue::type() const {
  switch (element_of(document_, index_).type()) {
    case dom::element_type::ARRAY: return JsonType::kArray;
    case dom::element_type::OBJECT: return JsonType::kObject;
    case dom::element_type::INT64:
    case dom::element_type::UINT64:
    case dom::element_type::DOUBLE: return JsonType::kNumber;
    case dom::element_type::STRING: return JsonType::kString;
    case dom::element_type::BOOL: return JsonType::kBoolean;
    case dom::element_type::NULL_VALUE: return JsonType::kNull;
  }
  return JsonType::kNull;
}

std::optional<std::string_view> JsonValue::as_string() const {
  std::string_view text;
  if (element_of(document_, index_).get(text) != simdjson::SUCCESS) return std::nullopt;
  return text;
}

std::optional<std::int64_t> JsonValue::as_integer() const {
  std::int64_t value = 0;
  if (element_of(document_, index_).get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

std::optional<bool> JsonValue::as_boolean() const {
  bool value = false;
  if (element_of(document_, index_).get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

std::optional<double> JsonValue::as_number() const {
  double value = 0;
  if (element_of(document_, index_).get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

std::optional<JsonValue> JsonValue::find(std::string_view name) const {
  const dom::element element = element_of(document_, index_);
  if (!element.is_object()) return std::nullopt;
  dom::element found;
  if (element.at_key(name).get(found) != simdjson::SUCCESS) return std::nullopt;
  const ElementWords words = words_of(found);
  return JsonValue(words.document, words.index);
}

std::vector<std::pair<std::string_view, JsonValue>> JsonValue::members() const {
  std::vector<std::pair<std::string_view, JsonValue>> out;
  dom::object object;
  if (element_of(document_, index_).get(object) != simdjson::SUCCESS) return out;
  for (const auto& field : object) {
    const ElementWords words = words_of(field.value);
    out.emplace_back(field.key, JsonValue(words.document, words.index));
  }
  return out;
}

std::vector<JsonValue> JsonValue::elements() const {
  std::vector<JsonValue> out;
  dom::array array;
  if (element_of(document_, index_).get(array) != simdjson::SUCCESS) return out;
  for (const dom::element child : array) {
    const ElementWords words = words_of(child);
    out.push_back(JsonValue(words.document, words.index));
  }
  return out;
}

std::string JsonValue::to_json() const {
  std::string text;
  JsonWriter writer(text);
  write(writer, element_of(document_, index_));
  return text;
}

JsonDocument::JsonDocument(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;
JsonDocument::~JsonDocument() = default;

Result<JsonDocument> JsonDocument::parse(std::string_view text, DuplicateKeys duplicates) {
  auto impl = std::make_unique<Impl>();
  const std::size_t capacity = std::max<std::size_t>(text.size(), 64);
  if (const auto code = impl->parser.allocate(capacity, kJsonDepthMax); code != simdjson::SUCCESS) {
    return Error{ErrorCode::kUnavailable, simdjson::error_message(code)};
  }
  dom::element root;
  if (const auto code = impl->parser.parse(text.data(), text.size()).get(root);
      code != simdjson::SUCCESS) {
    return Error{ErrorCode::kInvalid, simdjson::error_message(code)};
  }
  if (duplicates == DuplicateKeys::kRefused && has_duplicate_keys(root)) {
    return Error{ErrorCode::kInvalid, "an object repeats a key"};
  }
  return JsonDocument(std::move(impl));
}

JsonValue JsonDocument::root() const {
  const ElementWords words = words_of(impl_->parser.doc.root());
  return JsonValue(words.document, words.index);
}

}  // namespace headrace

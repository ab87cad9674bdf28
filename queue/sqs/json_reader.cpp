#include "queue/sqs/json_reader.hpp"

#include "base/codec.hpp"

namespace headrace::queue::sqs {

namespace {

// AWS's words for a value that stands where a `wanted` belongs (spec 3.4, "JSON types").
std::string wrong_type(const JsonValue& value, const char* wanted) {
  switch (value.type()) {
    case JsonType::kArray: return "Start of list found where not expected";
    case JsonType::kObject: return "Start of structure or map found where not expected.";
    case JsonType::kString: return std::string("STRING_VALUE can not be converted to ") + wanted;
    case JsonType::kNumber: return std::string("NUMBER_VALUE can not be converted to ") + wanted;
    case JsonType::kBoolean:
      return std::string(*value.as_boolean() ? "TRUE_VALUE" : "FALSE_VALUE") +
             " can not be converted to " + wanted;
    case JsonType::kNull: break;
  }
  return std::string("NULL_VALUE can not be converted to ") + wanted;
}

}  // namespace

JsonReader::JsonReader(JsonValue object, std::optional<Error>& fault)
    : object_(object), fault_(fault) {
  if (!object_.is_object()) refuse(wrong_type(object_, "a Structure"));
}

void JsonReader::refuse(std::string message) {
  if (!fault_) fault_ = Error{ErrorCode::kMalformedInput, std::move(message)};
}

std::optional<JsonValue> JsonReader::find(std::string_view name) const {
  const auto value = object_.find(name);
  if (!value || value->is_null()) return std::nullopt;
  return value;
}

std::optional<JsonValue> JsonReader::find_list(std::string_view name) {
  const auto value = find(name);
  if (!value || value->type() == JsonType::kArray) return value;
  refuse(wrong_type(*value, "a List"));
  return std::nullopt;
}

std::optional<JsonValue> JsonReader::find_map(std::string_view name) {
  const auto value = find(name);
  if (!value || value->is_object()) return value;
  refuse(wrong_type(*value, "a Map"));
  return std::nullopt;
}

std::string JsonReader::to_text(const JsonValue& value) {
  const auto text = value.as_string();
  if (!text) {
    refuse(wrong_type(value, "a String"));
    return {};
  }
  return std::string(*text);
}

Text JsonReader::text(std::string_view name) {
  const auto value = find(name);
  if (!value) return std::nullopt;
  return to_text(*value);
}

Text JsonReader::blob(std::string_view name) {
  const auto value = find(name);
  if (!value) return std::nullopt;
  const auto text = value->as_string();
  if (!text) {
    refuse(wrong_type(*value, "a Blob"));
    return std::nullopt;
  }
  Text bytes = base64_decode(*text);
  if (!bytes) refuse("The value of " + std::string(name) + " is not valid base64");
  return bytes;
}

Integer JsonReader::integer(std::string_view name) {
  const auto value = find(name);
  if (!value) return std::nullopt;
  const Integer number = value->as_integer();
  if (!number) refuse(wrong_type(*value, "an Integer"));
  return number;
}

Names JsonReader::names(std::string_view name) {
  Names names;
  const auto list = find_list(name);
  if (!list) return names;
  for (const JsonValue& element : list->elements()) names.push_back(to_text(element));
  return names;
}

std::optional<AttributeMap> JsonReader::text_map(std::string_view name) {
  const auto map = find_map(name);
  if (!map) return std::nullopt;
  AttributeMap texts;
  for (const auto& [key, value] : map->members()) {
    if (!value.is_null()) texts.emplace(key, to_text(value));
  }
  return texts;
}

void JsonReader::each_object(std::string_view name, const Visit& visit) {
  const auto list = find_list(name);
  if (!list) return;
  for (const JsonValue& element : list->elements()) {
    JsonReader object(element, fault_);
    visit(object);
  }
}

void JsonReader::each_entry(std::string_view name, const VisitEntry& visit) {
  const auto map = find_map(name);
  if (!map) return;
  for (const auto& [key, value] : map->members()) {
    if (value.is_null()) continue;
    JsonReader object(value, fault_);
    visit(key, object);
  }
}

}  // namespace headrace::queue::sqs

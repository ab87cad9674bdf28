#include "runtime/lambda/members.hpp"

#include <utility>

namespace headrace::runtime::lambda {

namespace {

Error serialization_error(std::string text) { return {ErrorCode::kSerialization, std::move(text)}; }

}  // namespace

Result<JsonDocument> parse_object(std::string_view body) {
  headrace::Result<JsonDocument> document = JsonDocument::parse(body.empty() ? "{}" : body);
  if (!document) return serialization_error("The body is not JSON: " + document.error().message);
  if (!document->root().is_object()) return serialization_error("The body is no JSON object.");
  return std::move(*document);
}

Result<JsonDocument> parse_small_object(std::string_view body) {
  if (body.size() > kSmallBodyBytesMax) {
    return Error{ErrorCode::kRequestTooLarge,
                 "Request must be smaller than " + std::to_string(kSmallBodyBytesMax) + " bytes"};
  }
  return parse_object(body);
}

std::string model_name(std::string_view member) {
  std::string name(member);
  bool starts = true;
  for (char& c : name) {
    if (starts && c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    starts = c == '.';
  }
  return name;
}

std::optional<JsonValue> Members::find(std::string_view name) const {
  const auto value = object_.find(name);
  if (!status_ || !value || value->is_null()) return std::nullopt;
  return value;
}

std::optional<std::string> Members::text(std::string_view name) {
  const auto value = find(name);
  if (!value) return std::nullopt;
  const auto text = value->as_string();
  if (!text) {
    fail_type(name, "a string");
    return std::nullopt;
  }
  return std::string(*text);
}

std::optional<std::int64_t> Members::integer(std::string_view name, std::int64_t min,
                                             std::int64_t max) {
  const auto value = find(name);
  if (!value) return std::nullopt;
  const auto number = value->as_integer();
  if (!number) {
    fail_type(name, "an integer");
    return std::nullopt;
  }
  if (*number >= min && *number <= max) return number;
  const bool less = *number < min;
  fail(validation_error(std::to_string(*number), model_name(path_ + std::string(name)),
                        std::string("have value ") + (less ? "greater" : "less") +
                            " than or equal to " + std::to_string(less ? min : max)));
  return std::nullopt;
}

std::optional<bool> Members::boolean(std::string_view name) {
  const auto value = find(name);
  if (!value) return std::nullopt;
  const auto boolean = value->as_boolean();
  if (!boolean) fail_type(name, "a boolean");
  return boolean;
}

std::optional<std::vector<JsonValue>> Members::list(std::string_view name) {
  const auto value = find(name);
  if (!value) return std::nullopt;
  if (!value->is_array()) {
    fail_type(name, "a list");
    return std::nullopt;
  }
  return value->elements();
}

std::optional<std::map<std::string, std::string>> Members::texts(std::string_view name) {
  const auto value = find(name);
  if (!value) return std::nullopt;
  if (!value->is_object()) {
    fail_type(name, "an object");
    return std::nullopt;
  }
  std::map<std::string, std::string> texts;
  for (const auto& [key, member] : value->members()) {
    const auto text = member.as_string();
    if (!text) fail_type(std::string(name) + "." + std::string(key), "a string");
    texts.emplace(key, text.value_or(""));
  }
  return texts;
}

std::optional<Members> Members::object(std::string_view name) {
  const auto value = find(name);
  if (!value) return std::nullopt;
  if (!value->is_object()) {
    fail_type(name, "an object");
    return std::nullopt;
  }
  Members inner(*value);
  inner.path_ = path_ + std::string(name) + ".";
  return inner;
}

void Members::refuse(std::initializer_list<std::string_view> names, const std::string& text) {
  for (const std::string_view name : names) {
    if (has(name)) fail(invalid_parameter(path_ + std::string(name) + " " + text));
  }
}

void Members::fail(Error error) {
  if (status_) status_ = std::move(error);
}

void Members::take_over(const Members& inner) {
  if (!inner.status_) fail(inner.status_.error());
}

void Members::fail_type(std::string_view name, const char* expected) {
  fail(serialization_error(path_ + std::string(name) + ": expected " + expected));
}

}  // namespace headrace::runtime::lambda

// Reads the members of one JSON object as AWS's JSON protocol types them: null is absent, unknown
// members are never asked for, an integer has no fraction. The first member of a wrong type becomes
// the error of the whole request; readers of nested objects share it.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "queue/error.hpp"
#include "queue/sqs/shapes.hpp"

namespace headrace::queue::sqs {

class JsonReader {
 public:
  // `object` must be an object, or the reader starts with an error.
  JsonReader(JsonValue object, std::optional<Error>& fault);

  Text text(std::string_view name);
  Text blob(std::string_view name);  // base64
  Integer integer(std::string_view name);
  Names names(std::string_view name);
  std::optional<AttributeMap> text_map(std::string_view name);
  bool has_elements(std::string_view name);  // a list that is not empty

  // The members of a map of objects, and the objects of a list.
  std::vector<std::pair<std::string_view, JsonReader>> object_map(std::string_view name);
  std::vector<JsonReader> objects(std::string_view name);

 private:
  std::optional<JsonValue> find(std::string_view name) const;
  std::optional<JsonValue> find_list(std::string_view name);
  std::optional<JsonValue> find_map(std::string_view name);
  std::string to_text(const JsonValue& value);
  void refuse(std::string message);

  JsonValue object_;
  std::optional<Error>& fault_;
};

}  // namespace headrace::queue::sqs

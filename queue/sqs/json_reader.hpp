// Reads the members of one JSON object as AWS's JSON protocol types them: null is absent, unknown
// members are never asked for, an integer has no fraction. The first member of a wrong type becomes
// the error of the whole request; readers of nested objects share it.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "queue/error.hpp"
#include "queue/sqs/members.hpp"

namespace headrace::queue::sqs {

class JsonReader final : public MemberReader {
 public:
  // `object` must be an object, or the reader starts with an error.
  JsonReader(JsonValue object, std::optional<Error>& fault);

  Text text(std::string_view name) override;
  Text blob(std::string_view name) override;  // base64
  Integer integer(std::string_view name) override;
  Names names(std::string_view name) override;
  std::optional<AttributeMap> text_map(std::string_view name) override;
  void each_object(std::string_view name, const Visit& visit) override;
  void each_entry(std::string_view name, const VisitEntry& visit) override;

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

// Members: reads the members of a request's JSON object, with the limits of Lambda's model.
//
// The first thing that is wrong is kept in status(); what follows it is read as absent. null is
// absent. Pure; a view, which dies with the document.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "runtime/lambda/error.hpp"

namespace headrace::runtime::lambda {

class Members {
 public:
  explicit Members(JsonValue object) : object_(object) {}

  bool has(std::string_view name) const { return find(name).has_value(); }
  std::optional<std::string> text(std::string_view name);
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t min, std::int64_t max);
  std::optional<bool> boolean(std::string_view name);
  std::optional<std::vector<JsonValue>> list(std::string_view name);
  std::optional<std::map<std::string, std::string>> texts(std::string_view name);

  // A member object, read in the same way; its problems are for the caller to take over.
  std::optional<Members> object(std::string_view name);

  // Members that mean nothing here, refused by name with `text` after it.
  void refuse(std::initializer_list<std::string_view> names, const std::string& text);

  void fail(Error error);
  void take_over(const Members& inner);
  const Status& status() const { return status_; }

 private:
  std::optional<JsonValue> find(std::string_view name) const;
  void fail_type(std::string_view name, const char* expected);

  JsonValue object_;
  std::string path_;  // "ScalingConfig."
  Status status_;
};

// The body as a JSON object.
Result<JsonDocument> parse_object(std::string_view body);

// The same for requests that carry no archive and are read on the loop: larger ones are refused.
inline constexpr std::size_t kSmallBodyBytesMax = std::size_t{128} << 10;
Result<JsonDocument> parse_small_object(std::string_view body);

// "BatchSize" as the texts of the model spell it: "batchSize".
std::string model_name(std::string_view member);

}  // namespace headrace::runtime::lambda

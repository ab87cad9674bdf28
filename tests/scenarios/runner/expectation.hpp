// Whether an answer is as a scenario expects. Every member the scenario names must be there and
// match; members it does not name may be anything.
#pragma once

#include <optional>
#include <string>

#include "base/json.hpp"
#include "tests/scenarios/runner/variables.hpp"

namespace headrace::scenarios {

// What differs, with its path: `Messages.0.Body: expected "b", got "a"`. Empty when all is well.
// `got` is empty where the answer has nothing.
std::optional<std::string> mismatch(const Node& expected, const std::optional<JsonValue>& got,
                                    const Variables& variables, const std::string& path = "");

// The value at "Messages.0.Body".
std::optional<JsonValue> value_at(const JsonValue& root, std::string_view path);

// A text as it is, anything else as JSON.
std::string plain_text(const JsonValue& value);

}  // namespace headrace::scenarios

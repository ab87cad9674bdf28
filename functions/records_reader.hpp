// Reads a `Records` event back from JSON: what a person or a tool writes to try a function.
//
// The inverse of records_event.hpp, and more lenient: a record needs nothing but its body. What it
// does not have is made up so that the function sees a whole record. Pure.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/error.hpp"
#include "functions/event.hpp"

namespace headrace::functions {

inline constexpr std::size_t kReadRecordsMax = 10'000;  // as in the largest batch

// The error names the member that is wrong: "Records[2].body: expected a text".
Result<Event> read_records_event(std::string_view json);

}  // namespace headrace::functions

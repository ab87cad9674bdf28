// Limits that AWS names, in one place.
#pragma once

#include <cstddef>

namespace headrace::functions {

// The largest answer of a function. AWS: "(6291556 bytes)", 6 MiB and 100 bytes.
inline constexpr std::size_t kResponseBytesMax = 6'291'556;

}  // namespace headrace::functions

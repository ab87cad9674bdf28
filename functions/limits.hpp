// Limits of what functions send, in one place.
#pragma once

#include <cstddef>
#include <string_view>

namespace headrace::functions {

// The largest answer of a function. AWS: "(6291556 bytes)", 6 MiB and 100 bytes.
inline constexpr std::size_t kResponseBytesMax = 6'291'556;

// What AWS says in the place of a larger one.
inline constexpr std::string_view kResponseTooLargeType = "Function.ResponseSizeTooLarge";
inline constexpr std::string_view kResponseTooLargeMessage =
    "Response payload size exceeded maximum allowed payload size (6291556 bytes).";

// Kept of the reason why a record failed, and of all reasons of one invocation. Ours.
inline constexpr std::size_t kReasonBytesMax = 512;
inline constexpr std::size_t kReasonsBytesMax = 256U << 10U;

// Kept of each text of a function's error: its type, message and trace. Ours.
inline constexpr std::size_t kErrorTextBytesMax = 8U << 10U;

}  // namespace headrace::functions

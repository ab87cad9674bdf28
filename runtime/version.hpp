// The version of headrace, as CMakeLists.txt has it.
#pragma once

#include <string_view>

namespace headrace::runtime {

inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace headrace::runtime

// What a handler's file says of itself, read from its bytes: nothing of it runs, nothing is loaded.
//
// The bytes are anybody's. What is no shared object of this machine is an error that says what it
// is; a worker's probe (functions/artifact.hpp) has the last word on the rest. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace headrace::functions {

// The ELF note that HEADRACE_FUNCTION and HR_NOTE write (headrace/function.h).
struct HandlerNote {
  std::string name;  // of the handler, in its source
  std::string sdk;   // "headrace C++ 1.0"; empty when the note does not say
  std::uint16_t abi_major = 0;
  std::uint16_t abi_minor = 0;
};

// Nothing when the file has no such note, which the ABI does not ask for.
Result<std::optional<HandlerNote>> read_handler_file(std::string_view bytes);

}  // namespace headrace::functions

// HR_CHECK(condition): an invariant that holds in every build. When it does not, the process stops
// at once and says where: a queue that goes on with broken state would lose messages quietly.
#pragma once

namespace headrace {

// Prints `file:line: check failed: text` and aborts.
[[noreturn]] void check_failed(const char* file, int line, const char* text);

}  // namespace headrace

#define HR_CHECK(condition)               \
  (static_cast<bool>(condition) ? void(0) \
                                : ::headrace::check_failed(__FILE__, __LINE__, #condition))

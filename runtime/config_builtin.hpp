// Reads what `kind: builtin` adds to a function of the configuration.
#pragma once

#include "runtime/config_reader.hpp"

namespace headrace::runtime {

// Takes the keys `builtin`, `duration` and `queue`, as far as they belong together.
void read_builtin(ConfigSection& section, BuiltinConfig& builtin);

}  // namespace headrace::runtime

// Reads the section `functions` of a configuration file, value by value.
#pragma once

#include <vector>

#include "runtime/config_reader.hpp"

namespace headrace::runtime {

// Every function has its place in the result, also when something in it is wrong.
std::vector<FunctionConfig> read_functions(const ConfigValue& value, ConfigReading& reading);

}  // namespace headrace::runtime

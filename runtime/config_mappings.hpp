// Reads the section `mappings` of a configuration file: its event source mappings, value by value.
#pragma once

#include <vector>

#include "runtime/config_reader.hpp"

namespace headrace::runtime {

// Every mapping of the list has its place in the result, also when something in it is wrong.
std::vector<MappingConfig> read_mappings(const ConfigValue& value, ConfigReading& reading);

}  // namespace headrace::runtime

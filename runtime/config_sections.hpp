// Turns the tree of a configuration file into Config, value by value. Rules between values are in
// config_rules.hpp.
#pragma once

#include "runtime/config_reader.hpp"

namespace headrace::runtime {

// What can be read; the rest keeps its default and is an error in `reading`. Every queue, function
// and mapping of the file has its place in the result, also when something in it is wrong.
Config read_config(const ConfigNode& root, ConfigReading& reading);

}  // namespace headrace::runtime

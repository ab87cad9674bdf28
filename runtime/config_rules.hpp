// The rules between values of a configuration: what names what, and AWS's checks of an event source
// mapping (AWS Lambda API, CreateEventSourceMapping).
#pragma once

#include "runtime/config_reader.hpp"

namespace headrace::runtime {

void check_config_rules(const ConfigNode& root, const Config& config, ConfigReading& reading);

}  // namespace headrace::runtime

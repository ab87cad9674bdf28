// The variables of a process, as a value that tests can replace.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace headrace {

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// Of this process.
std::optional<std::string> process_environment(const std::string& name);

}  // namespace headrace

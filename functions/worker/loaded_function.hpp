// A handler .so in this process: loaded once, never unloaded.
#pragma once

#include <string>

#include <headrace/function.h>

namespace headrace::worker {

struct LoadedFunction {
  const hr_function* description = nullptr;
  std::string problem;  // why there is no description: the linker's words, or ours

  std::string name() const;
  std::string version() const;
  std::string sdk() const;
};

LoadedFunction load_function(const std::string& path, const hr_host& host);

}  // namespace headrace::worker

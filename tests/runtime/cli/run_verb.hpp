// The command line inside a test: what it wrote, and what it ended with.
#pragma once

#include <string>
#include <vector>

#include "runtime/cli/command_line.hpp"

namespace headrace::runtime {

struct Outcome {
  int exit_code = 0;
  std::string out;
  std::string err;
};

Outcome run(std::vector<std::string> words, const ServeFunction& serve = {});

}  // namespace headrace::runtime

// The command line: `headrace VERB ...`. Verbs are HTTP clients of a running server, except serve,
// demo, check and version.
//
// Data goes to stdout, messages to stderr.
#pragma once

#include <functional>

#include "runtime/serve_options.hpp"

namespace headrace::runtime {

// Runs the server until it is told to stop; returns the exit code.
using ServeFunction = std::function<int(const ServeOptions& options)>;

int run_command_line(int argc, char** argv, const ServeFunction& serve);

}  // namespace headrace::runtime

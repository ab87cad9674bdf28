// The command line: `headrace VERB ...`. Verbs are HTTP clients of a running server, except serve,
// demo, check and version.
//
// Data goes to stdout, messages to stderr.
#pragma once

#include <functional>
#include <string>

#include "runtime/config.hpp"

namespace headrace::runtime {

enum ExitCode : int {
  kDone = 0,
  kFailed = 1,   // could not do it: no server, a wrong configuration
  kUsage = 2,    // the command line is wrong
  kRefused = 3,  // the server said no
};

struct ServeOptions {
  Config config;  // the file with the flags over it
  // Called once with "http://HOST:PORT", after `Ready.` was printed; may be empty.
  std::function<void(const std::string& url)> on_ready;
};

// Runs the server until it is told to stop; returns the exit code.
using ServeFunction = std::function<int(const ServeOptions& options)>;

int run_command_line(int argc, char** argv, const ServeFunction& serve);

}  // namespace headrace::runtime

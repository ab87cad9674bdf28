// What the command line tells the server, and what the server's end tells the shell.
#pragma once

#include <functional>
#include <string>

#include "runtime/config.hpp"

namespace headrace::runtime {

enum ExitCode : int {
  kDone = 0,
  kFailed = 1,   // could not do it: no server, a wrong configuration
  kUsage = 2,    // the command line is wrong, or another server holds the data directory
  kRefused = 3,  // the server said no
};

struct ServeOptions {
  Config config;  // the file with the flags over it
  // Called once with "http://HOST:PORT", after `Ready.` was printed; may be empty.
  std::function<void(const std::string& url)> on_ready;
};

}  // namespace headrace::runtime

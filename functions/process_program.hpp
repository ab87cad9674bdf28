// Which program runs a function of kind process, and what it is told by its environment.
#pragma once

#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "functions/function_config.hpp"

namespace headrace::functions {

// What all process functions of a server share.
struct ProcessHost {
  std::string worker_program;  // headrace-worker
  std::string bootstraps;      // the folder of functions/bootstraps
  std::string runtime_api;     // HOST:PORT
  std::string endpoint_url;    // where AWS SDKs in handlers find the queues
  std::string account;         // whose queues these are
  std::string search_path;     // where interpreters are looked for: folders, with ':' between
};

// The command line of one worker. nodejs* and python3.* run the installed interpreter with our
// bootstrap, provided* runs the executable `bootstrap` of the code. The error says what is missing.
Result<std::vector<std::string>> find_command(const ProcessHost& host,
                                              const FunctionConfig& config);

// "NAME=value" for one worker. Of what the configuration sets as well, AWS's reserved names win,
// but for the credentials: ours are only there so that SDKs have some.
std::vector<std::string> build_process_environment(const ProcessHost& host,
                                                   const FunctionConfig& config,
                                                   const std::string& token, TimePoint now);

}  // namespace headrace::functions

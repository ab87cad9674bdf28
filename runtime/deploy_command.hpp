// What `headrace deploy` asks over the control socket: {"function": NAME, "artifact": PATH}. The
// answer names the version that serves now, or is {"error": "..."} and nothing has changed.
#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>

#include "runtime/deployments.hpp"

namespace headrace::runtime {

// Both lines are JSON; anything may come.
boost::asio::awaitable<std::string> answer_deploy_command(Deployments& deployments,
                                                          std::string line);

}  // namespace headrace::runtime

// ProcessFunction: a handler in any language, in processes that speak the Lambda Runtime API.
#pragma once

#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "functions/pooled_function.hpp"
#include "functions/process_program.hpp"
#include "functions/runtime_seats.hpp"
#include "functions/spawner.hpp"

namespace headrace::functions {

class ProcessFunction final : public PooledFunction {
 public:
  // `command` is that of find_command(). The references outlive the function; somebody serves a
  // RuntimeApi over `seats` at host.runtime_api.
  ProcessFunction(boost::asio::io_context& loop, Clock& clock, Spawner& spawner,
                  RuntimeSeats& seats, const ProcessHost& host, const FunctionConfig& config,
                  std::vector<std::string> command);
};

}  // namespace headrace::functions

// NativeFunction: a handler .so, run by headrace-worker processes.
#pragma once

#include <string>

#include <boost/asio/io_context.hpp>

#include "functions/pooled_function.hpp"
#include "functions/spawner.hpp"

namespace headrace::functions {

class NativeFunction final : public PooledFunction {
 public:
  // `worker_program` is the path of headrace-worker. The references outlive the function.
  NativeFunction(boost::asio::io_context& loop, Clock& clock, Spawner& spawner,
                 std::string worker_program, const FunctionConfig& config);
};

}  // namespace headrace::functions

// How a failed invocation is worded: the error types and texts of AWS. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "functions/child_process.hpp"
#include "functions/function.hpp"

namespace headrace::functions {

struct FunctionError {
  std::string type;
  std::string message;
  std::string trace;  // lines; may be empty
};

// Makes `result` a failure with the JSON that AWS answers with.
void fail(InvocationResult& result, FunctionError error);

// What the caller is told instead of a response that is too large.
FunctionError response_too_large();

// "RequestId: 1-2 Error: Task timed out after 1.00 seconds"
std::string timeout_message(std::string_view request_id, Duration timeout);

// "RequestId: 1-2 Error: Runtime exited with error: exit status 127"
std::string exit_message(std::string_view request_id, const ExitStatus& status);

}  // namespace headrace::functions

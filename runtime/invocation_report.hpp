// The lines Lambda logs for an invocation: START, what the function printed, END, REPORT
// (spec 7.5).
#pragma once

#include <string>
#include <vector>

#include "functions/function.hpp"

namespace headrace::runtime {

std::vector<std::string> report_lines(const std::string& request_id,
                                      const functions::FunctionConfig& config,
                                      const functions::InvocationResult& result);

}  // namespace headrace::runtime

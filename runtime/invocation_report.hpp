// The lines Lambda logs for an invocation: START, what the function printed, why it or records of
// it failed, END, REPORT (spec 7.5).
#pragma once

#include <string>
#include <vector>

#include "functions/function.hpp"
#include "runtime/batch_outcome.hpp"

namespace headrace::runtime {

// Of more failed records only the number is told.
inline constexpr std::size_t kFailedRecordsShownMax = 100;

// What one invocation was, told to whoever reports it.
struct InvocationReport {
  const std::string& request_id;
  const functions::FunctionConfig& config;
  const functions::Event& event;
  const functions::InvocationResult& result;
  const BatchOutcome& outcome;
};

std::vector<std::string> report_lines(const InvocationReport& report);

}  // namespace headrace::runtime

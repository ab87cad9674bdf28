#include "functions/call_report.hpp"

#include <algorithm>
#include <utility>

namespace headrace::functions {

namespace {

void judge_done(InvocationResult& result, CallReport& report) {
  if (!report.error) {
    result.outcome = Outcome::kSucceeded;
    result.payload = std::move(report.response);
    result.record_failures = std::move(report.record_failures);
    return;
  }
  fail(result, std::move(*report.error));
  if (!report.error_document.empty()) result.payload = std::move(report.error_document);
}

}  // namespace

InvocationResult judge(CallReport report, const std::string& request_id, Duration timeout) {
  InvocationResult result;
  switch (report.end) {
    case CallEnd::kDone: judge_done(result, report); break;
    case CallEnd::kTimedOut:
      fail(result, {"Sandbox.Timedout", timeout_message(request_id, timeout), {}});
      break;
    case CallEnd::kExited:
      fail(result, {"Runtime.ExitError", exit_message(request_id, report.exit), {}});
      break;
    case CallEnd::kBroken:
      fail(result, {"Runtime.InvalidFrame",
                    "RequestId: " + request_id + " Error: the handler wrote to the worker's socket",
                    {}});
      break;
  }
  result.log_lines = std::move(report.log_lines);
  result.max_memory_bytes = std::max(report.max_memory_bytes, report.exit.max_memory_bytes);
  return result;
}

}  // namespace headrace::functions

// CallReport: what became of one call of a worker, and what that means as an InvocationResult.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "functions/child_process.hpp"
#include "functions/error_payload.hpp"
#include "functions/function.hpp"

namespace headrace::functions {

enum class CallEnd {
  kDone,      // the handler answered
  kTimedOut,  // killed at the deadline
  kExited,    // the process ended by itself
  kBroken,    // killed for saying what makes no sense, or for not listening any more
};

struct CallReport {
  CallEnd end = CallEnd::kExited;
  bool answered = false;  // so it is an answer, also when the process dies before the call ended
  std::string response;
  std::optional<FunctionError> error;  // the handler reported it
  std::string error_document;          // its JSON, when the handler wrote it
  std::vector<RecordFailure> record_failures;
  std::vector<std::string> log_lines;
  std::int64_t max_memory_bytes = 0;
  ExitStatus exit;  // unless kDone
};

// `request_id` and `timeout` are for the texts. Durations are not filled in.
InvocationResult judge(CallReport report, const std::string& request_id, Duration timeout);

}  // namespace headrace::functions

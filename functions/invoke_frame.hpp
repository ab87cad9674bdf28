// The kInvoke frame, from the server's side: everything but the bodies in one string, which the
// sender follows with the bodies where they lie. The worker's side is functions/worker/batch.hpp.
#pragma once

#include <cstdint>
#include <string>

#include "functions/event.hpp"

namespace headrace::functions {

struct InvokeHead {
  std::string_view request_id;
  std::string_view function_name;
  std::string_view function_version;
  std::string_view function_arn;
  std::string_view trace_id;
  std::int64_t deadline_ms = 0;   // since 1970 UTC, for the handler to show
  std::int64_t remaining_ms = 0;  // from now, for the worker to count down
};

// Frame header and head. The bodies of `event.records`, in order, complete the frame.
std::string encode_invoke_frame(const InvokeHead& head, const Event& event);

}  // namespace headrace::functions

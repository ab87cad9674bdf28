// A kInvoke payload as the C structs a handler sees. Everything points into the payload.
#pragma once

#include <string_view>
#include <vector>

#include <headrace/function.h>

namespace headrace::worker {

struct Batch {
  hr_str request_id, function_name, function_version, function_arn, trace_id;
  std::int64_t deadline_ms = 0;
  std::int64_t remaining_ms = 0;
  std::vector<hr_record> records;
  std::vector<hr_attr> attributes;
  hr_batch view{};  // points into the vectors above

  // Replaces the content. False when the payload is not what the server writes.
  bool decode(std::string_view payload);
};

}  // namespace headrace::worker

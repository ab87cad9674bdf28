// How the event source mappings are doing, as status shows it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace headrace::runtime {

struct MappingStatus {
  std::string queue;
  std::string function;
  std::string state;  // AWS's word: "Enabled", "Disabled", ...
  std::int64_t batch_size = 0;
  std::uint64_t concurrency = 0;  // invocations running now
  std::uint64_t limit = 0;        // most at one time
  std::uint64_t invocations = 0;  // since the server started, as all that follow
  std::uint64_t errors = 0;
  std::uint64_t throttles = 0;
  std::uint64_t records_ok = 0;
  std::uint64_t records_failed = 0;
  std::string last_result;  // one sentence; empty before the first invocation
};

class MappingStatusSource {
 public:
  virtual std::vector<MappingStatus> mapping_status() const = 0;
  virtual bool has_function(const std::string& name) const = 0;

 protected:
  ~MappingStatusSource() = default;
};

}  // namespace headrace::runtime

#include "runtime/invocation_report.hpp"

#include <cstdio>

namespace headrace::runtime {

namespace {

std::string milliseconds(std::int64_t us) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f ms", static_cast<double>(us) / 1000.0);
  return text;
}

constexpr std::int64_t kMegabyte = std::int64_t{1} << 20;

std::string report_line(const std::string& request_id, const functions::FunctionConfig& config,
                        const functions::InvocationResult& result) {
  const std::int64_t billed_ms = (result.duration_us + 999) / 1000;
  std::string line = "REPORT RequestId: " + request_id +
                     "\tDuration: " + milliseconds(result.duration_us) +
                     "\tBilled Duration: " + std::to_string(billed_ms) + " ms";
  line += "\tMemory Size: " +
          std::to_string(static_cast<std::int64_t>(config.memory_bytes) / kMegabyte) + " MB";
  if (result.max_memory_bytes > 0) {
    line += "\tMax Memory Used: " +
            std::to_string((result.max_memory_bytes + kMegabyte - 1) / kMegabyte) + " MB";
  }
  if (result.init_us > 0) line += "\tInit Duration: " + milliseconds(result.init_us);
  line += '\t';
  if (result.error_type == "Sandbox.Timedout") {
    line += "Status: timeout";
  } else if (result.outcome == functions::Outcome::kFailed) {
    line += "Status: error\tError Type: " + result.error_type;
  }
  return line;
}

}  // namespace

std::vector<std::string> report_lines(const std::string& request_id,
                                      const functions::FunctionConfig& config,
                                      const functions::InvocationResult& result) {
  std::vector<std::string> lines;
  lines.reserve(result.log_lines.size() + 3);
  lines.push_back("START RequestId: " + request_id + " Version: " + config.version);
  lines.insert(lines.end(), result.log_lines.begin(), result.log_lines.end());
  lines.push_back("END RequestId: " + request_id);
  lines.push_back(report_line(request_id, config, result));
  return lines;
}

}  // namespace headrace::runtime

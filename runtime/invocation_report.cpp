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
  if (result.error_type == "Sandbox.Timedout") {
    line += "\tStatus: timeout";
  } else if (result.outcome == functions::Outcome::kFailed) {
    line += "\tStatus: error\tError Type: " + result.error_type;
  }
  return line;
}

void add_failures(std::vector<std::string>& lines, const functions::Event& event,
                  const BatchOutcome& outcome) {
  if (outcome.function_error) {
    lines.push_back("[ERROR] " + outcome.failures.front().value_or(""));
    return;
  }
  const std::size_t failed = outcome.failed();
  std::size_t shown = 0;
  for (std::size_t i = 0; i < outcome.failures.size() && shown < kFailedRecordsShownMax; ++i) {
    if (!outcome.failures[i]) continue;
    lines.push_back("[ERROR] " + event.records[i].message_id + ": " + *outcome.failures[i]);
    ++shown;
  }
  if (failed > shown) {
    lines.push_back("[ERROR] " + std::to_string(failed - shown) + " more records failed");
  }
}

}  // namespace

std::vector<std::string> report_lines(const InvocationReport& report) {
  const std::vector<std::string>& printed = report.result.log_lines;
  const std::string& version =
      report.result.version.empty() ? report.config.version : report.result.version;
  std::vector<std::string> lines;
  lines.push_back("START RequestId: " + report.request_id + " Version: " + version);
  lines.insert(lines.end(), printed.begin(), printed.end());
  add_failures(lines, report.event, report.outcome);
  lines.push_back("END RequestId: " + report.request_id);
  lines.push_back(report_line(report.request_id, report.config, report.result));
  return lines;
}

}  // namespace headrace::runtime

#include "runtime/function_pages.hpp"

#include "base/codec.hpp"
#include "base/json_writer.hpp"
#include "functions/limits.hpp"

namespace headrace::runtime {

namespace {

const char* outcome_word(const InvocationReport& report) {
  switch (report.result.outcome) {
    case functions::Outcome::kThrottled: return "throttled";
    case functions::Outcome::kFailed: return "failed";
    case functions::Outcome::kSucceeded: break;
  }
  // An answer that makes no sense to a mapping fails its batch.
  return report.outcome.function_error ? "failed" : "succeeded";
}

void write_failed_records(JsonWriter& out, const InvocationReport& report) {
  out.key("failed_records").begin_array();
  for (std::size_t i = 0; i < report.outcome.failures.size(); ++i) {
    if (!report.outcome.failures[i]) continue;
    out.begin_object()
        .member("message_id", report.event.records[i].message_id)
        .member("reason", *report.outcome.failures[i])
        .end_object();
  }
  out.end_array();
}

void write_log_tail(JsonWriter& out, const std::vector<std::string>& lines) {
  std::size_t first = lines.size();
  std::size_t bytes = 0;
  while (first > 0 && bytes + lines[first - 1].size() <= kInvokeLogBytesMax) {
    bytes += lines[--first].size();
  }
  out.key("log").begin_array();
  for (; first < lines.size(); ++first) out.string(bounded_utf8(lines[first], kInvokeLogBytesMax));
  out.end_array();
}

const char* kind_word(functions::FunctionKind kind) {
  switch (kind) {
    case functions::FunctionKind::kNative: return "native";
    case functions::FunctionKind::kProcess: return "process";
    case functions::FunctionKind::kHttp: return "http";
    case functions::FunctionKind::kBuiltin: return "builtin";
  }
  return "";
}

void write_settings(JsonWriter& out, const functions::Function& function) {
  const functions::FunctionConfig& config = function.config();
  out.member("name", config.name).member("kind", kind_word(config.kind));
  out.member("version", config.version);
  out.member("running", function.running()).member("limit", function.limit());
  out.member("timeout_ms", config.timeout.count());
}

void write_version(JsonWriter& out, const FunctionVersion& version) {
  out.member("version", version.name()).member("sha256", version.sha256);
  out.member("file", version.file).member("abi", version.abi).member("sdk", version.sdk);
  out.member("deployed_ms", to_epoch_ms(version.deployed));
}

const char* role_of(const FunctionVersion& version, const VersionHistory& history) {
  if (&version == history.active()) return "active";
  return &version == history.previous() ? "previous" : "";
}

}  // namespace

std::string render_functions(const FunctionTable& functions) {
  std::string body;
  JsonWriter out(body);
  out.begin_object().key("functions").begin_array();
  for (const auto& [name, function] : functions) {
    out.begin_object();
    write_settings(out, *function);
    out.end_object();
  }
  out.end_array().end_object();
  return body;
}

std::string render_function(const functions::Function& function, const VersionHistory* history) {
  std::string body;
  JsonWriter out(body);
  out.begin_object();
  write_settings(out, function);
  out.member("memory_bytes", function.config().memory_bytes);
  out.key("versions").begin_array();
  if (history != nullptr) {
    const std::vector<FunctionVersion>& all = history->versions();
    for (auto version = all.rbegin(); version != all.rend(); ++version) {
      out.begin_object();
      write_version(out, *version);
      out.member("role", role_of(*version, *history)).end_object();
    }
  }
  out.end_array().end_object();
  return body;
}

std::string render_version(const FunctionVersion& version) {
  std::string body;
  JsonWriter out(body);
  out.begin_object();
  write_version(out, version);
  out.end_object();
  return body;
}

std::string render_invocation(const InvocationReport& report,
                              const std::vector<std::string>& lines) {
  const functions::InvocationResult& result = report.result;
  std::string body;
  JsonWriter out(body);
  out.begin_object();
  out.member("request_id", report.request_id);
  out.member("outcome", outcome_word(report));
  out.member("answer", bounded_utf8(result.payload, functions::kResponseBytesMax));
  out.member("error_type", result.error_type).member("error_message", result.error_message);
  out.member("duration_us", result.duration_us);
  write_failed_records(out, report);
  write_log_tail(out, lines);
  out.end_object();
  return body;
}

}  // namespace headrace::runtime

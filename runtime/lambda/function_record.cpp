#include "runtime/lambda/function_record.hpp"

#include <algorithm>
#include <cstdio>
#include <limits>

#include "base/codec.hpp"
#include "base/random.hpp"
#include "runtime/lambda/members.hpp"

namespace headrace::runtime::lambda {

namespace {

constexpr const char* kOwnRuntime = "provided.al2023";  // of what no runtime of Lambda runs
constexpr const char* kRoleOfConfigured = "role/headrace";
constexpr std::int64_t kEphemeralMegabytes = 512;

std::string bytes_of(const Sha256& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// What makes the code of a configured function another one.
std::string code_identity(const functions::FunctionConfig& config, const VersionHistory* history) {
  const FunctionVersion* active = history != nullptr ? history->active() : nullptr;
  if (active != nullptr) return active->sha256;
  return config.url + "\n" + config.process.runtime + "\n" + config.process.code;
}

void write_state(JsonWriter& out) {
  out.member("State", "Active").member("LastUpdateStatus", "Successful");
}

void write_environment(JsonWriter& out, const std::map<std::string, std::string>& environment) {
  out.key("Environment").begin_object().key("Variables").begin_object();
  for (const auto& [name, value] : environment) out.member(name, value);
  out.end_object().end_object();
}

// Settings of Lambda that mean nothing here and are always what a fresh function has.
void write_fixed(JsonWriter& out, const std::string& name) {
  out.key("Architectures").begin_array().string("x86_64").end_array();
  out.key("EphemeralStorage").begin_object().member("Size", kEphemeralMegabytes).end_object();
  out.key("LoggingConfig").begin_object().member("LogFormat", "Text");
  out.member("LogGroup", "/aws/lambda/" + name).end_object();
  out.member("PackageType", "Zip");
  out.key("SnapStart").begin_object().member("ApplyOn", "None");
  out.member("OptimizationStatus", "Off").end_object();
  out.key("TracingConfig").begin_object().member("Mode", "PassThrough").end_object();
}

}  // namespace

FunctionRecord describe_configured(const functions::Function& function,
                                   const VersionHistory* history, const Scope& home,
                                   TimePoint since) {
  const functions::FunctionConfig& config = function.config();
  FunctionRecord record;
  record.name = config.name;
  record.runtime = config.process.runtime.empty() ? kOwnRuntime : config.process.runtime;
  record.handler = config.process.handler.empty() ? config.name : config.process.handler;
  record.role = "arn:aws:iam::" + home.account + ":" + kRoleOfConfigured;
  record.timeout_seconds = std::chrono::ceil<std::chrono::seconds>(config.timeout).count();
  record.memory_mb = static_cast<std::int64_t>(config.memory_bytes / functions::kMebibyte);
  if (!config.environment.empty()) record.environment = config.environment;
  const std::string code = code_identity(config, history);
  record.code_sha256 = base64_encode(bytes_of(sha256(code)));
  record.modified = since;
  record.revision_id = stable_uuid(config.name + "\n" + code);
  return record;
}

void write_function(JsonWriter& out, const FunctionRecord& record, const std::string& arn,
                    FunctionForm form) {
  out.begin_object();
  out.member("FunctionName", record.name).member("FunctionArn", arn);
  out.member("Runtime", record.runtime).member("Role", record.role);
  out.member("Handler", record.handler).member("CodeSize", record.code_bytes);
  out.member("Description", record.description).member("Timeout", record.timeout_seconds);
  out.member("MemorySize", record.memory_mb)
      .member("LastModified", to_lambda_time(record.modified));
  out.member("CodeSha256", record.code_sha256).member("Version", kLatest);
  out.member("RevisionId", record.revision_id);
  if (record.environment) write_environment(out, *record.environment);
  write_fixed(out, record.name);
  if (form == FunctionForm::kWhole) write_state(out);
  out.end_object();
}

std::string to_document(const FunctionRecord& record) {
  std::string bytes;
  JsonWriter out(bytes);
  const auto write_texts = [&out](const char* key, const std::map<std::string, std::string>& all) {
    out.key(key).begin_object();
    for (const auto& [name, value] : all) out.member(name, value);
    out.end_object();
  };
  out.begin_object().member("runtime", record.runtime).member("handler", record.handler);
  out.member("role", record.role).member("description", record.description);
  out.member("timeout", record.timeout_seconds).member("memory", record.memory_mb);
  if (record.environment) write_texts("environment", *record.environment);
  write_texts("tags", record.tags);
  out.member("code", record.code).member("code_sha256", record.code_sha256);
  out.member("code_bytes", record.code_bytes).member("revision", record.revision_id);
  out.member("modified_ms", to_epoch_ms(record.modified)).end_object();
  return bytes;
}

std::optional<FunctionRecord> read_function_document(std::string_view name,
                                                     std::string_view bytes) {
  constexpr std::int64_t kAnyNumber = std::numeric_limits<std::int64_t>::max();
  const Result<JsonDocument> document = parse_object(bytes);
  if (!document) return std::nullopt;
  Members members(document->root());
  FunctionRecord record;
  record.name = name;
  record.runtime = members.text("runtime").value_or("");
  record.handler = members.text("handler").value_or("");
  record.role = members.text("role").value_or("");
  record.description = members.text("description").value_or("");
  record.timeout_seconds = members.integer("timeout", 1, kAnyNumber).value_or(3);
  record.memory_mb = members.integer("memory", 1, kAnyNumber).value_or(128);
  record.environment = members.texts("environment");
  record.tags = members.texts("tags").value_or(record.tags);
  record.code = members.text("code").value_or("");
  record.code_sha256 = members.text("code_sha256").value_or("");
  record.code_bytes = members.integer("code_bytes", 0, kAnyNumber).value_or(0);
  record.revision_id = members.text("revision").value_or("");
  record.modified = from_epoch_ms(members.integer("modified_ms", 0, kAnyNumber).value_or(0));
  if (!members.status() || record.code.empty()) return std::nullopt;
  return record;
}

std::string to_lambda_time(TimePoint time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03d+0000", int(date.year()),
                unsigned(date.month()), unsigned(date.day()), int(clock.hours().count()),
                int(clock.minutes().count()), int(clock.seconds().count()),
                int(clock.subseconds().count()));
  return text;
}

std::string stable_uuid(std::string_view text) {
  Uuid id{};
  const Sha256 digest = sha256(text);
  std::copy_n(digest.begin(), id.size(), id.begin());
  id[6] = static_cast<std::uint8_t>((id[6] & 0x0fU) | 0x50U);  // version 5: named
  id[8] = static_cast<std::uint8_t>((id[8] & 0x3fU) | 0x80U);
  return headrace::to_string(id);
}

}  // namespace headrace::runtime::lambda

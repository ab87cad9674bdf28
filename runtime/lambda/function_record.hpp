// FunctionRecord: what the Lambda API tells of a function, and its JSON (spec 6.1). Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/json_writer.hpp"
#include "functions/function.hpp"
#include "runtime/lambda/function_name.hpp"
#include "runtime/version_history.hpp"

namespace headrace::runtime::lambda {

struct FunctionRecord {
  std::string name;
  std::string runtime;
  std::string handler;
  std::string role;
  std::string description;
  std::int64_t timeout_seconds = 3;
  std::int64_t memory_mb = 128;
  std::optional<std::map<std::string, std::string>> environment;
  std::map<std::string, std::string> tags;
  std::string code;         // of the Lambda API: the name of its folder (code_store.hpp)
  std::string code_sha256;  // base64
  std::int64_t code_bytes = 0;
  TimePoint modified;
  std::string revision_id;
};

// Of a function of the configuration. What AWS would know of it and a configuration does not say is
// made up; `history` is that of a native function, nullptr for others.
FunctionRecord describe_configured(const functions::Function& function,
                                   const VersionHistory* history, const Scope& home,
                                   TimePoint since);

// A list's entries have no state; on AWS neither.
enum class FunctionForm { kWhole, kListed };

// A FunctionConfiguration. `arn` is as qualified as it was asked for.
void write_function(JsonWriter& out, const FunctionRecord& record, const std::string& arn,
                    FunctionForm form);

// A function of the Lambda API as the journal keeps it.
std::string to_document(const FunctionRecord& record);
// Nothing when it is no document of a function.
std::optional<FunctionRecord> read_function_document(std::string_view name, std::string_view bytes);

// "2026-01-02T03:04:05.678+0000"
std::string to_lambda_time(TimePoint time);

// The same id for the same text, in the form of a UUID.
std::string stable_uuid(std::string_view text);

}  // namespace headrace::runtime::lambda

// The bodies of CreateFunction, UpdateFunctionCode and UpdateFunctionConfiguration (spec 6.1).
// Pure; what is large is read off the loop.
#pragma once

#include <string>
#include <string_view>

#include "runtime/lambda/error.hpp"
#include "runtime/lambda/function_record.hpp"

namespace headrace::runtime::lambda {

// AWS's limits of a function (API reference).
inline constexpr std::int64_t kTimeoutSecondsMax = 900;
inline constexpr std::int64_t kMemoryMegabytesMin = 128;
inline constexpr std::int64_t kMemoryMegabytesMax = 10'240;
inline constexpr std::size_t kEnvironmentBytesMax = 4096;
inline constexpr std::size_t kHandlerLengthMax = 128;
inline constexpr std::size_t kDescriptionLengthMax = 256;
inline constexpr std::size_t kTagsMax = 50;  // AWS's limits of tags
inline constexpr std::size_t kTagKeyBytesMax = 128;
inline constexpr std::size_t kTagBytesMax = 256;
inline constexpr std::size_t kRoleBytesMax = 2048;  // of any ARN

// A function to be, and its archive.
struct NewFunction {
  FunctionRecord record;
  std::string zip;
};

Result<NewFunction> read_create_function(std::string_view body, const Scope& caller);

// An archive, and what revision it is meant for; empty: any.
struct NewCode {
  std::string zip;
  std::string revision_id;
};

Result<NewCode> read_update_code(std::string_view body);

// `record` as it is after the request; what the request does not name stays.
Result<FunctionRecord> read_update_configuration(std::string_view body, FunctionRecord record);

}  // namespace headrace::runtime::lambda

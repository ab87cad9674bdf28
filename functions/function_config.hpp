// What a function is, as configuration names it. Checked by whoever reads the configuration.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "base/clock.hpp"

namespace headrace::functions {

enum class FunctionKind { kNative, kProcess, kHttp, kBuiltin };

struct WorkerLimits {
  std::size_t min = 0;  // kept running when idle
  std::size_t max = 8;  // most invocations at one time
  Duration idle_timeout = std::chrono::minutes(5);
};

struct FunctionConfig {
  std::string name;
  FunctionKind kind = FunctionKind::kNative;
  std::string artifact;  // native: the installed .so (functions/artifact.hpp)
  std::string url;       // http
  Duration timeout = std::chrono::seconds(3);
  std::uint64_t memory_bytes = 128U << 20U;
  WorkerLimits workers;
  std::map<std::string, std::string> environment;
  std::string arn;
  std::string version = "$LATEST";
  std::string region = "us-east-1";
};

}  // namespace headrace::functions

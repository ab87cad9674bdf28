// What a function is, as configuration names it. Checked by whoever reads the configuration.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "base/clock.hpp"

namespace headrace::functions {

inline constexpr std::uint64_t kMebibyte = 1U << 20U;

enum class FunctionKind { kNative, kProcess, kHttp, kBuiltin };

struct WorkerLimits {
  std::size_t min = 0;  // kept running when idle
  std::size_t max = 8;  // most invocations at one time
  Duration idle_timeout = std::chrono::minutes(5);
};

// What runs of a function of kind process.
struct ProcessConfig {
  std::string runtime;  // as AWS names it: "nodejs20.x", "python3.11", "provided.al2023"
  std::string code;     // the folder, where it also runs
  std::string handler;  // "index.handler"
};

struct FunctionConfig {
  std::string name;
  FunctionKind kind = FunctionKind::kNative;
  std::string artifact;  // native: the installed .so (functions/artifact.hpp)
  std::string url;       // http
  ProcessConfig process;
  Duration timeout = std::chrono::seconds(3);
  std::uint64_t memory_bytes = 128U << 20U;
  WorkerLimits workers;
  std::map<std::string, std::string> environment;
  std::string arn;
  std::string version = "$LATEST";
  std::string region = "us-east-1";
};

}  // namespace headrace::functions

#include "functions/process_program.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <string_view>

#include <sys/stat.h>
#include <unistd.h>

#include "base/codec.hpp"
#include "base/random.hpp"

namespace headrace::functions {

namespace {

// An interpreter reserves this much for stacks and arenas that it hardly touches. The limit of a
// worker counts what is reserved, AWS's memory size counts what is used.
constexpr std::uint64_t kInterpreterReserveBytes = 64 * kMebibyte;

// Of the memory size, for the heap of Node.js; then its collector works before the limit is met.
constexpr std::uint64_t kNodeHeapPercent = 90;

bool is_provided(const std::string& runtime) { return runtime.starts_with("provided"); }

bool is_executable(const std::string& path) {
  struct stat about {};
  return stat(path.c_str(), &about) == 0 && S_ISREG(about.st_mode) &&
         access(path.c_str(), X_OK) == 0;
}

// The first executable of that name; empty when there is none.
std::string find_executable(std::string_view name, std::string_view folders) {
  while (!folders.empty()) {
    const std::string_view folder = folders.substr(0, folders.find(':'));
    folders.remove_prefix(std::min(folder.size() + 1, folders.size()));
    if (!folder.starts_with('/')) continue;
    std::string path = std::string(folder) + "/" + std::string(name);
    if (is_executable(path)) return path;
  }
  return {};
}

Result<std::vector<std::string>> find_node(const ProcessHost& host, const FunctionConfig& config) {
  const std::string node = find_executable("node", host.search_path);
  if (node.empty()) return Error{ErrorCode::kNotFound, "there is no node on the PATH"};
  const std::uint64_t heap = config.memory_bytes / kMebibyte * kNodeHeapPercent / 100;
  return std::vector<std::string>{node, "--max-old-space-size=" + std::to_string(heap),
                                  host.bootstraps + "/nodejs/bootstrap.mjs"};
}

// python3.11 when just that one is installed, else python3.
Result<std::vector<std::string>> find_python(const ProcessHost& host,
                                             const FunctionConfig& config) {
  std::string python = find_executable(config.process.runtime, host.search_path);
  if (python.empty()) python = find_executable("python3", host.search_path);
  if (python.empty()) return Error{ErrorCode::kNotFound, "there is no python3 on the PATH"};
  return std::vector<std::string>{python, host.bootstraps + "/python/bootstrap.py"};
}

Result<std::vector<std::string>> find_program(const ProcessHost& host,
                                              const FunctionConfig& config) {
  const std::string& runtime = config.process.runtime;
  if (runtime.starts_with("nodejs")) return find_node(host, config);
  if (runtime.starts_with("python3.")) return find_python(host, config);
  const std::string bootstrap = config.process.code + "/bootstrap";
  if (is_executable(bootstrap)) return std::vector<std::string>{bootstrap};
  return Error{ErrorCode::kNotFound,
               "Runtime.InvalidEntrypoint: " + bootstrap + " is no executable file"};
}

// "2026/01/02/[$LATEST]5f3c...", one per worker.
std::string make_log_stream(const FunctionConfig& config, TimePoint now) {
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date(day);
  char text[32];
  std::snprintf(text, sizeof text, "%04d/%02u/%02u/", int(date.year()), unsigned(date.month()),
                unsigned(date.day()));
  std::array<std::uint8_t, 16> unique{};
  os_random(unique.data(), unique.size());
  return text + ("[" + config.version + "]") + hex(unique);
}

}  // namespace

Result<std::vector<std::string>> find_command(const ProcessHost& host,
                                              const FunctionConfig& config) {
  if (access(config.process.code.c_str(), R_OK | X_OK) != 0) {
    return Error{ErrorCode::kNotFound, config.process.code + " is no folder that can be read"};
  }
  Result<std::vector<std::string>> program = find_program(host, config);
  if (!program) return program.error();
  std::uint64_t memory = config.memory_bytes;
  if (!is_provided(config.process.runtime)) memory += kInterpreterReserveBytes;
  std::vector<std::string> command = {host.worker_program, "--run", std::to_string(memory),
                                      config.process.code};
  command.insert(command.end(), program->begin(), program->end());
  return command;
}

std::vector<std::string> build_process_environment(const ProcessHost& host,
                                                   const FunctionConfig& config,
                                                   const std::string& token, TimePoint now) {
  std::map<std::string, std::string> variables = {{"PATH", "/usr/local/bin:/usr/bin:/bin"},
                                                  {"LANG", "C.UTF-8"},
                                                  {"TZ", ":UTC"},
                                                  {"AWS_ENDPOINT_URL", host.endpoint_url},
                                                  {"AWS_ACCESS_KEY_ID", host.account},
                                                  {"AWS_SECRET_ACCESS_KEY", "headrace"}};
  for (const auto& [name, value] : config.environment) variables[name] = value;
  const ProcessConfig& process = config.process;
  const std::string language = process.runtime.starts_with("nodejs") ? "/nodejs" : "/python";
  variables["_HANDLER"] = process.handler;
  variables["AWS_REGION"] = config.region;
  variables["AWS_DEFAULT_REGION"] = config.region;
  variables["AWS_LAMBDA_FUNCTION_NAME"] = config.name;
  variables["AWS_LAMBDA_FUNCTION_VERSION"] = config.version;
  variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = std::to_string(config.memory_bytes / kMebibyte);
  variables["AWS_LAMBDA_INITIALIZATION_TYPE"] = "on-demand";
  variables["AWS_LAMBDA_LOG_GROUP_NAME"] = "/aws/lambda/" + config.name;
  variables["AWS_LAMBDA_LOG_STREAM_NAME"] = make_log_stream(config, now);
  variables["AWS_LAMBDA_RUNTIME_API"] = host.runtime_api + "/" + token;
  variables["LAMBDA_TASK_ROOT"] = process.code;
  variables["LAMBDA_RUNTIME_DIR"] = host.bootstraps;
  variables["PWD"] = process.code;
  if (is_provided(process.runtime)) {
    variables.erase("AWS_EXECUTION_ENV");
  } else {
    variables["AWS_EXECUTION_ENV"] = "AWS_Lambda_" + process.runtime;
    variables["LAMBDA_RUNTIME_DIR"] += language;
  }
  std::vector<std::string> lines;
  for (const auto& [name, value] : variables) lines.push_back(name + "=" + value);
  return lines;
}

}  // namespace headrace::functions

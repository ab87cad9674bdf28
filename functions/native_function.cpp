#include "functions/native_function.hpp"

#include <map>
#include <memory>
#include <vector>

#include "functions/frame_link.hpp"

namespace headrace::functions {
namespace asio = boost::asio;

namespace {

// The server's own environment stays with the server: it may hold secrets. Reserved names win.
std::vector<std::string> build_environment(const FunctionConfig& config) {
  std::map<std::string, std::string> environment = {
      {"PATH", "/usr/local/bin:/usr/bin:/bin"}, {"LANG", "C.UTF-8"}, {"TZ", ":UTC"}};
  for (const auto& [name, value] : config.environment) environment[name] = value;
  environment["HEADRACE_FUNCTION_NAME"] = config.name;
  environment["AWS_LAMBDA_FUNCTION_NAME"] = config.name;
  environment["AWS_LAMBDA_FUNCTION_VERSION"] = config.version;
  environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = std::to_string(config.memory_bytes / kMebibyte);
  environment["AWS_REGION"] = config.region;
  std::vector<std::string> lines;
  for (const auto& [name, value] : environment) lines.push_back(name + "=" + value);
  return lines;
}

SpawnRequest build_spawn_request(std::string worker_program, const FunctionConfig& config) {
  SpawnRequest request;
  request.program = std::move(worker_program);
  request.arguments = {"--memory", std::to_string(config.memory_bytes), config.artifact};
  request.environment = build_environment(config);
  return request;
}

class NativeWorkers final : public WorkerSource {
 public:
  NativeWorkers(asio::io_context& loop, const Clock& clock, Spawner& spawner,
                std::string worker_program, const FunctionConfig& config)
      : loop_(loop),
        clock_(clock),
        spawner_(spawner),
        config_(config),
        request_(build_spawn_request(std::move(worker_program), config)) {}

  asio::awaitable<Result<StartedWorker>> start() override {
    Result<SpawnedProcess> process = co_await spawner_.spawn(request_);
    if (!process) co_return process.error();
    StartedWorker started;
    started.link = std::make_unique<FrameLink>(loop_, clock_, config_, std::move(process->socket));
    started.process = std::move(*process);
    co_return std::move(started);
  }

 private:
  asio::io_context& loop_;
  const Clock& clock_;
  Spawner& spawner_;
  FunctionConfig config_;
  SpawnRequest request_;
};

}  // namespace

NativeFunction::NativeFunction(asio::io_context& loop, Clock& clock, Spawner& spawner,
                               std::string worker_program, const FunctionConfig& config)
    : PooledFunction(
          loop, clock,
          std::make_unique<NativeWorkers>(loop, clock, spawner, std::move(worker_program), config),
          config) {}

}  // namespace headrace::functions

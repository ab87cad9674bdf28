#include "functions/process_function.hpp"

#include <memory>

#include "functions/runtime_link.hpp"

namespace headrace::functions {
namespace asio = boost::asio;

namespace {

class ProcessWorkers final : public WorkerSource {
 public:
  ProcessWorkers(const Clock& clock, Spawner& spawner, RuntimeSeats& seats, const ProcessHost& host,
                 const FunctionConfig& config, std::vector<std::string> command)
      : clock_(clock),
        spawner_(spawner),
        seats_(seats),
        host_(host),
        config_(config),
        command_(std::move(command)) {}

  // The link has its token before the process is there to use it.
  asio::awaitable<Result<StartedWorker>> start() override {
    auto link = std::make_unique<RuntimeLink>(seats_, config_);
    SpawnRequest request;
    request.program = command_.front();
    request.arguments.assign(command_.begin() + 1, command_.end());
    request.environment = build_process_environment(host_, config_, link->token(), clock_.now());
    Result<SpawnedProcess> process = co_await spawner_.spawn(std::move(request));
    if (!process) co_return process.error();
    link->hold(std::move(process->socket));
    StartedWorker started;
    started.process = std::move(*process);
    started.link = std::move(link);
    co_return std::move(started);
  }

 private:
  const Clock& clock_;
  Spawner& spawner_;
  RuntimeSeats& seats_;
  const ProcessHost& host_;
  FunctionConfig config_;
  std::vector<std::string> command_;
};

}  // namespace

ProcessFunction::ProcessFunction(asio::io_context& loop, Clock& clock, Spawner& spawner,
                                 RuntimeSeats& seats, const ProcessHost& host,
                                 const FunctionConfig& config, std::vector<std::string> command)
    : PooledFunction(
          loop, clock,
          std::make_unique<ProcessWorkers>(clock, spawner, seats, host, config, std::move(command)),
          config) {}

}  // namespace headrace::functions

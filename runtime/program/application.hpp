// Application: the composition root. Builds every part, starts them in order, stops them in
// reverse. Nothing is decided here that a part could decide.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "base/offload.hpp"
#include "base/random.hpp"
#include "base/task_group.hpp"
#include "functions/artifact.hpp"
#include "functions/builtin_function.hpp"
#include "functions/function.hpp"
#include "functions/http_client.hpp"
#include "functions/process_program.hpp"
#include "functions/spawner.hpp"
#include "queue/broker_on_loop.hpp"
#include "queue/sqs/sqs_handler.hpp"
#include "queue/store.hpp"
#include "runtime/admin_api.hpp"
#include "runtime/auth/auth_handler.hpp"
#include "runtime/auth/authenticator.hpp"
#include "runtime/control_socket.hpp"
#include "runtime/deployments.hpp"
#include "runtime/function_api.hpp"
#include "runtime/history.hpp"
#include "runtime/http/server.hpp"
#include "runtime/http/state_loop_handler.hpp"
#include "runtime/lambda/mappings.hpp"
#include "runtime/lambda/service.hpp"
#include "runtime/router.hpp"
#include "runtime/runtime_api_server.hpp"
#include "runtime/serve_options.hpp"

namespace headrace::runtime {

// What a failed write or sync of the journal ends the process with (docs/operations.md).
inline constexpr int kJournalFailedExit = 70;

class Application final : private MappingStatusSource {
 public:
  explicit Application(ServeOptions options);
  ~Application();

  // Serves until SIGINT or SIGTERM. Returns the exit code.
  int run();

 private:
  template <class T>
  using Awaitable = boost::asio::awaitable<T>;

  Status check_callers();
  Status open_store();
  void open_history();
  Awaitable<void> serve();
  Awaitable<Status> start();
  void prepare_functions();
  Awaitable<Status> start_functions();
  Awaitable<Status> start_function(const FunctionConfig& config);
  functions::BuiltinAction make_action(const BuiltinConfig& builtin,
                                       const functions::FunctionConfig& config);
  void open_control_socket();
  using FunctionPtr = std::unique_ptr<functions::Function>;
  Result<FunctionPtr> make_process(functions::FunctionConfig config);
  FunctionPtr make_native(functions::FunctionConfig config);
  Awaitable<Result<FunctionPtr>> make_uploaded(functions::FunctionConfig config);
  void start_mappings();
  Result<std::uint16_t> bind_http();
  void announce(std::uint16_t port);
  Awaitable<void> wait_for_signal();
  Awaitable<void> stop();

  std::vector<MappingStatus> mapping_status() const override;
  bool has_function(const std::string& name) const override;

  ServeOptions options_;
  boost::asio::io_context loop_{1};
  boost::asio::signal_set signals_;  // caught when all has started
  SystemClock clock_;
  std::unique_ptr<FileSystem> files_;
  std::unique_ptr<Authenticator> authenticator_;  // none with auth: none
  std::unique_ptr<Offload> writer_;               // journal: write
  std::unique_ptr<Offload> syncer_;               // journal: fdatasync
  std::unique_ptr<Offload> background_;           // segments, body reads, artifacts, large hashes
  std::unique_ptr<Offload> spawning_;             // one thread for all workers' lives
  Random random_;
  MetricsRegistry metrics_;
  FunctionLogs logs_;
  LastErrors last_errors_;
  std::unique_ptr<History> history_;  // none when it is off
  std::unique_ptr<queue::Store> store_;
  std::unique_ptr<queue::BrokerOnLoop> broker_;
  std::unique_ptr<functions::Spawner> spawner_;
  std::unique_ptr<functions::HttpClient> http_client_;
  std::unique_ptr<functions::ArtifactStore> artifacts_;
  std::unique_ptr<Deployments> deployments_;
  std::unique_ptr<ControlSocket> control_;  // none without native functions
  functions::ProcessHost process_host_;
  std::unique_ptr<RuntimeApiServer> runtime_api_;  // none without process functions
  FunctionTable functions_;
  std::unique_ptr<lambda::Mappings> mappings_;
  std::unique_ptr<AdminApi> admin_;
  std::unique_ptr<StateLoopHandler> admin_on_loop_;
  std::unique_ptr<FunctionApi> function_api_;
  std::unique_ptr<StateLoopHandler> function_api_on_loop_;
  std::unique_ptr<lambda::Service> lambda_;
  std::unique_ptr<Offload> unpacking_;  // uploaded functions; ends before what it works for
  std::unique_ptr<StateLoopHandler> lambda_on_loop_;
  std::unique_ptr<queue::sqs::SqsHandler> sqs_;
  std::unique_ptr<Router> router_;
  std::unique_ptr<AuthHandler> auth_handler_;  // none with auth: none
  std::unique_ptr<HttpServer> server_;
  int exit_code_ = kDone;
  TaskGroup tasks_;
};

}  // namespace headrace::runtime

#include "runtime/program/application.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>

#include <boost/asio/use_awaitable.hpp>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.hpp"
#include "functions/builtin_function.hpp"
#include "functions/curl_http_client.hpp"
#include "functions/http_function.hpp"
#include "functions/native_function.hpp"
#include "functions/process_function.hpp"
#include "runtime/deploy_command.hpp"
#include "runtime/forward_function.hpp"
#include "runtime/queue_setup.hpp"

namespace headrace::runtime {
namespace asio = boost::asio;

namespace {

constexpr int kBackgroundThreads = 2;
constexpr const char* kHistoryFile = "history.db";
constexpr std::int64_t kHistoryBytesInMemoryMax = std::int64_t{16} << 20;
// A recorded time further ahead of the wall clock than this means that one of them is wrong.
constexpr Duration kClockLeadMax = std::chrono::hours(24);

// The folder of this program.
std::filesystem::path program_folder() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
}

std::string worker_program() { return (program_folder() / "headrace-worker").string(); }

std::string bootstraps_folder() {
  return (program_folder().parent_path() / "share/headrace/bootstraps").string();
}

// Each journal segment and each connection takes a descriptor; the soft limit is often 1,024.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

unsigned usable_cores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  if (sched_getaffinity(0, sizeof cores, &cores) != 0) return 1;
  return static_cast<unsigned>(CPU_COUNT(&cores));
}

functions::FunctionKind to_function_kind(FunctionKind kind) {
  switch (kind) {
    case FunctionKind::kNative: return functions::FunctionKind::kNative;
    case FunctionKind::kProcess: return functions::FunctionKind::kProcess;
    case FunctionKind::kHttp: return functions::FunctionKind::kHttp;
    case FunctionKind::kBuiltin: return functions::FunctionKind::kBuiltin;
  }
  return functions::FunctionKind::kNative;
}

// Config speaks of files and YAML, the rooms below do not know it.
functions::FunctionConfig to_function_config(const FunctionConfig& config,
                                             const ServerConfig& server) {
  functions::FunctionConfig made;
  made.name = config.name;
  made.kind = to_function_kind(config.kind);
  made.url = config.url;
  made.process = {config.runtime, config.code, config.handler};
  made.timeout = config.timeout;
  made.memory_bytes = static_cast<std::uint64_t>(config.memory_bytes);
  made.workers.min = static_cast<std::size_t>(config.workers.min);
  made.workers.max = static_cast<std::size_t>(config.workers.max);
  made.workers.idle_timeout = config.workers.idle_timeout;
  made.environment = config.environment;
  made.arn = "arn:aws:lambda:" + server.region + ":" + server.account + ":function:" + config.name;
  made.region = server.region;
  return made;
}

std::string authority(const ServerConfig& server, std::uint16_t port) {
  const bool v6 = server.host.find(':') != std::string::npos;
  return (v6 ? "[" + server.host + "]" : server.host) + ":" + std::to_string(port);
}

// Where handlers on this machine reach the server.
std::string endpoint_url(ServerConfig server, std::uint16_t port) {
  if (!server.public_url.empty()) return server.public_url;
  if (server.host == "0.0.0.0") server.host = "127.0.0.1";
  if (server.host == "::") server.host = "::1";
  return "http://" + authority(server, port);
}

functions::ProcessHost make_process_host(const ServerConfig& server, std::uint16_t port) {
  functions::ProcessHost host;
  host.worker_program = worker_program();
  host.bootstraps = bootstraps_folder();
  host.endpoint_url = endpoint_url(server, port);
  host.account = server.account;
  host.search_path = process_environment("PATH").value_or("");
  return host;
}

std::string public_host(const std::string& public_url) {
  const std::size_t start = public_url.find("://");
  if (start == std::string::npos) return {};
  const std::string rest = public_url.substr(start + 3);
  return rest.substr(0, rest.find_first_of(":/"));
}

}  // namespace

Application::Application(ServeOptions options)
    : options_(std::move(options)),
      signals_(loop_),
      clock_(loop_),
      files_(make_posix_file_system()),
      writer_(make_thread_offload(loop_, "journal-write", 1)),
      syncer_(make_thread_offload(loop_, "journal-sync", 1)),
      background_(make_thread_offload(loop_, "background", kBackgroundThreads)),
      spawning_(make_thread_offload(loop_, "spawner", 1)),
      random_(os_random_seed()),
      logs_(clock_),
      tasks_(loop_.get_executor()) {}

Application::~Application() = default;

int Application::run() {
  raise_descriptor_limit();
  if (const Status status = check_callers(); !status) {
    log_error("could not start reason={}", status.error().message);
    return kFailed;
  }
  if (const Status status = open_store(); !status) {
    log_error("could not open the data directory path={} reason={}", options_.config.store.path,
              status.error().message);
    return status.error().code == ErrorCode::kExists ? kUsage : kFailed;
  }
  tasks_.spawn("serve", serve());
  loop_.run();
  return exit_code_;
}

// Who may come, before anybody can.
Status Application::check_callers() {
  const ServerConfig& server = options_.config.server;
  const std::string exposed = exposure_problem(server);
  if (!exposed.empty()) return Error{ErrorCode::kInvalid, exposed};
  if (server.auth == AuthMode::kNone) return {};
  auto users = gather_credentials(server.credentials, process_environment, server.account);
  if (!users) return users.error();
  authenticator_ = std::make_unique<Authenticator>(server.auth, std::move(*users));
  return {};
}

Status Application::open_store() {
  queue::StoreOptions store_options;
  store_options.path = options_.config.store.path;
  store_options.durability = options_.config.store.durability;
  store_options.seed = random_.next();
  store_options.cooldowns = options_.config.server.cooldowns;
  store_options.on_failure = [](const Error&) { std::_Exit(kJournalFailedExit); };
  auto store = queue::Store::open(*files_, clock_, {loop_, *writer_, *syncer_, *background_},
                                  std::move(store_options));
  if (!store) return store.error();
  store_ = std::move(*store);
  if (store_->last_time() > clock_.now() + kClockLeadMax) {
    return Error{
        ErrorCode::kInvalid,
        "the data was last written more than 24 hours in the future of this clock; set the "
        "clock right"};
  }
  clock_.raise_to(store_->last_time());
  broker_ = std::make_unique<queue::BrokerOnLoop>(loop_, store_->broker());
  open_history();
  return {};
}

// It lives as long as what it tells of.
void Application::open_history() {
  const HistoryConfig& config = options_.config.history;
  if (!config.enabled) return;
  HistoryOptions options{"", config.keep, std::min(config.size, kHistoryBytesInMemoryMax)};
  if (options_.config.store.durability != Durability::kMemory) {
    options.path = options_.config.store.path + "/" + kHistoryFile;
    options.bytes_max = config.size;
  }
  history_ = std::make_unique<History>(make_thread_offload(loop_, "history", 1), clock_, metrics_,
                                       std::move(options));
  store_->broker().set_observer(*history_);
}

Application::Awaitable<void> Application::serve() {
  const Status started = co_await start();
  if (started) {
    co_await wait_for_signal();
    log_info("stopping: batches in work are finished first");
  } else {
    log_error("could not start reason={}", started.error().message);
    exit_code_ = kFailed;
  }
  co_await stop();
  loop_.stop();
}

Application::Awaitable<Status> Application::start() {
  store_->broker().start();
  prepare_functions();
  const Result<std::uint16_t> port = bind_http();
  if (!port) co_return port.error();
  process_host_ = make_process_host(options_.config.server, *port);
  const Status functions_started = co_await start_functions();
  if (!functions_started) co_return functions_started;
  // Nothing of the data is changed before everything else that may fail.
  const auto lines = co_await set_up_queues(store_->broker(), options_.config);
  if (!lines) co_return Error{ErrorCode::kInvalid, lines.error().message};
  for (const std::string& line : *lines) std::printf("%s\n", line.c_str());
  const Status recorded = co_await deployments_->record_all();
  if (!recorded) co_return recorded;
  start_mappings();
  co_await lambda_->start();  // before anybody can change what it takes up
  server_->start();
  open_control_socket();
  announce(*port);
  co_return Status();
}

void Application::prepare_functions() {
  spawner_ = functions::make_posix_spawner(*spawning_);
  artifacts_ = std::make_unique<functions::ArtifactStore>(
      functions::ArtifactStore::Services{loop_, clock_, *files_, *background_, *spawner_},
      options_.config.store.path + "/functions", worker_program());
  const Deployments::Make make = [this](functions::FunctionConfig config) {
    return make_native(std::move(config));
  };
  deployments_ = std::make_unique<Deployments>(
      Deployments::Services{loop_, clock_, store_->broker(), *artifacts_}, make);
  mappings_ = std::make_unique<lambda::Mappings>(
      MappingSurroundings{loop_, clock_, store_->broker(), logs_, last_errors_, metrics_, random_,
                          *background_, history_.get()},
      functions_);
}

Application::Awaitable<Status> Application::start_functions() {
  if (options_.config.functions.empty()) co_return Status();
  http_client_ = functions::make_curl_http_client(loop_, clock_);
  for (const FunctionConfig& config : options_.config.functions) {
    const Status started = co_await start_function(config);
    if (!started) {
      co_return Error{started.error().code,
                      "function " + config.name + ": " + started.error().message};
    }
  }
  co_return Status();
}

Application::Awaitable<Status> Application::start_function(const FunctionConfig& config) {
  functions::FunctionConfig made = to_function_config(config, options_.config.server);
  if (made.kind == functions::FunctionKind::kHttp) {
    functions_[config.name] =
        std::make_unique<functions::HttpFunction>(clock_, *http_client_, std::move(made));
    co_return Status();
  }
  if (made.kind == functions::FunctionKind::kBuiltin) {
    functions::BuiltinAction action = make_action(config.builtin, made);
    functions_[config.name] =
        std::make_unique<functions::BuiltinFunction>(clock_, std::move(made), std::move(action));
    co_return Status();
  }
  if (made.kind == functions::FunctionKind::kProcess) {
    Result<FunctionPtr> process = make_process(std::move(made));
    if (!process) co_return process.error();
    functions_[config.name] = std::move(*process);
    co_return Status();
  }
  Result<Deployments::FunctionPtr> native =
      co_await deployments_->start(std::move(made), config.artifact);
  if (!native) co_return native.error();
  functions_[config.name] = std::move(*native);
  co_return Status();
}

Result<Application::FunctionPtr> Application::make_process(functions::FunctionConfig config) {
  if (!runtime_api_) {
    auto server = std::make_unique<RuntimeApiServer>(loop_, clock_);
    const Result<std::string> address = server->start();
    if (!address) return address.error();
    runtime_api_ = std::move(server);
    process_host_.runtime_api = *address;
  }
  auto command = functions::find_command(process_host_, config);
  if (!command) return command.error();
  auto process = std::make_unique<functions::ProcessFunction>(
      loop_, clock_, *spawner_, runtime_api_->seats(), process_host_, std::move(config),
      std::move(*command));
  process->start();
  return FunctionPtr(std::move(process));
}

Application::FunctionPtr Application::make_native(functions::FunctionConfig config) {
  auto native = std::make_unique<functions::NativeFunction>(loop_, clock_, *spawner_,
                                                            worker_program(), std::move(config));
  native->start();
  return native;
}

// A shared library is copied and tried first, as one that is deployed.
Application::Awaitable<Result<Application::FunctionPtr>> Application::make_uploaded(
    functions::FunctionConfig config) {
  if (config.kind == functions::FunctionKind::kProcess) co_return make_process(std::move(config));
  const Result<functions::Artifact> artifact =
      co_await artifacts_->install(config.name, config.artifact);
  if (!artifact) co_return artifact.error();
  config.artifact = artifact->path;
  co_return make_native(std::move(config));
}

// Without it everything works but deploys.
void Application::open_control_socket() {
  const auto& all = options_.config.functions;
  const bool any_native = std::any_of(all.begin(), all.end(), [](const FunctionConfig& config) {
    return config.kind == FunctionKind::kNative;
  });
  if (!any_native) return;
  control_ = std::make_unique<ControlSocket>(loop_, clock_, [this](std::string line) {
    return answer_deploy_command(*deployments_, std::move(line));
  });
  const Status listening = control_->open(options_.config.store.path + "/" + kControlSocketName);
  if (!listening) log_warning("nothing can be deployed reason={}", listening.error().message);
}

functions::BuiltinAction Application::make_action(const BuiltinConfig& builtin,
                                                  const functions::FunctionConfig& config) {
  const ServerConfig& server = options_.config.server;
  switch (builtin.kind) {
    case BuiltinKind::kEcho: return functions::make_echo();
    case BuiltinKind::kFail: return functions::make_fail();
    case BuiltinKind::kSleep: return functions::make_sleep(clock_, builtin.duration, config);
    case BuiltinKind::kForward:
      return make_forward(store_->broker(),
                          queue::QueueAddress{server.region, server.account, builtin.queue});
  }
  return functions::make_fail();
}

void Application::start_mappings() {
  const ServerConfig& server = options_.config.server;
  for (const MappingConfig& config : options_.config.mappings) {
    lambda::MappingRecord record;
    record.queue = queue::QueueAddress{server.region, server.account, config.queue};
    record.function.scope = lambda::Scope{server.region, server.account};
    record.function.name = config.function;
    record.batch_size = config.batch_size;
    record.window = config.batching_window;
    record.reports_failures = config.report_batch_item_failures;
    record.maximum_concurrency = config.maximum_concurrency;
    record.filters = config.filters;
    record.scaling = config.scaling;
    mappings_->add_configured(std::move(record));
  }
}

Result<std::uint16_t> Application::bind_http() {
  const ServerConfig& server = options_.config.server;
  admin_ = std::make_unique<AdminApi>(
      AdminSources{clock_, store_->broker(), metrics_, *this, last_errors_, logs_, history_.get()},
      AdminScope{server.region, server.account});
  admin_on_loop_ = std::make_unique<StateLoopHandler>(loop_, *admin_);
  function_api_ = std::make_unique<FunctionApi>(
      FunctionApi::Services{functions_, *deployments_, logs_, *background_, random_});
  function_api_on_loop_ = std::make_unique<StateLoopHandler>(loop_, *function_api_);
  const queue::sqs::SqsConfig api{server.public_url, server.account, server.region};
  unpacking_ = make_thread_offload(loop_, "unpacking", 1);
  lambda_ = std::make_unique<lambda::Service>(
      lambda::Service::Surroundings{loop_, clock_, store_->broker(), functions_, *deployments_,
                                    *mappings_, logs_, *background_, random_},
      lambda::Service::Making{
          [this](functions::FunctionConfig config) { return make_uploaded(std::move(config)); },
          std::filesystem::absolute(options_.config.store.path) / "lambda", *unpacking_,
          takes_function_uploads(server)},
      api);
  lambda_on_loop_ = std::make_unique<StateLoopHandler>(loop_, lambda_->handler());
  sqs_ = std::make_unique<queue::sqs::SqsHandler>(*broker_, *background_, api, random_.next());
  router_ = std::make_unique<Router>(*sqs_);
  for (const std::string& root : lambda::api_roots()) router_->add(root, *lambda_on_loop_);
  router_->add("/_headrace/functions", *function_api_on_loop_);
  router_->add("/_headrace", *admin_on_loop_);
  router_->add("/_localstack", *admin_on_loop_);
  if (authenticator_) {
    auth_handler_ =
        std::make_unique<AuthHandler>(AuthHandler::Parts{*background_, *authenticator_, *router_},
                                      server.account, random_.next());
  }
  HttpHandler& front = auth_handler_ ? static_cast<HttpHandler&>(*auth_handler_) : *router_;

  HttpServerConfig http;
  http.host = server.host;
  http.port = server.port;
  http.threads = static_cast<int>(http_threads(server, usable_cores()));
  http.guard.public_host = public_host(server.public_url);
  http.guard.hosts = server.hosts;
  http.guard.origins = server.cors_origins;
  http.request_id_seed = random_.next();
  server_ = std::make_unique<HttpServer>(loop_, clock_, std::move(http), front);
  return server_->bind();
}

// From here on a signal asks for an orderly end; before, it ended the process at once.
void Application::announce(std::uint16_t port) {
  signals_.add(SIGINT);
  signals_.add(SIGTERM);
  const ServerConfig& server = options_.config.server;
  if (!listens_on_loopback(server) && server.auth != AuthMode::kRequired) {
    log_warning("listening beyond this machine without authentication host={}", server.host);
  }
  const std::string url = "http://" + authority(server, port);
  std::printf("%s\nReady.\n", url.c_str());
  std::fflush(stdout);
  if (options_.on_ready) options_.on_ready(url);
}

Application::Awaitable<void> Application::wait_for_signal() {
  const int signal = co_await signals_.async_wait(asio::use_awaitable);
  static_cast<void>(signal);
  signals_.clear();
  // A second signal does not wait for anything.
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

// Nothing more is leased, then nothing more is accepted, then everything is made durable. Who waits
// for a worker's init, a mapping or a deploy, is not waited for.
Application::Awaitable<void> Application::stop() {
  mappings_->begin_stop();
  if (lambda_) lambda_->begin_stop();
  for (const auto& [name, function] : functions_) function->begin_stop();
  deployments_->begin_stop();
  co_await mappings_->stop();
  if (lambda_) {
    co_await lambda_->stop();
  }
  store_->broker().stop();
  if (server_) {
    co_await server_->stop();
  }
  if (control_) {
    co_await control_->stop();
  }
  co_await deployments_->stop();
  for (const auto& [name, function] : functions_) {
    co_await function->stop();
  }
  if (runtime_api_) {
    co_await runtime_api_->stop();
  }
  co_await store_->close();
  if (history_) {
    co_await history_->close();
  }
}

std::vector<MappingStatus> Application::mapping_status() const { return mappings_->status(); }

bool Application::has_function(const std::string& name) const { return functions_.contains(name); }

}  // namespace headrace::runtime

#include "runtime/deployments.hpp"

#include <utility>

#include "base/log.hpp"

namespace headrace::runtime {

namespace {

using functions::Artifact;

Error server_is_stopping() { return Error{ErrorCode::kUnavailable, "the server is stopping"}; }

std::string document_key(const std::string& function) { return "function/" + function; }

// A slot means that a worker has loaded the file and finished its init. The second try may take as
// long as an invocation (functions/worker_pool.hpp).
boost::asio::awaitable<Status> try_out(functions::Function& function) {
  Result<functions::Slot> slot = co_await function.acquire_slot();
  if (!slot && slot.error().code == ErrorCode::kTimeout) {
    slot = co_await function.acquire_slot();
  }
  Status status;
  if (!slot) status = slot.error();
  co_return status;
}

}  // namespace

// While it lives no other change of that function begins.
class Deployments::Change {
 public:
  Change(Deployments& owner, Deployed& deployed) : owner_(owner), deployed_(deployed) {
    ++owner.changes_;
    deployed.changing = true;
  }
  Change(const Change&) = delete;
  Change& operator=(const Change&) = delete;
  ~Change() {
    deployed_.changing = false;
    --owner_.changes_;
    owner_.changed_.notify_all();
  }

 private:
  Deployments& owner_;
  Deployed& deployed_;
};

Deployments::Awaitable<Result<Deployments::FunctionPtr>> Deployments::start(
    functions::FunctionConfig config, std::string source) {
  Result<Artifact> installed = co_await services_.artifacts.install(config.name, source);
  if (!installed) co_return installed.error();
  Deployed deployed;
  deployed.config = std::move(config);
  const std::string name = deployed.config.name;
  const Artifact serving = co_await choose_first(name, std::move(*installed), deployed.history);
  auto function = std::make_unique<functions::VersionedFunction>(services_.loop.get_executor(),
                                                                 make(deployed.config, serving));
  deployed.function = function.get();
  deployed_[name] = std::move(deployed);
  co_return FunctionPtr(std::move(function));
}

// What was deployed last, as long as the configuration's file is the one it was then.
Deployments::Awaitable<Artifact> Deployments::choose_first(const std::string& function,
                                                           Artifact configured,
                                                           VersionHistory& history) {
  const auto text = co_await services_.broker.get_document(document_key(function));
  if (text) history = VersionHistory::from_json(*text).value_or(VersionHistory());
  const FunctionVersion* active = history.active();
  const bool unchanged = active != nullptr && history.configured() == configured.sha256;
  if (unchanged && active->sha256 == configured.sha256) co_return configured;
  if (unchanged) {
    Result<Artifact> deployed =
        co_await services_.artifacts.open(function, active->sha256, active->file);
    if (deployed) co_return std::move(*deployed);
    log_error(
        "the deployed version cannot be read, the configured one serves function={} reason={}",
        function, deployed.error().message);
  }
  history.add(describe(configured));
  history.activate(configured.sha256);
  history.set_configured(configured.sha256);
  co_return configured;
}

Deployments::Awaitable<Status> Deployments::record_all() {
  for (const auto& [name, deployed] : deployed_) {
    const Status recorded = co_await record(name, deployed.history);
    if (!recorded) co_return recorded;
  }
  co_return Status();
}

Deployments::Awaitable<Status> Deployments::record(const std::string& function,
                                                   const VersionHistory& history) {
  queue::Document document{document_key(function), history.to_json()};
  const auto present = co_await services_.broker.get_document(document.key);
  if (present == document.bytes) co_return Status();
  const queue::Status kept = co_await services_.broker.put_document(std::move(document));
  Status status;
  if (!kept) status = Error{ErrorCode::kUnavailable, kept.error().message};
  co_return status;
}

Deployments::Awaitable<Result<FunctionVersion>> Deployments::deploy(std::string function,
                                                                    std::string source) {
  const Result<Deployed*> deployed = find_to_change(function);
  if (!deployed) co_return deployed.error();
  const Change change(*this, **deployed);
  Result<Artifact> installed = co_await services_.artifacts.install(function, source);
  if (!installed) co_return installed.error();
  VersionHistory next = (*deployed)->history;
  next.add(describe(*installed));
  next.activate(installed->sha256);
  Result<FunctionVersion> version =
      co_await switch_to(**deployed, std::move(*installed), std::move(next));
  co_return version;
}

Deployments::Awaitable<Result<FunctionVersion>> Deployments::roll_back(std::string function,
                                                                       std::string version) {
  const Result<Deployed*> deployed = find_to_change(function);
  if (!deployed) co_return deployed.error();
  const Change change(*this, **deployed);
  const VersionHistory& history = (*deployed)->history;
  Result<FunctionVersion> chosen = Error{ErrorCode::kNotFound, "no version served before"};
  if (!version.empty()) {
    chosen = history.choose(version);
  } else if (history.previous() != nullptr) {
    chosen = *history.previous();
  }
  if (!chosen) co_return chosen;
  Result<Artifact> installed =
      co_await services_.artifacts.open(function, chosen->sha256, chosen->file);
  if (!installed) co_return installed.error();
  VersionHistory next = history;
  next.activate(installed->sha256);
  Result<FunctionVersion> switched =
      co_await switch_to(**deployed, std::move(*installed), std::move(next));
  co_return switched;
}

Deployments::Awaitable<Result<FunctionVersion>> Deployments::switch_to(Deployed& deployed,
                                                                       Artifact artifact,
                                                                       VersionHistory next) {
  const FunctionVersion version = *next.active();
  const FunctionVersion* serving = deployed.history.active();
  if (serving != nullptr && serving->sha256 == version.sha256) co_return version;

  if (stopping_) co_return server_is_stopping();
  FunctionPtr function = make(deployed.config, artifact);
  deployed.on_trial = function.get();
  Status ready = co_await try_out(*function);
  deployed.on_trial = nullptr;
  const std::vector<FunctionVersion> forgotten = next.forget_oldest();
  if (ready) {
    ready = co_await record(deployed.config.name, next);
  }
  if (!ready) {
    co_await function->stop();
    co_return ready.error();
  }
  deployed.function->replace(std::move(function));
  deployed.history = std::move(next);
  log_info("version took over function={} version={} file={}", deployed.config.name, version.name(),
           version.file);
  for (const FunctionVersion& old : forgotten) {
    co_await services_.artifacts.remove(deployed.config.name, old.sha256, old.file);
  }
  co_return version;
}

void Deployments::begin_stop() {
  if (std::exchange(stopping_, true)) return;
  for (auto& [name, deployed] : deployed_) {
    if (deployed.on_trial != nullptr) deployed.on_trial->begin_stop();
  }
}

Deployments::Awaitable<void> Deployments::stop() {
  begin_stop();
  while (changes_ > 0) co_await changed_.wait();
}

Deployments::FunctionPtr Deployments::make(const functions::FunctionConfig& config,
                                           const Artifact& artifact) {
  functions::FunctionConfig made = config;
  made.artifact = artifact.path;
  made.version = artifact.sha256.substr(0, FunctionVersion::kNameLength);
  return make_(std::move(made));
}

FunctionVersion Deployments::describe(const Artifact& artifact) const {
  FunctionVersion version;
  version.sha256 = artifact.sha256;
  version.file = artifact.file;
  version.deployed = services_.clock.now();
  if (artifact.note) {
    version.abi =
        std::to_string(artifact.note->abi_major) + "." + std::to_string(artifact.note->abi_minor);
    version.sdk = artifact.note->sdk;
  }
  return version;
}

Result<Deployments::Deployed*> Deployments::find_to_change(const std::string& function) {
  const auto found = deployed_.find(function);
  if (found == deployed_.end()) {
    return Error{ErrorCode::kNotFound, "there is no native function of this name"};
  }
  if (stopping_) return server_is_stopping();
  if (found->second.changing) {
    return Error{ErrorCode::kUnavailable, "another change of this function is not finished"};
  }
  return &found->second;
}

const VersionHistory* Deployments::history(std::string_view function) const {
  const auto found = deployed_.find(function);
  return found == deployed_.end() ? nullptr : &found->second.history;
}

}  // namespace headrace::runtime

// Deployments: which version of each native function serves, and how that changes while it works.
//
// A deploy copies the file, has a worker try it, starts it, records it, and only then lets it take
// over (functions/versioned_function.hpp): whatever fails before that leaves everything as it was.
// Versions are control state in the journal: a restart serves what was deployed last, unless the
// file that the configuration names has changed since; then that is the newest.
//
// Owned by the application. Loop thread only; one change of a function at a time.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"
#include "base/wait_list.hpp"
#include "functions/artifact.hpp"
#include "functions/versioned_function.hpp"
#include "queue/broker.hpp"
#include "runtime/version_control.hpp"

namespace headrace::runtime {

class Deployments final : public VersionControl {
 public:
  template <class T>
  using Awaitable = boost::asio::awaitable<T>;
  using FunctionPtr = std::unique_ptr<functions::Function>;
  // Makes the function that runs `artifact` of a configuration, and starts its workers.
  using Make = std::function<FunctionPtr(functions::FunctionConfig config)>;

  // All of it outlives the Deployments; so do the functions that start() gives out.
  struct Services {
    boost::asio::io_context& loop;
    Clock& clock;
    queue::Broker& broker;
    functions::ArtifactStore& artifacts;
  };

  Deployments(const Services& services, Make make) : services_(services), make_(std::move(make)) {}

  // A function whose configuration names the file `source`: the version of it that is to serve.
  // Nothing is recorded yet.
  Awaitable<Result<FunctionPtr>> start(functions::FunctionConfig config, std::string source);

  // Records what start() decided, for all functions.
  Awaitable<Status> record_all();

  // The version that serves when this returns. An error changed nothing.
  Awaitable<Result<FunctionVersion>> deploy(std::string function, std::string source);

  Awaitable<Result<FunctionVersion>> roll_back(std::string function, std::string version) override;
  const VersionHistory* history(std::string_view function) const override;

  // Begins no more changes, and ends the trial of a version that is on its way. For a server that is
  // told to stop: stop() does this too.
  void begin_stop();

  // Begins no more changes, and suspends until none is on its way: the probe of a file bounds it.
  Awaitable<void> stop();

 private:
  struct Deployed {
    functions::FunctionConfig config;
    functions::VersionedFunction* function = nullptr;
    VersionHistory history;
    bool changing = false;
    functions::Function* on_trial = nullptr;  // the version that is to take over, in its init
  };
  class Change;

  Awaitable<functions::Artifact> choose_first(const std::string& function,
                                              functions::Artifact configured,
                                              VersionHistory& history);
  // To the version that is the active one in `next`.
  Awaitable<Result<FunctionVersion>> switch_to(Deployed& deployed, functions::Artifact artifact,
                                               VersionHistory next);
  FunctionPtr make(const functions::FunctionConfig& config, const functions::Artifact& artifact);
  Awaitable<Status> record(const std::string& function, const VersionHistory& history);
  FunctionVersion describe(const functions::Artifact& artifact) const;
  Result<Deployed*> find_to_change(const std::string& function);

  Services services_;
  Make make_;
  std::map<std::string, Deployed, std::less<>> deployed_;
  std::size_t changes_ = 0;
  bool stopping_ = false;
  WaitList changed_;
};

}  // namespace headrace::runtime

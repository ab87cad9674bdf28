#include "tests/sim/run.hpp"

namespace headrace::sim {

namespace {

History history_of(const Swarm& swarm) {
  History history;
  history.queues = swarm.queues;
  return history;
}

}  // namespace

Run::Run(std::uint64_t seed, Trace::Keep keep)
    : random(seed),
      swarm(random),
      history(history_of(swarm)),
      trace(keep),
      promises(history, [this](const std::string& promise, const std::string& what) {
        broken(promise, what);
      }) {}

void Run::broken(const std::string& promise, const std::string& what) {
  if (!violation) violation = promise + ": " + what;
}

}  // namespace headrace::sim

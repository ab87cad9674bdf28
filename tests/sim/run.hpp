// Run: what all parts of one simulated run share.
#pragma once

#include <optional>
#include <string>

#include "tests/sim/promises.hpp"
#include "tests/sim/swarm.hpp"
#include "tests/sim/trace.hpp"

namespace headrace::sim {

struct Run {
  Run(std::uint64_t seed, Trace::Keep keep);

  // Only the first one counts: what follows may be its consequence.
  void broken(const std::string& promise, const std::string& what);

  Random random;
  Swarm swarm;
  History history;
  Trace trace;
  bool answered = false;  // a client has just got an answer
  std::optional<std::string> violation;
  Promises promises;
};

}  // namespace headrace::sim

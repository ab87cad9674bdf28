// The known bugs HR_MUTANT can switch on, and what finds each. A suite that does not find them
// would not find their like.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace headrace::sim {

enum class Finder { kSimulation, kCrashStates, kBitFlips };

struct Mutant {
  int number;
  const char* bug;
  Finder finder;
  const char* promises;  // the simulation says one of these first
};

const std::vector<Mutant>& mutants();

// How the finder found it: the promise and how many seeds it took. Empty when it did not.
std::optional<std::string> hunt(const Mutant& mutant);

}  // namespace headrace::sim

// The mutant that HEADRACE_MUTANT names; none without it.
#include <cstdlib>

#include "base/mutant.hpp"

namespace headrace {

namespace {

int mutant_of_environment() {
  const char* number = std::getenv("HEADRACE_MUTANT");
  return number == nullptr ? 0 : std::atoi(number);
}

}  // namespace

int selected_mutant = mutant_of_environment();

}  // namespace headrace

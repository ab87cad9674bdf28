// HR_MUTANT(n): a bug known by its number, which the tests switch on to prove that they would find
// it. Product builds compile it to false; only the library tests/sim links has the selector. What
// each number breaks and what finds it: tests/sim/mutants.cpp.
#pragma once

#ifdef HEADRACE_MUTANTS

namespace headrace {
// The number switched on; 0 when the code is as it should be. Defined by tests/sim.
extern int selected_mutant;
}  // namespace headrace

#define HR_MUTANT(number) (::headrace::selected_mutant == (number))

#else

#define HR_MUTANT(number) false

#endif

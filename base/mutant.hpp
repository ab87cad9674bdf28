// HR_MUTANT(n): a bug known by its number, which the tests switch on to prove that they would find
// it. Product builds compile it to false; only what tests/sim and tests/runtime build for the hunt
// has the selector. What each number breaks and what finds it: tests/sim/mutants.cpp.
#pragma once

#ifdef HEADRACE_MUTANTS

namespace headrace {
// The number switched on; 0 when the code is as it should be. Defined by the program that hunts.
extern int selected_mutant;
}  // namespace headrace

#define HR_MUTANT(number) (::headrace::selected_mutant == (number))

#else

#define HR_MUTANT(number) false

#endif

// headrace_sim: runs the simulation and its kin, and says how to run again what failed.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>

#include "base/log.hpp"
#include "base/mutant.hpp"
#include "tests/sim/bit_flips.hpp"
#include "tests/sim/mutants.hpp"
#include "tests/sim/world.hpp"

namespace headrace::sim {
namespace {

constexpr std::size_t kTraceTail = 60;
constexpr std::uint64_t kSeedsPerRepeat =
    50;  // one seed in so many runs twice and must be the same

constexpr const char* kUsage = R"(usage: headrace_sim COMMAND

  seeds FIRST COUNT     simulate so many seeds
  seed SEED [MUTANT]    simulate one and print its trace
  regressions FILE      simulate the seeds a file lists
  mutants               prove that each known bug is found
  crash-states FIRST COUNT
                        recover from that many states a crash could leave, from this seed on
  bit-flips COUNT       flip that many bits, one at a time
)";

// Prints numbers as they are read: work done, and how fast.
class Stopwatch {
 public:
  void report(std::uint64_t count, const char* what) const {
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin_;
    std::printf("%llu %s, %.0f/s\n", static_cast<unsigned long long>(count), what,
                static_cast<double>(count) / took.count());
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

int fail(std::uint64_t seed, const std::string& violation) {
  const Outcome again = simulate(seed, Trace::Keep::kText);
  const std::size_t skipped = again.trace.size() - std::min(again.trace.size(), kTraceTail);
  for (std::size_t i = skipped; i < again.trace.size(); ++i) std::puts(again.trace[i].c_str());
  std::printf("broken: %s\nagain: headrace_sim seed %llu\n", violation.c_str(),
              static_cast<unsigned long long>(seed));
  return 1;
}

// How much the seeds did: a suite that simulates nothing finds nothing.
struct Totals {
  std::uint64_t events = 0;
  std::uint64_t lives = 0;
  std::uint64_t letters = 0;
};

int run_seed(std::uint64_t seed, Totals& totals) {
  const Outcome outcome = simulate(seed, Trace::Keep::kHash);
  totals.events += outcome.events;
  totals.lives += outcome.lives;
  totals.letters += outcome.letters;
  if (outcome.violation) return fail(seed, *outcome.violation);
  if (seed % kSeedsPerRepeat == 0 && simulate(seed, Trace::Keep::kHash).hash != outcome.hash) {
    return fail(seed, "a second run of this seed went another way");
  }
  return 0;
}

int run_seeds(std::uint64_t first, std::uint64_t count) {
  const Stopwatch watch;
  Totals totals;
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    if (const int failed = run_seed(seed, totals); failed != 0) return failed;
  }
  watch.report(count, "seeds");
  std::printf("%llu events, %llu lives of a server, %llu letters\n",
              static_cast<unsigned long long>(totals.events),
              static_cast<unsigned long long>(totals.lives),
              static_cast<unsigned long long>(totals.letters));
  return 0;
}

int show_seed(std::uint64_t seed, int mutant) {
  selected_mutant = mutant;
  const Outcome outcome = simulate(seed, Trace::Keep::kText);
  for (const std::string& line : outcome.trace) std::puts(line.c_str());
  std::printf("%s\n", outcome.violation ? outcome.violation->c_str() : "all promises held");
  return outcome.violation ? 1 : 0;
}

// One seed a line; a # begins a remark.
int run_regressions(const char* path) {
  std::ifstream file(path);
  if (!file) {
    std::printf("cannot read %s\n", path);
    return 2;
  }
  std::uint64_t seed = 0;
  Totals totals;
  for (std::string word; file >> word; std::getline(file, word)) {
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), seed);
    if (error != std::errc{}) continue;
    if (const int failed = run_seed(seed, totals); failed != 0) return failed;
  }
  return 0;
}

int run_mutants() {
  int missed = 0;
  for (const Mutant& mutant : mutants()) {
    const auto found = hunt(mutant);
    std::printf("M%-2d %s: %s\n", mutant.number, mutant.bug, found ? found->c_str() : "NOT FOUND");
    if (!found) ++missed;
  }
  return missed == 0 ? 0 : 1;
}

int run_crash_states(std::uint64_t first, std::uint64_t count) {
  const Stopwatch watch;
  std::uint64_t checked = 0;
  for (std::uint64_t seed = first; checked < count; ++seed) {
    const Outcome outcome = explore_crashes(seed, checked);
    if (!outcome.violation) continue;
    std::printf("broken: %s\nagain: headrace_sim crash-states %llu 1\n", outcome.violation->c_str(),
                static_cast<unsigned long long>(seed));
    return 1;
  }
  watch.report(checked, "crash states");
  return 0;
}

int run_bit_flips(std::uint64_t count) {
  FlipCounts counts;
  const auto wrong = flip_bits(count, counts);
  if (wrong) {
    std::printf("broken: %s\n", wrong->c_str());
    return 1;
  }
  std::printf("%llu refused, %llu harmless, %llu torn tails, %llu withheld from a receive\n",
              static_cast<unsigned long long>(counts.refused),
              static_cast<unsigned long long>(counts.harmless),
              static_cast<unsigned long long>(counts.torn),
              static_cast<unsigned long long>(counts.withheld));
  return 0;
}

std::uint64_t number(const char* text) {
  std::uint64_t value = 0;
  std::from_chars(text, text + std::strlen(text), value);
  return value;
}

int run(int count, char** words) {
  const std::string_view command = count > 1 ? words[1] : "";
  if (command == "seeds" && count == 4) return run_seeds(number(words[2]), number(words[3]));
  if (command == "seed" && count >= 3) {
    return show_seed(number(words[2]), count == 4 ? static_cast<int>(number(words[3])) : 0);
  }
  if (command == "regressions" && count == 3) return run_regressions(words[2]);
  if (command == "mutants" && count == 2) return run_mutants();
  if (command == "crash-states" && count == 4) {
    return run_crash_states(number(words[2]), number(words[3]));
  }
  if (command == "bit-flips" && count == 3) return run_bit_flips(number(words[2]));
  std::fputs(kUsage, stderr);
  return 2;
}

}  // namespace
}  // namespace headrace::sim

int main(int count, char** words) {
  headrace::set_log_level(headrace::LogLevel::kOff);
  return headrace::sim::run(count, words);
}

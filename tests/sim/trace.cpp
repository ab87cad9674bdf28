#include "tests/sim/trace.hpp"

#include <cstdio>

#include "tests/support/manual_clock.hpp"

namespace headrace::sim {

namespace {

constexpr std::size_t kLinesMax = 4000;

}  // namespace

std::string Trace::stamp(TimePoint now) {
  char text[32];
  const double seconds = static_cast<double>((now - kTestStart).count()) / 1000;
  std::snprintf(text, sizeof text, "%12.3f  ", seconds);
  return text;
}

void Trace::keep(std::string line) {
  lines_.push_back(std::move(line));
  if (lines_.size() > kLinesMax) lines_.pop_front();
}

}  // namespace headrace::sim

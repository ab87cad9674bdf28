// Bit flips: one bit of a data directory at rest turns over. Opening it must find the damage, or
// nothing may be missing: messages, their leases, what a FIFO queue remembers of sends. What decays
// while a server runs is never handed out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace headrace::sim {

struct FlipCounts {
  std::uint64_t refused = 0;   // the start named the damage
  std::uint64_t harmless = 0;  // the same messages as before
  std::uint64_t torn = 0;      // the last commit, reported as a torn tail
  std::uint64_t withheld = 0;  // decayed under a running server and not handed out
};

// What went wrong, if anything did.
std::optional<std::string> flip_bits(std::uint64_t flips, FlipCounts& counts);

}  // namespace headrace::sim

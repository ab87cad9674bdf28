// Randomness, injected: a seeded generator, so that a simulated run repeats.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headrace {

using Uuid = std::array<std::uint8_t, 16>;

// xoshiro256** behind four words of seed. Fast, not for secrets (secrets come from os_random).
class Random {
 public:
  explicit Random(std::uint64_t seed);

  std::uint64_t next();
  std::uint64_t below(std::uint64_t bound);  // 0 .. bound-1; bound > 0
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  Uuid uuid();  // version 4

 private:
  std::array<std::uint64_t, 4> state_;
};

// Bytes from the operating system, for seeds, keys and tokens. Stops the process when there are
// none.
void os_random(void* bytes, std::size_t size);
std::uint64_t os_random_seed();

// "3f0c4f0e-1c1c-4d0a-8d54-2f3d7a0d1e11"
std::string to_string(const Uuid& id);
// That form, in letters of either case; nothing when the text has another one.
std::optional<Uuid> parse_uuid(std::string_view text);

}  // namespace headrace

#include "base/random.hpp"

#include <bit>
#include <cstring>

#include <sys/random.h>

#include "base/check.hpp"

namespace headrace {

namespace {

std::uint64_t split_mix(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15U;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

}  // namespace

Random::Random(std::uint64_t seed) {
  for (auto& word : state_) word = split_mix(seed);
}

std::uint64_t Random::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t Random::below(std::uint64_t bound) {
  HR_CHECK(bound > 0);
  // Values past the last whole multiple of `bound` are drawn again, so that none is favoured.
  const std::uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
  for (;;) {
    const std::uint64_t drawn = next();
    if (drawn < limit) return drawn % bound;
  }
}

Uuid Random::uuid() {
  Uuid id;
  const std::uint64_t high = next();
  const std::uint64_t low = next();
  std::memcpy(id.data(), &high, 8);
  std::memcpy(id.data() + 8, &low, 8);
  id[6] = static_cast<std::uint8_t>((id[6] & 0x0f) | 0x40);
  id[8] = static_cast<std::uint8_t>((id[8] & 0x3f) | 0x80);
  return id;
}

void os_random(void* bytes, std::size_t size) {
  auto* out = static_cast<std::uint8_t*>(bytes);
  while (size > 0) {
    const ssize_t got = getrandom(out, size, 0);
    HR_CHECK(got > 0);
    out += got;
    size -= static_cast<std::size_t>(got);
  }
}

std::uint64_t os_random_seed() {
  std::uint64_t seed = 0;
  os_random(&seed, sizeof seed);
  return seed;
}

std::string to_string(const Uuid& id) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < id.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kHex[id[i] >> 4];
    text += kHex[id[i] & 15];
  }
  return text;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789abcdef";
  Uuid id{};
  std::size_t digits = 0;
  std::string lower;
  for (const char c : text) {
    lower += c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
    const std::size_t digit = kHex.find(lower.back());
    if (digit == kHex.npos || digits == 2 * id.size()) continue;
    id[digits / 2] = static_cast<std::uint8_t>(id[digits / 2] << 4 | digit);
    ++digits;
  }
  if (to_string(id) != lower) return std::nullopt;
  return id;
}

}  // namespace headrace

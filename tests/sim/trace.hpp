// Trace: what happened in a run, line by line. Always a hash, so that two runs can be compared; the
// text only when somebody will read it.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace headrace::sim {

class Trace {
 public:
  enum class Keep { kHash, kText };
  explicit Trace(Keep keep) : keep_(keep) {}

  // Parts are numbers and texts that are equal in every run of a seed.
  template <class... Parts>
  void note(TimePoint now, std::string_view what, const Parts&... parts) {
    mix(static_cast<std::uint64_t>(to_epoch_ms(now)));
    mix(what);
    (mix(parts), ...);
    ++events_;
    if (keep_ == Keep::kHash) return;
    std::string line = stamp(now) + std::string(what);
    (append(line, parts), ...);
    keep(std::move(line));
  }

  std::uint64_t hash() const { return hash_; }
  std::uint64_t events() const { return events_; }
  const std::deque<std::string>& lines() const { return lines_; }

 private:
  void mix(std::uint64_t value) {
    hash_ = (hash_ ^ value) * 0x9e3779b97f4a7c15U;
    hash_ ^= hash_ >> 29;
  }
  void mix(std::string_view text) {
    for (const char c : text) mix(static_cast<std::uint64_t>(static_cast<unsigned char>(c)));
  }
  static void append(std::string& line, std::uint64_t value) {
    line += " " + std::to_string(value);
  }
  static void append(std::string& line, std::string_view text) {
    line += " ";
    line += text;
  }
  static std::string stamp(TimePoint now);
  void keep(std::string line);

  Keep keep_;
  std::uint64_t hash_ = 0;
  std::uint64_t events_ = 0;
  std::deque<std::string> lines_;
};

}  // namespace headrace::sim

// Little-endian fields appended to and taken from bytes: the journal's alphabet.
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace headrace::queue {

class ByteWriter {
 public:
  explicit ByteWriter(std::string& out) : out_(out) {}

  template <std::integral T>
  void put(T value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out_.append(bytes, sizeof value);
  }
  template <std::size_t N>
  void put(const std::array<std::uint8_t, N>& bytes) {
    out_.append(reinterpret_cast<const char*>(bytes.data()), N);
  }
  // Seven bits a byte, the lowest first; the top bit says that more follow.
  void put_varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) out_.push_back(static_cast<char>(value | 0x80));
    out_.push_back(static_cast<char>(value));
  }
  // The sign in the lowest bit: 0, -1, 1, -2, ... become 0, 1, 2, 3, ...
  void put_signed_varint(std::int64_t value) {
    const auto bits = static_cast<std::uint64_t>(value);
    put_varint(value < 0 ? ~(bits << 1) : bits << 1);
  }
  // A 4-byte length, then the text.
  void put_text(std::string_view text) {
    put(static_cast<std::uint32_t>(text.size()));
    out_.append(text);
  }

 private:
  std::string& out_;
};

// Reading past the end gives zeros and sets failed(): check once, at the end.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  template <std::integral T>
  T take() {
    T value{};
    if (const auto raw = take_bytes(sizeof value); raw.size() == sizeof value) {
      std::memcpy(&value, raw.data(), sizeof value);
    }
    return value;
  }
  template <std::size_t N>
  std::array<std::uint8_t, N> take_array() {
    std::array<std::uint8_t, N> value{};
    if (const auto raw = take_bytes(N); raw.size() == N) std::memcpy(value.data(), raw.data(), N);
    return value;
  }
  std::uint64_t take_varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const auto byte = take<std::uint8_t>();
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    failed_ = true;
    return 0;
  }
  std::int64_t take_signed_varint() {
    const std::uint64_t value = take_varint();
    return static_cast<std::int64_t>((value & 1) != 0 ? ~(value >> 1) : value >> 1);
  }
  std::string_view take_text() { return take_bytes(take<std::uint32_t>()); }
  std::string_view take_bytes(std::size_t size) {
    if (size > bytes_.size()) {
      failed_ = true;
      bytes_ = {};
      return {};
    }
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }
  // How many elements of at least `size` bytes each can still follow; guards reserve().
  std::size_t room_for(std::size_t size) const { return bytes_.size() / size; }

  bool failed() const { return failed_; }
  bool at_end() const { return bytes_.empty(); }
  std::size_t left() const { return bytes_.size(); }

 private:
  std::string_view bytes_;
  bool failed_ = false;
};

// The journal's words made of these letters (docs/journal-format.md, "Conventions").
using TextMap = std::map<std::string, std::string, std::less<>>;

inline void put_time(ByteWriter& out, TimePoint time) { out.put(to_epoch_ms(time)); }
inline TimePoint take_time(ByteReader& in) { return from_epoch_ms(in.take<std::int64_t>()); }

void put_map(ByteWriter& out, const TextMap& map);
TextMap take_map(ByteReader& in);

}  // namespace headrace::queue

// Text forms of bytes, and digests. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headrace {

using Md5 = std::array<std::uint8_t, 16>;
using Sha256 = std::array<std::uint8_t, 32>;

std::string hex(std::string_view bytes);  // lower case
template <std::size_t N>
std::string hex(const std::array<std::uint8_t, N>& bytes) {
  return hex(std::string_view(reinterpret_cast<const char*>(bytes.data()), N));
}

// Standard alphabet with padding; decoding refuses anything else, also missing padding.
std::string base64_encode(std::string_view bytes);
void base64_append(std::string& out, std::string_view bytes);
std::optional<std::string> base64_decode(std::string_view text);

// URL alphabet without padding, for tokens and handles.
std::string base64url_encode(std::string_view bytes);
std::optional<std::string> base64url_decode(std::string_view text);

// %XX and, with plus_is_space, '+'. Nothing on a broken escape.
enum class Plus { kLiteral, kIsSpace };
std::optional<std::string> percent_decode(std::string_view text, Plus plus);

Md5 md5(std::string_view bytes);
Sha256 sha256(std::string_view bytes);
Sha256 hmac_sha256(std::string_view key, std::string_view bytes);

// CRC-32C (Castagnoli); `crc` continues an earlier call. Uses the processor's instruction when it
// has one.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc = 0);

// SipHash-2-4 under a 16-byte key: a fast MAC for short input.
std::uint64_t siphash(const std::array<std::uint8_t, 16>& key, std::string_view bytes);

// Equal? The time it takes tells only whether the lengths are.
bool same_secret(std::string_view a, std::string_view b);

// True when the text is well-formed UTF-8 (no surrogates, no overlong forms).
bool valid_utf8(std::string_view text);

// Foreign text made fit to show: at most that many bytes, never cut inside a character; where it is
// not UTF-8, every byte above ASCII becomes '?'.
std::string bounded_utf8(std::string_view text, std::size_t bytes_max);

}  // namespace headrace

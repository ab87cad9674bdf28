// Bytes written down as hex digits; spaces are for the reader.
#pragma once

#include <string>
#include <string_view>

namespace headrace::queue {

inline std::string bytes_of(std::string_view hex_text) {
  std::string bytes;
  int high = -1;
  for (const char c : hex_text) {
    if (c == ' ') continue;
    const int digit = c <= '9' ? c - '0' : c - 'a' + 10;
    if (high >= 0) bytes.push_back(static_cast<char>(high * 16 + digit));
    high = high < 0 ? digit : -1;
  }
  return bytes;
}

}  // namespace headrace::queue

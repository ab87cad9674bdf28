// Reading of what a process has written so far, from a socket or pipe that does not block.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>

namespace headrace::functions {

inline constexpr std::size_t kReadBytes = 16U << 10U;

// Read at most at one time: what somebody floods must not hold the loop.
inline constexpr std::size_t kDrainBytesMax = 1U << 20U;

// Gives everything that is there now to `take`, piece by piece.
template <class Stream, class Take>
void drain(Stream& stream, Take take) {
  std::array<char, kReadBytes> bytes{};
  boost::system::error_code failure;
  for (std::size_t drained = 0; drained < kDrainBytesMax;) {
    const std::size_t size = stream.read_some(boost::asio::buffer(bytes), failure);
    if (failure) return;
    take(std::string_view(bytes.data(), size));
    drained += size;
  }
}

}  // namespace headrace::functions

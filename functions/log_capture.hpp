// LogCapture: what one invocation printed and logged, as lines, up to a limit. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace headrace::functions {

inline constexpr std::size_t kLogBytesMax = 256U << 10U;  // of one invocation; the rest is counted
inline constexpr std::size_t kLogLineBytesMax = 64U << 10U;  // longer lines are split

class LogCapture {
 public:
  // Bytes from stdout or stderr; lines end where they end.
  void append(std::string_view bytes);

  // A whole line, from the handler's log().
  void add_line(std::string line);

  // The lines so far, a last one without its end included, and a note about what did not fit.
  std::vector<std::string> take();

 private:
  std::vector<std::string> lines_;
  std::string partial_;
  std::size_t kept_bytes_ = 0;
  std::size_t dropped_bytes_ = 0;
};

}  // namespace headrace::functions

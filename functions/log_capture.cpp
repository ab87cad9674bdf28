#include "functions/log_capture.hpp"

#include <algorithm>
#include <utility>

namespace headrace::functions {

void LogCapture::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t line_end = std::min(bytes.find('\n'), bytes.size());
    const std::size_t room = kLogLineBytesMax - partial_.size();
    const std::size_t taken = std::min(line_end, room);
    partial_ += bytes.substr(0, taken);
    bytes.remove_prefix(taken);
    const bool ended = taken == line_end && !bytes.empty();
    if (ended) bytes.remove_prefix(1);
    if (ended || partial_.size() == kLogLineBytesMax) add_line(std::exchange(partial_, {}));
  }
}

void LogCapture::add_line(std::string line) {
  // An empty line costs memory, too.
  const std::size_t cost = line.size() + sizeof(std::string);
  if (kept_bytes_ + cost > kLogBytesMax) {
    dropped_bytes_ += line.size();
    return;
  }
  kept_bytes_ += cost;
  lines_.push_back(std::move(line));
}

std::vector<std::string> LogCapture::take() {
  if (!partial_.empty()) add_line(std::exchange(partial_, {}));
  if (dropped_bytes_ > 0) {
    lines_.push_back("[headrace] dropped " + std::to_string(dropped_bytes_) +
                     " bytes of output: an invocation may log " + std::to_string(kLogBytesMax));
  }
  kept_bytes_ = 0;
  dropped_bytes_ = 0;
  return std::exchange(lines_, {});
}

}  // namespace headrace::functions

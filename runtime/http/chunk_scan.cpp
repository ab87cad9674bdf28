#include "runtime/http/chunk_scan.hpp"

#include <algorithm>

namespace headrace::runtime {
namespace {

constexpr int kSizeDigitsMax = 8;  // 4 GiB, far above any body limit; no overflow

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

ChunkScan::State ChunkScan::state() const {
  if (step_ == Step::kDone) return State::kDone;
  if (step_ == Step::kRefused) return State::kRefused;
  return State::kMore;
}

std::size_t ChunkScan::feed(std::string_view bytes) {
  std::size_t i = 0;
  while (i < bytes.size() && state() == State::kMore) {
    if (step_ == Step::kData) {
      const std::uint64_t n = std::min<std::uint64_t>(left_, bytes.size() - i);
      i += static_cast<std::size_t>(n);
      left_ -= n;
      if (left_ == 0) step_ = Step::kDataReturn;
    } else {
      step(bytes[i]);
      ++i;
    }
  }
  return i;
}

void ChunkScan::step(char byte) {
  switch (step_) {
    case Step::kSize: return read_size(byte);
    case Step::kExtension:
      if (++line_bytes_ > limits_->chunk_line_bytes)
        return refuse(400, "A chunk line is too long.");
      if (byte == '\r') {
        step_ = Step::kLineFeed;
      } else if (byte < 0x20 || byte == 0x7f) {
        refuse(400, "A chunk extension has a character HTTP forbids.");
      }
      return;
    case Step::kLineFeed:
      if (byte != '\n') return refuse(400, "A chunk line does not end with CRLF.");
      return end_line();
    case Step::kDataReturn:
      if (byte != '\r') return refuse(400, "A chunk does not end where its size says.");
      step_ = Step::kDataLineFeed;
      return;
    case Step::kDataLineFeed:
      if (byte != '\n') return refuse(400, "A chunk does not end with CRLF.");
      step_ = Step::kSize;
      return;
    case Step::kData:
    case Step::kDone:
    case Step::kRefused: return;
  }
}

void ChunkScan::read_size(char byte) {
  ++line_bytes_;
  const int digit = hex_value(byte);
  if (digit >= 0) {
    if (++digits_ > kSizeDigitsMax) return refuse(400, "A chunk size has too many digits.");
    left_ = left_ * 16 + static_cast<std::uint64_t>(digit);
    return;
  }
  if (digits_ == 0) return refuse(400, "A chunk size is missing.");
  if (byte == '\r') {
    step_ = Step::kLineFeed;
  } else if (byte == ';') {
    step_ = Step::kExtension;
  } else {
    refuse(400, "A chunk size is not hexadecimal.");
  }
}

void ChunkScan::end_line() {
  total_ += left_;
  if (total_ > limits_->body_bytes) return refuse(413, "The request body is too large.");
  step_ = left_ == 0 ? Step::kDone : Step::kData;
  digits_ = 0;
  line_bytes_ = 0;
}

void ChunkScan::refuse(int status, const char* reason) {
  step_ = Step::kRefused;
  refusal_ = Refusal{status, reason};
}

}  // namespace headrace::runtime

// ChunkScan: checks the chunk lines of a chunked body before the parser decodes them.
//
// Pure; owned by the request parser. A chunk line is 1 to 8 hexadecimal digits, perhaps extensions
// of visible characters, and CRLF; a chunk's data ends with CRLF (RFC 9112 section 7.1). Lone CR or
// LF, a line above its limit and a body above its limit are refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "runtime/http/head_scan.hpp"
#include "runtime/http/limits.hpp"

namespace headrace::runtime {

class ChunkScan {
 public:
  enum class State { kMore, kDone, kRefused };

  explicit ChunkScan(const RequestLimits& limits) : limits_(&limits) {}

  // Scans on and returns how many bytes were looked at. Done after the line of the last chunk, the
  // one of size zero; the trailers and the final CRLF follow it.
  std::size_t feed(std::string_view bytes);

  State state() const;
  const Refusal& refusal() const { return refusal_; }

 private:
  enum class Step {
    kSize,
    kExtension,
    kLineFeed,
    kData,
    kDataReturn,
    kDataLineFeed,
    kDone,
    kRefused
  };

  void step(char byte);
  void read_size(char byte);
  void end_line();
  void refuse(int status, const char* reason);

  const RequestLimits* limits_;
  Step step_ = Step::kSize;
  int digits_ = 0;
  std::size_t line_bytes_ = 0;
  std::uint64_t left_ = 0;   // of the chunk
  std::uint64_t total_ = 0;  // of the body
  Refusal refusal_;
};

}  // namespace headrace::runtime

// HeadScan: checks the raw bytes of a request head, or of the trailers of a chunked body, before
// any parser sees them.
//
// Pure; owned by the request parser. Takes bytes as they come, each byte once. Refused are bare CR
// and LF, NUL and other control characters, line folding, space before a colon, an empty or odd
// field name, and everything above the limits: what lets two parsers disagree about where a
// request ends (RFC 9112 sections 2.2, 5.1, 5.2; CWE-444).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "runtime/http/limits.hpp"

namespace headrace::runtime {

// Why a request is not served: the status to answer with and one sentence. No input is echoed.
struct Refusal {
  int status = 400;
  const char* reason = "";
};

// One field line, as offsets from the first byte scanned. The value is without surrounding spaces.
struct FieldSpan {
  std::uint32_t name_begin = 0;
  std::uint32_t name_end = 0;
  std::uint32_t value_begin = 0;
  std::uint32_t value_end = 0;
};

class HeadScan {
 public:
  enum class State { kMore, kDone, kRefused };

  // A head: request line, fields, empty line. The limits outlive the scan.
  static HeadScan head(const RequestLimits& limits);
  // Trailers: fields, empty line.
  static HeadScan trailers(const RequestLimits& limits);

  // Ready for the next head, keeping what was allocated.
  void restart();

  // Scans on and returns how many bytes belong to this head; all of them while more are needed.
  std::size_t feed(std::string_view bytes);

  State state() const;
  const Refusal& refusal() const { return refusal_; }           // when refused
  std::size_t request_line_bytes() const { return line_end_; }  // without its CRLF
  const std::vector<FieldSpan>& fields() const { return fields_; }

 private:
  enum class Step {
    kRequestLine,
    kLineFeed,
    kFieldStart,
    kName,
    kValueStart,
    kValue,
    kLastLineFeed,
    kDone,
    kRefused
  };

  HeadScan(const RequestLimits& limits, Step first, std::size_t bytes_max, int too_large_status)
      : limits_(&limits),
        first_(first),
        step_(first),
        bytes_max_(bytes_max),
        too_large_status_(too_large_status) {}

  const char* advance(const char* p, const char* end);
  const char* scan_request_line(const char* p, const char* end);
  const char* start_field(const char* p);
  const char* scan_name(const char* p, const char* end);
  const char* scan_value(const char* p, const char* end);
  const char* refuse(const char* p, int status, const char* reason);
  std::uint32_t offset(const char* p) const;

  const RequestLimits* limits_;
  Step first_;
  Step step_;
  std::size_t bytes_max_;
  int too_large_status_;
  const char* origin_ = nullptr;  // the byte at offset position_, during feed()
  std::size_t position_ = 0;
  std::size_t line_end_ = 0;
  Refusal refusal_;
  std::vector<FieldSpan> fields_;
};

}  // namespace headrace::runtime

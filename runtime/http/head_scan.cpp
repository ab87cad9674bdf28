#include "runtime/http/head_scan.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace headrace::runtime {
namespace {

enum ByteClass : std::uint8_t {
  kTokenByte = 1,  // RFC 9110 section 5.6.2
  kLineByte = 2,   // a request line: visible ASCII and the two spaces
  kValueByte = 4,  // a field value: visible, space, tab, and bytes above ASCII
};

constexpr bool is_token_byte(int c) {
  if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')) return true;
  return std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
}

constexpr std::array<std::uint8_t, 256> make_byte_classes() {
  std::array<std::uint8_t, 256> classes{};
  for (int c = 0; c < 256; ++c) {
    std::uint8_t bits = 0;
    if (c > 0 && c < 127 && is_token_byte(c)) bits |= kTokenByte;
    if (c >= 0x20 && c < 0x7f) bits |= kLineByte | kValueByte;
    if (c == '\t' || c >= 0x80) bits |= kValueByte;
    classes[static_cast<std::size_t>(c)] = bits;
  }
  return classes;
}

constexpr std::array<std::uint8_t, 256> kByteClasses = make_byte_classes();

// The first byte outside the class.
const char* skip(const char* p, const char* end, ByteClass bytes) {
  while (p != end && (kByteClasses[static_cast<unsigned char>(*p)] & bytes) != 0) ++p;
  return p;
}

// True when none of eight bytes is a control character, by arithmetic on all of them at once.
bool are_plain(const char* p) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighs = kOnes * 0x80;
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, p, sizeof bytes);
  const std::uint64_t deletes = bytes ^ (kOnes * 0x7f);
  const std::uint64_t below_space = (bytes - kOnes * 0x20) & ~bytes;
  const std::uint64_t zeros = (deletes - kOnes) & ~deletes;
  return ((below_space | zeros) & kHighs) == 0;
}

// Values are most of a head, so they are skipped in strides.
const char* skip_value(const char* p, const char* end) {
  while (end - p >= 8 && are_plain(p)) p += 8;
  return skip(p, end, kValueByte);
}

}  // namespace

HeadScan HeadScan::head(const RequestLimits& limits) {
  return HeadScan(limits, Step::kRequestLine, limits.head_bytes, 431);
}

HeadScan HeadScan::trailers(const RequestLimits& limits) {
  return HeadScan(limits, Step::kFieldStart, limits.trailer_bytes, 400);
}

void HeadScan::restart() {
  step_ = first_;
  position_ = 0;
  line_end_ = 0;
  fields_.clear();
}

HeadScan::State HeadScan::state() const {
  if (step_ == Step::kDone) return State::kDone;
  if (step_ == Step::kRefused) return State::kRefused;
  return State::kMore;
}

std::size_t HeadScan::feed(std::string_view bytes) {
  const std::size_t room = bytes_max_ - position_;
  const char* const begin = bytes.data();
  const char* const end = begin + std::min(bytes.size(), room);
  origin_ = begin;
  const char* p = begin;
  while (p != end && state() == State::kMore) p = advance(p, end);
  if (p == end && bytes.size() > room && state() == State::kMore) {
    refuse(p, too_large_status_, "The request's header section is too large.");
  }
  const auto used = static_cast<std::size_t>(p - begin);
  position_ += used;
  return used;
}

const char* HeadScan::advance(const char* p, const char* end) {
  switch (step_) {
    case Step::kRequestLine: return scan_request_line(p, end);
    case Step::kLineFeed:
      if (*p != '\n') return refuse(p, 400, "A carriage return stands alone in the request head.");
      step_ = Step::kFieldStart;
      return p + 1;
    case Step::kFieldStart: return start_field(p);
    case Step::kName: return scan_name(p, end);
    case Step::kValueStart:
      if (*p == ' ') return p + 1;
      fields_.back().value_begin = offset(p);
      fields_.back().value_end = offset(p);
      step_ = Step::kValue;
      return p;
    case Step::kValue: return scan_value(p, end);
    case Step::kLastLineFeed:
      if (*p != '\n') return refuse(p, 400, "A carriage return stands alone in the request head.");
      step_ = Step::kDone;
      return p + 1;
    case Step::kDone:
    case Step::kRefused: break;
  }
  return end;
}

const char* HeadScan::scan_request_line(const char* p, const char* end) {
  const char* const stop = skip(p, end, kLineByte);
  if (offset(stop) > limits_->request_line_bytes) {
    return refuse(stop, 414, "The request line is too long.");
  }
  if (stop == end) return stop;
  if (*stop != '\r') return refuse(stop, 400, "The request line has a character HTTP forbids.");
  line_end_ = offset(stop);
  step_ = Step::kLineFeed;
  return stop + 1;
}

const char* HeadScan::start_field(const char* p) {
  if (*p == '\r') {
    step_ = Step::kLastLineFeed;
    return p + 1;
  }
  if (*p == ' ' || *p == '\t') return refuse(p, 400, "Folded header lines are not accepted.");
  if (fields_.size() == limits_->header_count) {
    return refuse(p, too_large_status_, "The request has too many header lines.");
  }
  fields_.push_back(FieldSpan{offset(p), offset(p), 0, 0});
  step_ = Step::kName;
  return p;
}

const char* HeadScan::scan_name(const char* p, const char* end) {
  const char* const stop = skip(p, end, kTokenByte);
  if (stop == end) return stop;
  FieldSpan& field = fields_.back();
  field.name_end = offset(stop);
  if (*stop != ':' || field.name_end == field.name_begin) {
    return refuse(stop, 400, "A header name has a character HTTP forbids.");
  }
  step_ = Step::kValueStart;
  return stop + 1;
}

// Tabs around a value are left to whoever reads it: a framing field written so is refused.
const char* HeadScan::scan_value(const char* p, const char* end) {
  const char* const stop = skip_value(p, end);
  FieldSpan& field = fields_.back();
  for (const char* last = stop; last != p; --last) {
    if (last[-1] == ' ') continue;
    field.value_end = offset(last);
    break;
  }
  if (stop == end) return stop;
  if (*stop != '\r') return refuse(stop, 400, "A header value has a character HTTP forbids.");
  step_ = Step::kLineFeed;
  return stop + 1;
}

const char* HeadScan::refuse(const char* p, int status, const char* reason) {
  step_ = Step::kRefused;
  refusal_ = Refusal{status, reason};
  return p;
}

std::uint32_t HeadScan::offset(const char* p) const {
  return static_cast<std::uint32_t>(position_ + static_cast<std::size_t>(p - origin_));
}

}  // namespace headrace::runtime

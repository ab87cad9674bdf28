// The frames between a worker pool and headrace-worker, over a stream socketpair. Both ends are on
// one machine and of one build, so numbers are in native byte order; but the worker runs foreign
// code, so the server trusts no byte of it: every size is checked, and what is no frame ends the
// worker.
//
//   frame   = magic u32, type u32, payload size u32, payload
//   text    = size u32, bytes
//   invoke  = head size u32, head (functions/invoke_frame.hpp), the records' bodies one after
//   another
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include "functions/limits.hpp"

namespace headrace::functions {

inline constexpr std::uint32_t kFrameMagic = 0x31'66'72'68;  // "hrf1" in memory
inline constexpr std::size_t kFrameHeaderBytes = 12;

// The largest batch in either form: a 6 MiB event, escaped at worst sixfold, and its texts.
inline constexpr std::size_t kServerFrameBytesMax = 64U << 20U;

// The largest frame of a worker holds an answer and nothing else; every other one holds texts.
inline constexpr std::size_t kWorkerFrameBytesMax = kResponseBytesMax;
inline constexpr std::size_t kWorkerTextFrameBytesMax = 256U << 10U;

// The worker's socket, in the worker.
inline constexpr int kWorkerSocket = 3;

enum class FrameType : std::uint32_t {
  // from the server
  kInvoke = 1,
  kStop,       // end in order
  kEventJson,  // the answer to kEventWanted
  // from the worker
  kReady = 16,    // loaded, init done
  kInitFailed,    // text reason
  kLog,           // level u32, text
  kRecordFailed,  // index u32, text reason
  kError,         // text type, text message, text trace
  kResponse,      // text json
  kEventWanted,   // the handler asks for the event as JSON
  kDone,          // status u32, largest resident set in KiB u64
};

// Appends values to a payload.
class PayloadWriter {
 public:
  explicit PayloadWriter(std::string& out) : out_(out) {}

  template <class T>
  requires std::is_integral_v<T> PayloadWriter& number(T value) {
    char bytes[sizeof value];
    std::memcpy(bytes, &value, sizeof value);
    out_.append(bytes, sizeof value);
    return *this;
  }
  PayloadWriter& text(std::string_view value) {
    number(static_cast<std::uint32_t>(value.size()));
    out_.append(value);
    return *this;
  }

 private:
  std::string& out_;
};

// Reads values from a payload. After a read that does not fit every value is empty and ok() is
// false.
class PayloadReader {
 public:
  explicit PayloadReader(std::string_view payload) : rest_(payload) {}

  template <class T>
  requires std::is_integral_v<T> T number() {
    T value{};
    const std::string_view bytes = take(sizeof value);
    if (bytes.size() == sizeof value) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  std::string_view text() { return take(number<std::uint32_t>()); }
  std::string_view take(std::size_t size) {
    if (size > rest_.size()) {
      ok_ = false;
      rest_ = {};
    }
    const std::string_view taken = rest_.substr(0, ok_ ? size : 0);
    rest_.remove_prefix(taken.size());
    return taken;
  }

  bool ok() const { return ok_; }
  bool finished() const { return ok_ && rest_.empty(); }
  std::size_t rest_size() const { return rest_.size(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

struct FrameHeader {
  FrameType type{};
  std::uint32_t size = 0;
};

inline void append_frame_header(std::string& out, FrameType type, std::size_t payload_size) {
  PayloadWriter(out)
      .number(kFrameMagic)
      .number(static_cast<std::uint32_t>(type))
      .number(static_cast<std::uint32_t>(payload_size));
}

inline void append_frame(std::string& out, FrameType type, std::string_view payload) {
  append_frame_header(out, type, payload.size());
  out.append(payload);
}

// False when the bytes are no frame header, or name a payload above `size_max`.
inline bool parse_frame_header(std::string_view bytes, std::size_t size_max, FrameHeader& header) {
  PayloadReader reader(bytes);
  const auto magic = reader.number<std::uint32_t>();
  header.type = static_cast<FrameType>(reader.number<std::uint32_t>());
  header.size = reader.number<std::uint32_t>();
  return reader.ok() && magic == kFrameMagic && header.size <= size_max;
}

}  // namespace headrace::functions

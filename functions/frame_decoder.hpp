// FrameDecoder: bytes of a worker in, frames out. Pure; any bytes are allowed.
#pragma once

#include <string>
#include <string_view>

#include "functions/worker_protocol.hpp"

namespace headrace::functions {

struct Frame {
  FrameType type{};
  std::string_view payload;  // valid until the next append()
};

class FrameDecoder {
 public:
  enum class Next {
    kFrame,   // `frame` is set
    kNone,    // more bytes are needed
    kBroken,  // this is no frame; nothing after it makes sense
  };

  void append(std::string_view bytes);
  Next next(Frame& frame);

 private:
  std::string buffer_;
  std::size_t consumed_ = 0;
};

}  // namespace headrace::functions

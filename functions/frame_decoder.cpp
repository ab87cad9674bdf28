#include "functions/frame_decoder.hpp"

namespace headrace::functions {

void FrameDecoder::append(std::string_view bytes) {
  buffer_.erase(0, consumed_);
  consumed_ = 0;
  buffer_ += bytes;
}

FrameDecoder::Next FrameDecoder::next(Frame& frame) {
  const std::string_view rest = std::string_view(buffer_).substr(consumed_);
  if (rest.size() < kFrameHeaderBytes) return Next::kNone;
  FrameHeader header;
  if (!parse_frame_header(rest, kWorkerFrameBytesMax, header)) return Next::kBroken;
  const bool only_texts = header.type != FrameType::kResponse;
  if (only_texts && header.size > kWorkerTextFrameBytesMax) return Next::kBroken;
  if (rest.size() - kFrameHeaderBytes < header.size) return Next::kNone;
  frame.type = header.type;
  frame.payload = rest.substr(kFrameHeaderBytes, header.size);
  consumed_ += kFrameHeaderBytes + header.size;
  return Next::kFrame;
}

}  // namespace headrace::functions

#include "functions/frame_decoder.hpp"

#include <random>

#include <gtest/gtest.h>

namespace headrace::functions {
namespace {

using Next = FrameDecoder::Next;

std::string two_frames() {
  std::string bytes;
  append_frame(bytes, FrameType::kLog, "hello");
  append_frame(bytes, FrameType::kDone, "");
  return bytes;
}

TEST(FrameDecoder, FramesArriveWhateverThePieces) {
  FrameDecoder decoder;
  std::string seen;
  for (const char c : two_frames()) {
    decoder.append({&c, 1});
    Frame frame;
    while (decoder.next(frame) == Next::kFrame) {
      seen += std::to_string(static_cast<int>(frame.type)) + ":" + std::string(frame.payload) + ";";
    }
  }
  EXPECT_EQ(seen, "18:hello;23:;");
}

TEST(FrameDecoder, WhatIsNoFrameIsBroken) {
  FrameDecoder decoder;
  decoder.append("GET / HTTP/1.1\r\n");
  Frame frame;
  EXPECT_EQ(decoder.next(frame), Next::kBroken);
}

TEST(FrameDecoder, PayloadAboveTheLimitIsBrokenBeforeItArrives) {
  std::string bytes;
  append_frame_header(bytes, FrameType::kResponse, kWorkerFrameBytesMax + 1);
  FrameDecoder decoder;
  decoder.append(bytes);
  Frame frame;
  EXPECT_EQ(decoder.next(frame), Next::kBroken);
}

TEST(FrameDecoder, OnlyAnAnswerMayBeLarge) {
  std::string bytes;
  append_frame_header(bytes, FrameType::kRecordFailed, kWorkerTextFrameBytesMax + 1);
  FrameDecoder decoder;
  decoder.append(bytes);
  Frame frame;
  EXPECT_EQ(decoder.next(frame), Next::kBroken);
}

TEST(PayloadReader, SizeBeyondTheEndGivesNothing) {
  std::string payload;
  PayloadWriter(payload).number(std::uint32_t{0xffffffff}).number(std::uint32_t{1});
  PayloadReader reader(payload);
  EXPECT_EQ(reader.text(), "");
  EXPECT_EQ(reader.number<std::uint64_t>(), 0U);
  EXPECT_FALSE(reader.ok());
}

TEST(FrameDecoder, AnyBytesAreTolerated) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes = two_frames();
    bytes[random() % bytes.size()] = static_cast<char>(random());
    bytes.resize(random() % (bytes.size() + 1));
    FrameDecoder decoder;
    decoder.append(bytes);
    Frame frame;
    while (decoder.next(frame) == Next::kFrame) {
      EXPECT_LE(frame.payload.size(), bytes.size());
    }
  }
}

}  // namespace
}  // namespace headrace::functions

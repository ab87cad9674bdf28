// The worker's end of the socket to the server: blocking, frame by frame. Any failure ends the
// process; without the server there is nothing left to do.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "functions/worker_protocol.hpp"

namespace headrace::worker {

class Channel {
 public:
  Channel();

  struct Frame {
    functions::FrameType type{};
    std::string_view payload;  // valid until the next receive() into the same buffer
  };

  // Grows to the largest frame seen.
  struct Buffer {
    std::unique_ptr<char[]> bytes;
    std::size_t capacity = 0;
  };

  Frame receive(Buffer& buffer);

  // Keeps the frame until flush().
  void queue(functions::FrameType type, std::string_view payload);
  void flush();

 private:
  void receive_exactly(char* bytes, std::size_t size);

  int owner_pid_;
  std::string out_;
};

}  // namespace headrace::worker

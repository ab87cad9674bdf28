// Every bound of the HTTP server, by name. Plain values, fixed when the server starts.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/clock.hpp"

namespace headrace::runtime {

// What one request may take.
struct RequestLimits {
  std::size_t head_bytes = 16 * 1024;         // 431 above
  std::size_t header_count = 100;             // 431 above
  std::size_t request_line_bytes = 8 * 1024;  // 414 above
  std::size_t body_bytes = 8 * 1024 * 1024;   // 413 above
  std::size_t chunk_line_bytes = 256;         // 400 above: a chunk's size line with its extensions
  std::size_t trailer_bytes = 4 * 1024;       // 400 above
};

// What one server may hold, and how long it waits for a client.
struct ServerLimits {
  RequestLimits request;
  std::size_t connections = 10'000;                 // more are closed at once
  std::size_t bodies_bytes = 256 * 1024 * 1024;     // of all requests' bodies at a time; 503 above
  int requests_per_turn = 16;                       // pipelined requests before others get a turn
  Duration sweep_interval{1'000};                   // deadlines below are checked this often
  Duration head_time = Duration(10'000);            // first to last byte of a head
  Duration transfer_grace = Duration(10'000);       // a body or a reply may take this long, plus
  std::uint64_t transfer_bytes_per_second = 1'000;  // its bytes so far at this rate
  Duration idle_time = Duration(65'000);            // between requests
  Duration linger_time = Duration(2'000);  // after the last reply, for the client to read it
  Duration drain_time = Duration(10'000);  // stop(): for running requests to finish
};

}  // namespace headrace::runtime

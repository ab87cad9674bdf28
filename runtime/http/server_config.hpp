// What an HTTP server is told at its start, and what it counts.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "runtime/http/guard.hpp"
#include "runtime/http/limits.hpp"

namespace headrace::runtime {

struct HttpServerConfig {
  std::string host = "127.0.0.1";  // an address, or a name resolved once at start
  std::uint16_t port = 4566;       // 0: any free port
  int threads = 0;                 // 0: connections run on the server's own loop
  ServerLimits limits;
  GuardConfig guard;
  std::uint64_t request_id_seed = 0;  // of the ids in the answers that the server itself gives
};

// Counted on every I/O loop, read on any thread.
struct HttpCounters {
  std::atomic<std::uint64_t> connections_accepted{0};
  std::atomic<std::uint64_t> connections_refused{0};  // above the limit
  std::atomic<std::uint64_t> connections_open{0};
  std::atomic<std::uint64_t> connections_timed_out{0};
  std::atomic<std::uint64_t> accept_failures{0};
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> requests_malformed{0};
  std::atomic<std::uint64_t> requests_guarded{0};  // refused by the guard
  std::atomic<std::uint64_t> requests_over_budget{0};
  std::atomic<std::uint64_t> requests_abandoned{0};  // the client left before the answer
  std::atomic<std::uint64_t> handler_failures{0};
};

// One reading of the counters.
struct HttpServerStats {
  std::uint64_t connections_accepted = 0;
  std::uint64_t connections_refused = 0;
  std::uint64_t connections_open = 0;
  std::uint64_t connections_timed_out = 0;
  std::uint64_t accept_failures = 0;
  std::uint64_t requests = 0;
  std::uint64_t requests_malformed = 0;
  std::uint64_t requests_guarded = 0;
  std::uint64_t requests_over_budget = 0;  // refused while others' bodies filled the budget
  std::uint64_t requests_abandoned = 0;
  std::uint64_t handler_failures = 0;
};

}  // namespace headrace::runtime

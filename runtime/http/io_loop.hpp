// IoLoop: the sessions of one I/O loop and what they share: read buffers, the Date line, and the
// one timer that finds sessions past their deadlines.
//
// Owned by the server; everything here runs on the loop's thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/clock.hpp"
#include "base/http.hpp"
#include "base/task_group.hpp"
#include "queue/sqs/request_ids.hpp"
#include "runtime/http/body_budget.hpp"
#include "runtime/http/server_config.hpp"

namespace headrace::runtime {

class Session;

inline constexpr std::size_t kReadBufferBytes = 16 * 1024;
using ReadBuffer = std::array<char, kReadBufferBytes>;

// The server's parts that all loops use; they outlive the loops.
struct ServerParts {
  const HttpServerConfig& config;
  const Clock& clock;
  HttpHandler& handler;
  HttpCounters& counters;
  BodyBudget& bodies;
  queue::sqs::RequestIds& request_ids;
};

class IoLoop {
 public:
  IoLoop(boost::asio::io_context& context, const ServerParts& parts);
  ~IoLoop();

  boost::asio::io_context& context() { return context_; }
  const ServerParts& parts() const { return parts_; }
  const ServerLimits& limits() const { return parts_.config.limits; }

  // Starts a session on the connection; closes it when draining.
  void adopt(boost::asio::ip::tcp::socket socket);

  // Closes idle connections and suspends until the others have answered and ended.
  boost::asio::awaitable<void> drain();

  // Ends every session now: requests are cancelled, connections closed.
  void abort();

  // For sessions.
  void leave(const std::shared_ptr<Session>& session);
  bool draining() const { return draining_; }
  std::int64_t tick() const { return tick_; }  // sweeps so far
  std::string_view common_headers() const { return common_headers_; }
  std::string& scratch() { return scratch_; }  // for one turn
  std::unique_ptr<ReadBuffer> take_buffer();
  void give_back(std::unique_ptr<ReadBuffer> buffer);

 private:
  void arm_sweep();
  void sweep();
  std::vector<std::shared_ptr<Session>> snapshot() const;

  boost::asio::io_context& context_;
  ServerParts parts_;
  boost::asio::steady_timer timer_;
  std::unordered_set<std::shared_ptr<Session>> sessions_;
  std::vector<std::unique_ptr<ReadBuffer>> buffers_;
  std::string common_headers_;
  std::string scratch_;
  std::int64_t tick_ = 0;
  bool sweeping_ = false;
  bool draining_ = false;
  TaskGroup tasks_;
};

}  // namespace headrace::runtime

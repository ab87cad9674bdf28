// HttpServer: accepts connections and answers their requests with a handler.
//
// Owned by the application; lives on `loop`. With threads = 0 the connections run there too;
// otherwise on that many I/O loops, each with a thread of the server's own (design section 4,
// "Threads"), and accepted sockets go to them in turn. The handler is called on the connection's
// I/O loop, with a Cancellation that belongs to that loop: StateLoopHandler carries both to another
// one.
//
// Every request has passed the framing checks and the guard. What a handler throws becomes a 500.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/http.hpp"
#include "base/task_group.hpp"
#include "base/wait_list.hpp"
#include "queue/sqs/request_ids.hpp"
#include "runtime/http/body_budget.hpp"
#include "runtime/http/server_config.hpp"

namespace headrace::runtime {

class IoLoop;

class HttpServer {
 public:
  // Loop, clock and handler outlive the server. The clock gives the Date header and bounds stop().
  HttpServer(boost::asio::io_context& loop, Clock& clock, HttpServerConfig config,
             HttpHandler& handler);
  // After stop() has ended, or when `loop` does not run again.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Binds, listens and returns the port; clients wait until start(). kExists: somebody else has it;
  // kInvalid: no such address.
  Result<std::uint16_t> bind();

  // Begins to accept.
  void start();

  // Stops accepting, closes idle connections and waits, up to limits.drain_time, for the requests
  // that run; what still runs then is cancelled. May be called twice.
  boost::asio::awaitable<void> stop();

  HttpServerStats stats() const;  // on any thread

 private:
  struct IoThread;

  Status listen(const boost::asio::ip::tcp::endpoint& endpoint);
  boost::asio::awaitable<void> accept_connections();
  boost::asio::awaitable<void> pause_accepting(boost::system::error_code reason);
  void admit(IoLoop& target, boost::asio::ip::tcp::socket socket);
  boost::asio::awaitable<void> drain(IoLoop* target);
  boost::asio::awaitable<void> until_drained(TimePoint deadline);
  void stop_threads();

  boost::asio::io_context& loop_;
  Clock& clock_;
  HttpServerConfig config_;
  HttpHandler& handler_;
  HttpCounters counters_;
  BodyBudget bodies_;
  queue::sqs::RequestIds request_ids_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::unique_ptr<IoLoop> own_loop_;                // threads = 0
  std::vector<std::unique_ptr<IoThread>> threads_;  // threads > 0
  std::vector<IoLoop*> io_loops_;                   // whichever it is
  std::size_t next_ = 0;
  std::size_t draining_ = 0;  // loops that still have sessions
  WaitList drained_;
  bool stopped_ = false;
  TaskGroup tasks_;
};

}  // namespace headrace::runtime

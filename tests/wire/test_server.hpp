// An HttpServer on a free port, its loop on a thread, and a handler with a path per behaviour.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "base/clock.hpp"
#include "base/http.hpp"
#include "base/task_group.hpp"
#include "runtime/http/server.hpp"
#include "runtime/http/state_loop_handler.hpp"

namespace headrace::wire {

// /echo answers method, path and body; /size the body's size; /large N bytes of 'x' (query); /park
// waits until its request is cancelled; /slow answers after 50 ms; /throw and /no-memory throw.
class TestHandler final : public HttpHandler {
 public:
  boost::asio::awaitable<HttpResponse> handle(HttpRequest request,
                                              Cancellation& cancellation) override;

  std::atomic<int> parked{0};
  std::atomic<int> cancelled{0};

 private:
  boost::asio::awaitable<void> park(Cancellation& cancellation);
};

// Where connections run and where requests are handled.
enum class Layout {
  kOneLoop,      // everything on one loop
  kTwoLoops,     // connections and handler on two loops with threads of their own
  kCarriedBack,  // connections there, the handler on the server's loop
};

class TestServer {
 public:
  explicit TestServer(Layout layout, runtime::ServerLimits limits = {});
  ~TestServer();

  std::uint16_t port() const { return port_; }
  TestHandler& handler() { return handler_; }
  runtime::HttpServerStats stats() const { return server_.stats(); }
  void stop();  // returns when the server has stopped

 private:
  boost::asio::io_context loop_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  SystemClock clock_{loop_};
  TestHandler handler_;
  runtime::StateLoopHandler carrier_{loop_, handler_};
  runtime::HttpServer server_;
  TaskGroup tasks_;
  std::uint16_t port_ = 0;
  std::thread thread_;
  bool stopped_ = false;
};

// True as soon as `condition` is, false when it is not within five seconds.
bool eventually(const std::function<bool()>& condition);

}  // namespace headrace::wire

// RuntimeApiServer: the Lambda Runtime API on a loopback port of its own, for the workers of all
// process functions. There is none when no such function exists.
//
// Owned by the application. The functions are stopped before it, and destroyed before it.
#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "functions/runtime_api.hpp"
#include "functions/runtime_seats.hpp"
#include "runtime/http/server.hpp"

namespace headrace::runtime {

class RuntimeApiServer {
 public:
  RuntimeApiServer(boost::asio::io_context& loop, Clock& clock);

  // Listens on any free port and returns HOST:PORT.
  Result<std::string> start();

  boost::asio::awaitable<void> stop() { return server_.stop(); }

  functions::RuntimeSeats& seats() { return seats_; }

 private:
  functions::RuntimeSeats seats_;
  functions::RuntimeApi api_;
  HttpServer server_;
};

}  // namespace headrace::runtime

// StateLoopHandler: carries requests from I/O loops to the loop that owns the state, and answers
// back.
//
// One hop each way, none when the I/O loop is that loop. The inner handler sees a Cancellation of
// its own loop. Owned by the application; loop and inner handler outlive it.
#pragma once

#include <memory>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "base/cancellation.hpp"
#include "base/http.hpp"

namespace headrace::runtime {

class StateLoopHandler final : public HttpHandler {
 public:
  StateLoopHandler(boost::asio::io_context& state_loop, HttpHandler& inner)
      : state_loop_(state_loop), inner_(inner) {}

  boost::asio::awaitable<HttpResponse> handle(HttpRequest request,
                                              Cancellation& cancellation) override;

 private:
  boost::asio::awaitable<HttpResponse> carry(HttpRequest request, Cancellation& cancellation);
  boost::asio::awaitable<HttpResponse> handle_there(HttpRequest request,
                                                    std::shared_ptr<Cancellation> cancellation);

  boost::asio::io_context& state_loop_;
  HttpHandler& inner_;
};

}  // namespace headrace::runtime

// RuntimeApi: the Lambda Runtime API as an HTTP handler, for all process workers. The path of a
// request begins with the token of its worker: /TOKEN/2018-06-01/runtime/invocation/next.
//
// Owned by the application, which serves it on a loopback listener of its own; lives on the loop of
// the workers.
#pragma once

#include <optional>

#include <boost/asio/awaitable.hpp>

#include "base/http.hpp"
#include "functions/runtime_seats.hpp"

namespace headrace::functions {

class RuntimeApi final : public HttpHandler {
 public:
  explicit RuntimeApi(RuntimeSeats& seats) : seats_(seats) {}

  boost::asio::awaitable<HttpResponse> handle(HttpRequest request,
                                              Cancellation& cancellation) override;

  // Strangers, and answers that announce more bytes than they may have.
  std::optional<HttpResponse> turn_away(const HttpRequest& head) override;

 private:
  RuntimeSeats& seats_;
};

}  // namespace headrace::functions

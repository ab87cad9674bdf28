// AuthHandler: stands before everything that answers requests; who is not let in is told so in his
// own protocol. Health is open. What is not SQS (`/_headrace` and its like) is for the users of the
// server's own account, its operators.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.hpp"
#include "base/http.hpp"
#include "base/offload.hpp"
#include "queue/sqs/request_ids.hpp"
#include "runtime/auth/authenticator.hpp"

namespace headrace::runtime {

class AuthHandler final : public HttpHandler {
 public:
  // All outlive the handler. Large bodies are hashed in `pool`.
  struct Parts {
    Clock& clock;
    Offload& pool;
    Authenticator& authenticator;
    HttpHandler& inner;
  };
  AuthHandler(Parts parts, std::string operators_account, std::uint64_t seed)
      : parts_(parts), operators_account_(std::move(operators_account)), request_ids_(seed) {}

  boost::asio::awaitable<HttpResponse> handle(HttpRequest request,
                                              Cancellation& cancellation) override;

 private:
  HttpResponse refuse(const HttpRequest& request, const queue::Error& error);

  Parts parts_;
  const std::string operators_account_;
  queue::sqs::RequestIds request_ids_;
};

}  // namespace headrace::runtime

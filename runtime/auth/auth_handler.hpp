// AuthHandler: stands before everything that answers requests; who is not let in is told so in his
// own protocol. Health is open. What is not SQS (`/_headrace` and its like) is for the users of the
// server's own account, its operators.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

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
    Offload& pool;
    Authenticator& authenticator;
    HttpHandler& inner;
  };
  using WallClock = TimePoint (*)();
  AuthHandler(Parts parts, std::string operators_account, std::uint64_t seed,
              WallClock now = wall_clock_now)
      : parts_(parts),
        operators_account_(std::move(operators_account)),
        request_ids_(seed),
        now_(now) {}

  boost::asio::awaitable<HttpResponse> handle(HttpRequest request,
                                              Cancellation& cancellation) override;
  // Who cannot be let in does not fill the memory for bodies.
  std::optional<HttpResponse> turn_away(const HttpRequest& head) override;

 private:
  HttpResponse refuse(const HttpRequest& request, const queue::Error& error);
  void log_refusal(std::string_view code);

  Parts parts_;
  const std::string operators_account_;
  queue::sqs::RequestIds request_ids_;
  const WallClock now_;
  std::atomic<std::int64_t> logged_second_{0};
  std::atomic<std::uint64_t> refused_{0};  // in all
};

}  // namespace headrace::runtime

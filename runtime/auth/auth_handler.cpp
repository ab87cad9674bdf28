#include "runtime/auth/auth_handler.hpp"

#include <functional>
#include <utility>

#include "base/json_writer.hpp"
#include "base/log.hpp"
#include "queue/sqs/error_response.hpp"
#include "queue/sqs/wire_errors.hpp"
#include "runtime/http/guard.hpp"
#include "runtime/lambda/error.hpp"
#include "runtime/lambda/routes.hpp"

namespace headrace::runtime {

namespace {

// A larger body would hold up its loop for too long.
constexpr std::size_t kHashedInPlaceMax = std::size_t{64} << 10;

// A queue's name may begin so too, but in its URL the account stands before it.
bool is_for_operators(const HttpRequest& request) { return request.path.starts_with("/_"); }

}  // namespace

boost::asio::awaitable<HttpResponse> AuthHandler::handle(HttpRequest request,
                                                         Cancellation& cancellation) {
  if (is_health(request)) {
    HttpResponse response = co_await parts_.inner.handle(std::move(request), cancellation);
    co_return response;
  }
  queue::Result<std::optional<HttpIdentity>> sender = std::optional<HttpIdentity>();
  const std::function<void()> check = [&] { sender = parts_.authenticator.check(request, now_()); };
  if (request.body.size() > kHashedInPlaceMax) {
    co_await parts_.pool.carry_out(check);
  } else {
    check();
  }
  if (!sender) co_return refuse(request, sender.error());
  request.identity = std::move(*sender);
  const bool stranger = request.identity && request.identity->account != operators_account_;
  if (stranger && is_for_operators(request)) {
    co_return refuse(request, {queue::ErrorCode::kAccessDenied,
                               "This is for the users of the server's own account."});
  }
  HttpResponse response = co_await parts_.inner.handle(std::move(request), cancellation);
  co_return response;
}

std::optional<HttpResponse> AuthHandler::turn_away(const HttpRequest& head) {
  if (is_health(head)) return std::nullopt;
  const queue::Status status = parts_.authenticator.check_head(head, now_());
  if (status) return std::nullopt;
  return refuse(head, status.error());
}

// A line a second: strangers decide how often they are refused.
void AuthHandler::log_refusal(std::string_view code) {
  const std::uint64_t count = refused_.fetch_add(1, std::memory_order_relaxed) + 1;
  const std::int64_t second = to_epoch_ms(now_()) / 1000;
  if (logged_second_.exchange(second, std::memory_order_relaxed) == second) return;
  log_warning("a request was refused code={} refused_in_all={}", code, count);
}

HttpResponse AuthHandler::refuse(const HttpRequest& request, const queue::Error& error) {
  log_refusal(queue::sqs::wire_error(error.code).query_code);
  if (lambda::is_api_path(request.path)) return lambda::refuse_unsigned(error);
  if (!is_for_operators(request)) {
    return queue::sqs::error_response(request, error, request_ids_.next());
  }
  HttpResponse response;
  response.status = queue::sqs::wire_error(error.code).status;
  response.content_type = "application/json";
  response.headers.emplace_back("Cache-Control", "no-store");
  JsonWriter(response.body).begin_object().member("error", error.message).end_object();
  return response;
}

}  // namespace headrace::runtime

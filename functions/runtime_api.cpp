#include "functions/runtime_api.hpp"

#include <charconv>
#include <utility>

#include "functions/limits.hpp"
#include "functions/runtime_answers.hpp"
#include "functions/runtime_link.hpp"

namespace headrace::functions {
namespace asio = boost::asio;

namespace {

constexpr std::string_view kVersion = "/2018-06-01";
constexpr std::string_view kInvocation = "/runtime/invocation/";

enum class Call { kNone, kPing, kNext, kResponse, kError, kInitError };

struct Route {
  std::string_view token;
  Call call = Call::kNone;
  std::string_view request_id;  // kResponse, kError
};

Call answer_named(std::string_view name) {
  if (name == "/response") return Call::kResponse;
  if (name == "/error") return Call::kError;
  return Call::kNone;
}

// GET for what asks, POST for what tells.
bool has_its_method(Call call, std::string_view method) {
  const bool asks = call == Call::kPing || call == Call::kNext;
  return method == (asks ? "GET" : "POST");
}

Route route_of(const HttpRequest& request) {
  Route route;
  std::string_view rest = request.path.substr(1);
  route.token = rest.substr(0, rest.find('/'));
  rest.remove_prefix(route.token.size());
  if (rest.starts_with(kVersion)) rest.remove_prefix(kVersion.size());
  if (rest == "/ping") {
    route.call = Call::kPing;
  } else if (rest == "/runtime/invocation/next") {
    route.call = Call::kNext;
  } else if (rest == "/runtime/init/error") {
    route.call = Call::kInitError;
  } else if (rest.starts_with(kInvocation)) {
    rest.remove_prefix(kInvocation.size());
    route.request_id = rest.substr(0, rest.find('/'));
    route.call = answer_named(rest.substr(route.request_id.size()));
  }
  if (!has_its_method(route.call, request.method)) route.call = Call::kNone;
  return route;
}

HttpResponse plain(int status, const char* text) {
  HttpResponse response;
  response.status = status;
  response.content_type = "text/plain";
  response.body = text;
  return response;
}

// Of a head that was checked: digits, or nothing.
std::size_t announced_bytes(const HttpRequest& head) {
  const std::string_view text = head.header("content-length");
  std::size_t bytes = 0;
  std::from_chars(text.data(), text.data() + text.size(), bytes);
  return bytes;
}

}  // namespace

asio::awaitable<HttpResponse> RuntimeApi::handle(HttpRequest request, Cancellation& cancellation) {
  const Route route = route_of(request);
  RuntimeLink* const link = seats_.find(route.token);
  HttpResponse response = runtime_api::unknown_worker();
  if (link == nullptr) co_return response;
  switch (route.call) {
    case Call::kNone: response = plain(404, "404 page not found\n"); break;
    case Call::kPing: response = plain(200, "pong"); break;
    case Call::kNext: response = co_await link->next(cancellation); break;
    case Call::kResponse:
      response = link->take_response(route.request_id, std::move(request));
      break;
    case Call::kError: response = link->take_error(route.request_id, request); break;
    case Call::kInitError: response = link->take_init_error(request); break;
  }
  co_return response;
}

std::optional<HttpResponse> RuntimeApi::turn_away(const HttpRequest& head) {
  const Route route = route_of(head);
  RuntimeLink* const link = seats_.find(route.token);
  if (link == nullptr) return runtime_api::unknown_worker();
  const bool answers = route.call == Call::kResponse || route.call == Call::kError;
  if (!answers || announced_bytes(head) <= kResponseBytesMax) return std::nullopt;
  return link->refuse_large(route.request_id);
}

}  // namespace headrace::functions

#include "runtime/router.hpp"

namespace headrace::runtime {

boost::asio::awaitable<HttpResponse> Router::handle(HttpRequest request,
                                                    Cancellation& cancellation) {
  HttpHandler& handler = find(request.path);
  return handler.handle(std::move(request), cancellation);
}

HttpHandler& Router::find(std::string_view path) const {
  for (const auto& [prefix, handler] : routes_) {
    const bool below =
        path.starts_with(prefix) && (path.size() == prefix.size() || path[prefix.size()] == '/');
    if (below) return *handler;
  }
  return fallback_;
}

}  // namespace headrace::runtime

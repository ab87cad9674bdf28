// Router: gives each request to the handler of its path. Owned by the application.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/http.hpp"

namespace headrace::runtime {

class Router final : public HttpHandler {
 public:
  // All handlers outlive the router. `fallback` answers every path that no prefix takes.
  explicit Router(HttpHandler& fallback) : fallback_(fallback) {}

  // "/_headrace" takes that path and everything below it.
  void add(std::string prefix, HttpHandler& handler) {
    routes_.emplace_back(std::move(prefix), &handler);
  }

  boost::asio::awaitable<HttpResponse> handle(HttpRequest request,
                                              Cancellation& cancellation) override;

 private:
  HttpHandler& find(std::string_view path) const;

  HttpHandler& fallback_;
  std::vector<std::pair<std::string, HttpHandler*>> routes_;
};

}  // namespace headrace::runtime

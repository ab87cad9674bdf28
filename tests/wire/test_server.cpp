#include "tests/wire/test_server.hpp"

#include <chrono>
#include <future>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include "base/one_shot.hpp"

namespace headrace::wire {
namespace asio = boost::asio;

namespace {

HttpResponse text(std::string body) {
  HttpResponse response;
  response.content_type = "text/plain";
  response.body = std::move(body);
  return response;
}

asio::awaitable<void> stop_server(runtime::HttpServer* server, std::promise<void>* done) {
  co_await server->stop();
  done->set_value();
}

runtime::HttpServerConfig config_of(Layout layout, const runtime::ServerLimits& limits) {
  runtime::HttpServerConfig config;
  config.port = 0;
  config.threads = layout == Layout::kOneLoop ? 0 : 2;
  config.limits = limits;
  return config;
}

}  // namespace

asio::awaitable<void> TestHandler::park(Cancellation& cancellation) {
  OneShot<int> gone;
  cancellation.on_request([&gone] { gone.deliver(1); });
  ++parked;
  const int value = co_await gone.wait();
  cancelled += value;
}

asio::awaitable<HttpResponse> TestHandler::handle(HttpRequest request, Cancellation& cancellation) {
  std::string answer = std::string(request.method) + " " + std::string(request.path);
  if (request.path == "/size") {
    answer = std::to_string(request.body.size());
  } else if (request.path == "/large") {
    answer = std::string(std::stoul(std::string(request.query)), 'x');
  } else if (request.path == "/throw") {
    throw std::runtime_error("a handler's bug");
  } else if (request.path == "/no-memory") {
    throw std::bad_alloc();
  } else if (request.path == "/park") {
    co_await park(cancellation);
  } else if (request.path == "/slow") {
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, std::chrono::milliseconds(50));
    co_await timer.async_wait(asio::use_awaitable);
  } else {
    answer += " " + request.body;
  }
  co_return text(std::move(answer));
}

TestServer::TestServer(Layout layout, runtime::ServerLimits limits)
    : work_(loop_.get_executor()),
      server_(loop_, clock_, config_of(layout, limits),
              layout == Layout::kCarriedBack ? static_cast<HttpHandler&>(carrier_) : handler_),
      tasks_(loop_.get_executor()) {
  const Result<std::uint16_t> port = server_.bind();
  EXPECT_TRUE(port.has_value());
  if (port) port_ = *port;
  server_.start();
  thread_ = std::thread([this] { loop_.run(); });
}

TestServer::~TestServer() {
  stop();
  work_.reset();
  loop_.stop();
  thread_.join();
}

void TestServer::stop() {
  if (std::exchange(stopped_, true)) return;
  std::promise<void> done;
  std::future<void> ended = done.get_future();
  asio::post(loop_, [this, &done] { tasks_.spawn("stop", stop_server(&server_, &done)); });
  ended.wait();
}

bool eventually(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace headrace::wire

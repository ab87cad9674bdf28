#include "runtime/runtime_api_server.hpp"

#include "functions/limits.hpp"

namespace headrace::runtime {

namespace {

constexpr const char* kHost = "127.0.0.1";

// Clients send the cause of an error in a header of up to 1 MiB.
constexpr std::size_t kHeadBytesMax = (1U << 20U) + (64U << 10U);

// And an error that comes late in trailers.
constexpr std::size_t kTrailerBytesMax = 64U << 10U;

// Above what an answer may have, so that who sends a little more is told in the API's own words.
constexpr std::size_t kBodyBytesMax = 2 * functions::kResponseBytesMax;

// Longer than any invocation, in which a worker's connection is idle.
constexpr Duration kIdleTime = std::chrono::hours(1);

HttpServerConfig make_config() {
  HttpServerConfig config;
  config.host = kHost;
  config.port = 0;
  config.limits.request.head_bytes = kHeadBytesMax;
  config.limits.request.trailer_bytes = kTrailerBytesMax;
  config.limits.request.body_bytes = kBodyBytesMax;
  config.limits.idle_time = kIdleTime;
  return config;
}

}  // namespace

RuntimeApiServer::RuntimeApiServer(boost::asio::io_context& loop, Clock& clock)
    : api_(seats_), server_(loop, clock, make_config(), api_) {}

Result<std::string> RuntimeApiServer::start() {
  const Result<std::uint16_t> port = server_.bind();
  if (!port) return port.error();
  server_.start();
  return std::string(kHost) + ":" + std::to_string(*port);
}

}  // namespace headrace::runtime

#include "tests/scenarios/runner/wire_stage.hpp"

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace headrace::scenarios {

namespace {

// The server's clock counts milliseconds: what ends at the last of them is over at the next.
constexpr Duration kTick{1};

// What an answer waits for may have begun before the call: it may take this part of its time.
constexpr double kShortest = 0.5;

std::string to_bytes(const WireRequest& request, std::uint16_t port) {
  std::string bytes = "POST " + request.path + " HTTP/1.1\r\n";
  bytes += "Host: 127.0.0.1:" + std::to_string(port) + "\r\n";
  for (const auto& [name, value] : request.headers) bytes += name + ": " + value + "\r\n";
  bytes += "Content-Length: " + std::to_string(request.body.size()) + "\r\n\r\n";
  return bytes + request.body;
}

HttpResponse to_response(const std::string& reply) {
  HttpResponse response;
  response.status = wire::status_of(reply);
  response.body = wire::body_of(reply);
  std::size_t line = reply.find("\r\n") + 2;
  for (std::size_t end = reply.find("\r\n", line); end > line; end = reply.find("\r\n", line)) {
    const std::string header = reply.substr(line, end - line);
    const std::size_t colon = header.find(": ");
    if (colon == std::string::npos) break;
    response.headers.emplace_back(header.substr(0, colon), header.substr(colon + 2));
    line = end + 2;
  }
  return response;
}

}  // namespace

Status WireStage::send(const std::string& name, WireRequest request) {
  if (!started_) return started_;
  calls_.erase(name);
  const auto [call, is_new] = calls_.try_emplace(
      name, Call{wire::RawClient(server_.port()), std::chrono::steady_clock::now()});
  if (call->second.client.send(to_bytes(request, server_.port()))) return {};
  return Error{ErrorCode::kUnavailable, "the server closed the connection"};
}

Result<HttpResponse> WireStage::receive(const std::string& name, Duration takes) {
  const auto call = calls_.find(name);
  if (call == calls_.end()) return Error{ErrorCode::kNotFound, "no call was named " + name};
  const std::string reply = call->second.client.read_reply();
  const auto took = std::chrono::steady_clock::now() - call->second.sent;
  calls_.erase(call);
  if (wire::status_of(reply) == 0) return Error{ErrorCode::kTimeout, "there is no answer"};
  if (took < kShortest * takes) {
    return Error{ErrorCode::kInvalid, "the answer came sooner than it should"};
  }
  return to_response(reply);
}

void WireStage::wait(Duration duration) {
  boost::asio::io_context loop;
  boost::asio::steady_timer timer(loop, duration + kTick);
  timer.wait();
}

Status WireStage::restart() {
  if (!started_) return started_;
  calls_.clear();
  if (const Status status = server_.stop(); !status) return status;
  started_ = server_.start();
  return started_;
}

}  // namespace headrace::scenarios

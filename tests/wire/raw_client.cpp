#include "tests/wire/raw_client.hpp"

#include <array>
#include <cstdlib>
#include <utility>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace headrace::wire {
namespace {

constexpr timeval kPatience{5, 0};
constexpr int kSmallBuffer = 4096;

}  // namespace

RawClient::RawClient(std::uint16_t port)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  const int connected = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address);
  EXPECT_EQ(connected, 0) << "cannot connect to port " << port;
}

RawClient::~RawClient() {
  if (socket_ >= 0) ::close(socket_);
}

RawClient::RawClient(RawClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), pending_(std::move(other.pending_)) {}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool RawClient::receive() {
  std::array<char, 16 * 1024> chunk;
  const ssize_t n = ::recv(socket_, chunk.data(), chunk.size(), 0);
  if (n <= 0) return false;
  pending_.append(chunk.data(), static_cast<std::size_t>(n));
  return true;
}

std::string RawClient::read_head() {
  std::size_t end = pending_.find("\r\n\r\n");
  while (end == std::string::npos) {
    if (!receive()) return std::exchange(pending_, {});
    end = pending_.find("\r\n\r\n");
  }
  std::string head = pending_.substr(0, end + 4);
  pending_.erase(0, end + 4);
  return head;
}

std::string RawClient::read_reply() {
  std::string reply = read_head();
  const std::size_t at = reply.find("Content-Length: ");
  if (at == std::string::npos) return reply;
  const std::size_t length = std::strtoull(reply.c_str() + at + 16, nullptr, 10);
  while (pending_.size() < length && receive()) {
  }
  const std::string body = pending_.substr(0, length);
  pending_.erase(0, length);
  return reply + body;
}

std::string RawClient::read_all() {
  while (receive()) {
  }
  return std::exchange(pending_, {});
}

bool RawClient::is_closed_by_server() {
  std::array<char, 4096> chunk;
  for (;;) {
    const ssize_t n = ::recv(socket_, chunk.data(), chunk.size(), 0);
    if (n > 0) continue;
    return n == 0 || errno == ECONNRESET;
  }
}

void RawClient::shut_sending() { ::shutdown(socket_, SHUT_WR); }

void RawClient::reset() {
  const linger at_once{1, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  ::close(std::exchange(socket_, -1));
}

void RawClient::shrink_receive_buffer() {
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &kSmallBuffer, sizeof kSmallBuffer);
}

int status_of(const std::string& reply) {
  if (!reply.starts_with("HTTP/1.1 ")) return 0;
  return std::atoi(reply.c_str() + 9);
}

std::string body_of(const std::string& reply) {
  const std::size_t end = reply.find("\r\n\r\n");
  return end == std::string::npos ? std::string() : reply.substr(end + 4);
}

}  // namespace headrace::wire

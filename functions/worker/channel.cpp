#include "functions/worker/channel.hpp"

#include <cerrno>

#include <sys/socket.h>
#include <unistd.h>

namespace headrace::worker {

using functions::FrameHeader;
using functions::FrameType;

namespace {

constexpr std::size_t kQueuedBytesMax = 64U << 10U;
constexpr int kLostServer = 70;  // exit status

}  // namespace

Channel::Channel() : owner_pid_(getpid()) {}

void Channel::receive_exactly(char* bytes, std::size_t size) {
  while (size > 0) {
    const ssize_t received = recv(functions::kWorkerSocket, bytes, size, 0);
    if (received < 0 && errno == EINTR) continue;
    if (received <= 0) _exit(kLostServer);
    bytes += received;
    size -= static_cast<std::size_t>(received);
  }
}

Channel::Frame Channel::receive(Buffer& buffer) {
  char head[functions::kFrameHeaderBytes];
  receive_exactly(head, sizeof head);
  FrameHeader header;
  const std::string_view bytes(head, sizeof head);
  if (!parse_frame_header(bytes, functions::kServerFrameBytesMax, header)) _exit(kLostServer);
  if (header.size > buffer.capacity) {
    buffer.bytes = std::make_unique_for_overwrite<char[]>(header.size);
    buffer.capacity = header.size;
  }
  receive_exactly(buffer.bytes.get(), header.size);
  return {header.type, {buffer.bytes.get(), header.size}};
}

void Channel::queue(FrameType type, std::string_view payload) {
  append_frame(out_, type, payload);
  if (out_.size() > kQueuedBytesMax) flush();
}

void Channel::flush() {
  // A child that a handler forked returns from the handler, too: the answer is its parent's to
  // give.
  if (getpid() != owner_pid_) _exit(0);
  std::string_view rest = out_;
  while (!rest.empty()) {
    const ssize_t sent = send(functions::kWorkerSocket, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) _exit(kLostServer);
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  out_.clear();
}

}  // namespace headrace::worker

#include "runtime/http/io_loop.hpp"

#include <utility>

#include "runtime/http/response.hpp"
#include "runtime/http/session.hpp"

namespace headrace::runtime {
namespace {

constexpr std::size_t kSpareBuffersMax = 64;  // 1 MiB kept for the next requests

}  // namespace

IoLoop::IoLoop(boost::asio::io_context& context, const ServerParts& parts)
    : context_(context), parts_(parts), timer_(context), tasks_(context.get_executor()) {}

IoLoop::~IoLoop() = default;

void IoLoop::adopt(boost::asio::ip::tcp::socket socket) {
  if (draining_) {
    parts_.counters.connections_open.fetch_sub(1, std::memory_order_relaxed);
    return;
  }
  const auto session = std::make_shared<Session>(*this, std::move(socket));
  sessions_.insert(session);
  tasks_.spawn("http session", Session::serve(session));
  if (!sweeping_) {
    common_headers_ = render_common_headers(wall_clock_now());
    arm_sweep();
  }
}

boost::asio::awaitable<void> IoLoop::drain() {
  draining_ = true;
  for (const std::shared_ptr<Session>& session : snapshot()) session->begin_drain();
  co_await tasks_.join();
}

void IoLoop::abort() {
  for (const std::shared_ptr<Session>& session : snapshot()) session->abort();
  tasks_.cancel();
}

void IoLoop::leave(const std::shared_ptr<Session>& session) {
  sessions_.erase(session);
  parts_.counters.connections_open.fetch_sub(1, std::memory_order_relaxed);
}

std::unique_ptr<ReadBuffer> IoLoop::take_buffer() {
  if (buffers_.empty()) return std::unique_ptr<ReadBuffer>(new ReadBuffer);
  std::unique_ptr<ReadBuffer> buffer = std::move(buffers_.back());
  buffers_.pop_back();
  return buffer;
}

void IoLoop::give_back(std::unique_ptr<ReadBuffer> buffer) {
  if (buffers_.size() < kSpareBuffersMax) buffers_.push_back(std::move(buffer));
}

void IoLoop::arm_sweep() {
  sweeping_ = true;
  timer_.expires_after(limits().sweep_interval);
  timer_.async_wait([this](boost::system::error_code ec) {
    if (!ec) sweep();
  });
}

// Without connections no timer runs: an idle server sleeps.
void IoLoop::sweep() {
  ++tick_;
  common_headers_ = render_common_headers(wall_clock_now());
  for (const std::shared_ptr<Session>& session : sessions_) session->on_tick();
  sweeping_ = false;
  if (!sessions_.empty()) arm_sweep();
}

// Ending a session takes it off the set, so whoever ends some walks over a copy.
std::vector<std::shared_ptr<Session>> IoLoop::snapshot() const {
  return {sessions_.begin(), sessions_.end()};
}

}  // namespace headrace::runtime

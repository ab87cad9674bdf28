#include "runtime/control_socket.hpp"

#include <cerrno>
#include <optional>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/deadline.hpp"

namespace headrace::runtime {
namespace asio = boost::asio;
using asio::local::stream_protocol;
using boost::system::error_code;

namespace {

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);
constexpr mode_t kOwnerOnly = S_IRUSR | S_IWUSR;

bool somebody_answers(asio::io_context& loop, const std::string& path) {
  stream_protocol::socket probe(loop);
  error_code failure;
  probe.connect(stream_protocol::endpoint(path), failure);
  return !failure;
}

// The line without its end; nothing when the client went away or sent too much.
asio::awaitable<std::optional<std::string>> read_line(stream_protocol::socket& socket) {
  std::string line;
  auto buffer = asio::dynamic_buffer(line, kControlLineBytesMax);
  const auto got = co_await asio::async_read_until(socket, buffer, '\n', kNoThrow);
  std::optional<std::string> whole;
  if (!std::get<0>(got)) whole = line.substr(0, std::get<1>(got) - 1);
  co_return whole;
}

asio::awaitable<bool> write_line(stream_protocol::socket& socket, const std::string& line) {
  const auto sent = co_await asio::async_write(socket, asio::buffer(line), kNoThrow);
  co_return !std::get<0>(sent);
}

}  // namespace

std::string socket_path_problem(const std::string& path) {
  return path.size() < sizeof(sockaddr_un::sun_path) ? "" : path + ": is too long for a socket";
}

ControlSocket::ControlSocket(asio::io_context& loop, Clock& clock, Answer answer)
    : loop_(loop),
      clock_(clock),
      answer_(std::move(answer)),
      acceptor_(loop),
      tasks_(loop.get_executor()) {}

Status ControlSocket::open(const std::string& path) {
  const std::string problem = socket_path_problem(path);
  if (!problem.empty()) return Error{ErrorCode::kInvalid, problem};
  if (somebody_answers(loop_, path)) {
    return Error{ErrorCode::kExists, path + ": another server listens there"};
  }
  if (unlink(path.c_str()) != 0 && errno != ENOENT) return system_error("unlink", path, errno);
  error_code failure;
  acceptor_.open(stream_protocol(), failure);
  // Before the file is there: nobody else can connect in between.
  if (!failure && fchmod(acceptor_.native_handle(), kOwnerOnly) != 0) {
    return system_error("fchmod", path, errno);
  }
  if (!failure) acceptor_.bind(stream_protocol::endpoint(path), failure);
  if (!failure) acceptor_.listen(kWaitingMax, failure);
  if (failure) return Error{ErrorCode::kIo, path + ": " + failure.message()};
  path_ = path;
  tasks_.spawn("control socket", run());
  return {};
}

asio::awaitable<void> ControlSocket::run() {
  while (acceptor_.is_open()) {
    auto accepted = co_await acceptor_.async_accept(kNoThrow);
    if (!std::get<0>(accepted)) {
      co_await serve(std::move(std::get<1>(accepted)));
    } else if (acceptor_.is_open()) {
      // Trying again at once would only spin.
      const TimePoint again = clock_.now() + kAcceptPause;
      const bool stopped = co_await stopped_.wait_until(clock_, again);
      static_cast<void>(stopped);
    }
  }
}

asio::awaitable<void> ControlSocket::serve(Socket socket) {
  auto line = co_await with_deadline(clock_, clock_.now() + kTransferTimeMax, read_line(socket));
  if (!line || !*line) co_return;
  std::string answer = co_await answer_(std::move(**line));
  answer += '\n';
  const TimePoint deadline = clock_.now() + kTransferTimeMax;
  const auto written = co_await with_deadline(clock_, deadline, write_line(socket, answer));
  static_cast<void>(written);
}

asio::awaitable<void> ControlSocket::stop() {
  if (acceptor_.is_open()) {
    error_code ignored;
    acceptor_.close(ignored);
    stopped_.notify_all();
    unlink(path_.c_str());
  }
  co_await tasks_.join();
}

}  // namespace headrace::runtime

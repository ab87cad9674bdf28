// ControlSocket: what only somebody on this machine may ask, who may read the server's files. A
// Unix socket of mode 0600 in the data directory; each connection is one line of JSON in, one out,
// and they are answered one after the other.
//
// Deploys come this way: they name a file that the server then runs, which nobody who merely
// reaches the HTTP port may do.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/task_group.hpp"
#include "base/wait_list.hpp"

namespace headrace::runtime {

inline constexpr const char* kControlSocketName = "control.sock";
inline constexpr std::size_t kControlLineBytesMax = std::size_t{64} << 10;

// Empty, or why no Unix socket can have this path.
std::string socket_path_problem(const std::string& path);

class ControlSocket {
 public:
  static constexpr int kWaitingMax = 16;               // connections that were not yet taken
  static constexpr Duration kTransferTimeMax{10'000};  // for a line to come, and one to go
  static constexpr Duration kAcceptPause{1'000};       // after the system refused a connection

  // Answers one line with another, both without their ends.
  using Answer = std::function<boost::asio::awaitable<std::string>(std::string line)>;

  // The references outlive the socket.
  ControlSocket(boost::asio::io_context& loop, Clock& clock, Answer answer);

  // Listens there. What a dead server left is replaced; where one answers, kExists.
  Status open(const std::string& path);

  // Takes no more, removes the file, and suspends until running answers are given.
  boost::asio::awaitable<void> stop();

 private:
  using Socket = boost::asio::local::stream_protocol::socket;

  boost::asio::awaitable<void> run();
  boost::asio::awaitable<void> serve(Socket socket);

  boost::asio::io_context& loop_;
  Clock& clock_;
  Answer answer_;
  std::string path_;
  boost::asio::local::stream_protocol::acceptor acceptor_;
  WaitList stopped_;
  TaskGroup tasks_;
};

}  // namespace headrace::runtime

// Session: one client connection.
//
// One coroutine reads, parses, calls the handler and writes, one request after the other; pipelined
// requests wait unparsed in the read buffer, so answers keep their order. Shared by its coroutine,
// its loop and the pending wait on the socket. A session that is quiet for a sweep holds no
// buffer, and none has a timer.
//
// While a handler works the socket stays watched. A client that closes, also only its sending side,
// counts as gone: the request's Cancellation is requested. An answer that comes nevertheless is
// written, for the rare client that shuts its side down and still reads.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "base/cancellation.hpp"
#include "base/http.hpp"
#include "base/resumption.hpp"
#include "runtime/http/io_loop.hpp"
#include "runtime/http/request_parser.hpp"
#include "runtime/http/response.hpp"

namespace headrace::runtime {

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(IoLoop& loop, boost::asio::ip::tcp::socket socket);

  // The connection's whole life.
  static boost::asio::awaitable<void> serve(std::shared_ptr<Session> session);

  // Closes the connection when it is past its phase's deadline.
  void on_tick();

  // Closes an idle connection at once; a busy one closes after its answer.
  void begin_drain();

  // Cancels the running request and closes the connection.
  void abort();

 private:
  enum class Phase { kIdle, kHead, kBody, kHandling, kWriting, kLingering };
  enum class Pending { kNone, kRead, kWait };

  boost::asio::awaitable<void> run();
  boost::asio::awaitable<void> answer();
  boost::asio::awaitable<HttpResponse> respond(HttpRequest request);
  boost::asio::awaitable<void> write_rest(std::string head, std::string_view body);
  boost::asio::awaitable<void> linger();

  boost::asio::awaitable<void> until_input();
  void watch();
  void on_input();
  void doze();

  bool parse();
  bool admit();
  std::optional<HttpResponse> answer_to_head();
  HttpResponse refuse(const Refusal& refusal, const HttpRequest& request);
  std::size_t write_some(std::string_view head, std::string_view body);
  void send_short(std::string_view text);
  ConnectionHeader connection_header() const;
  HttpResponse failure_response(std::exception_ptr failure);

  void enter(Phase phase);
  bool overdue() const;
  void release_buffer();
  void close();

  struct StartWait;

  IoLoop& loop_;
  boost::asio::ip::tcp::socket socket_;
  RequestParser parser_;
  BodyCharge charge_;
  bool admitted_ = false;                  // the running request has passed the guard
  std::unique_ptr<HttpResponse> refused_;  // the answer to a request that is not handled
  std::unique_ptr<ReadBuffer> buffer_;
  std::size_t begin_ = 0;  // unparsed bytes of the buffer
  std::size_t end_ = 0;
  Resumption reader_;  // the coroutine, while it waits for bytes
  Cancellation* cancellation_ = nullptr;
  Phase phase_ = Phase::kIdle;
  std::int64_t phase_tick_ = 0;
  std::uint64_t written_ = 0;  // in the writing phase
  Pending pending_ = Pending::kNone;
  bool drowsy_ = false;  // wait next, do not read
  bool peer_gone_ = false;
  bool last_ = false;  // the connection closes after this answer
};

}  // namespace headrace::runtime

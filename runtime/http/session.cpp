#include "runtime/http/session.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <new>
#include <utility>

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include "base/log.hpp"

namespace headrace::runtime {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

// Read and dropped after the last answer. More than the largest body: whoever sends one a little
// above the limit reads the refusal instead of losing the connection while sending.
constexpr std::size_t kLingerBytesMax = 16 * 1024 * 1024;

constexpr std::size_t kCopiedBodyMax = 4 * 1024;  // one buffer is cheaper to send than two

constexpr std::int64_t kTicksAwake = 2;  // a whole sweep at least

constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr std::string_view kTimedOut =
    "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
constexpr std::string_view kOutOfMemory =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

void count(std::atomic<std::uint64_t>& counter) { counter.fetch_add(1, std::memory_order_relaxed); }

}  // namespace

Session::Session(IoLoop& loop, tcp::socket socket)
    : loop_(loop),
      socket_(std::move(socket)),
      parser_(loop.limits().request),
      charge_(loop.parts().bodies) {
  error_code ignored;
  socket_.set_option(tcp::no_delay(true), ignored);
  socket_.non_blocking(true, ignored);
  enter(Phase::kIdle);
}

asio::awaitable<void> Session::serve(std::shared_ptr<Session> session) {
  try {
    co_await session->run();
  } catch (const std::bad_alloc&) {
    log_error("http connection ran out of memory");
    session->send_short(kOutOfMemory);
  } catch (const boost::system::system_error&) {
    // The loop cancelled its tasks: the connection ends, as after any other end.
  }
  session->close();
  session->loop_.leave(session);
}

asio::awaitable<void> Session::run() {
  int served = 0;
  while (socket_.is_open() && !last_) {
    const bool ready = parse();
    if (ready) {
      co_await answer();
      if (++served % loop_.limits().requests_per_turn == 0) {
        co_await asio::post(socket_.get_executor(), asio::use_awaitable);
      }
      continue;
    }
    const bool dismissed = loop_.draining() && phase_ == Phase::kIdle;
    if (peer_gone_ || dismissed) co_return;
    co_await until_input();
  }
  if (socket_.is_open()) {
    co_await linger();
  }
}

// Parses what is buffered. True when a request, or its refusal, can be answered.
bool Session::parse() {
  if (begin_ != end_) begin_ += parser_.feed({buffer_->data() + begin_, end_ - begin_});
  if (begin_ == end_) release_buffer();
  switch (parser_.state()) {
    case RequestParser::State::kRefused: return true;
    case RequestParser::State::kComplete: admit(); return true;
    case RequestParser::State::kHead:
      enter(parser_.started() ? Phase::kHead : Phase::kIdle);
      return false;
    case RequestParser::State::kBody:
      if (!admit()) return true;
      enter(Phase::kBody);
      if (parser_.take_expectation()) send_short(kContinue);
      return false;
  }
  return false;
}

// Decides from the head, and the body's memory so far, whether the request is taken. Whoever is
// refused sends no more of its body than is on its way already.
bool Session::admit() {
  if (!admitted_) {
    if (auto answer = answer_to_head()) {
      refused_ = std::make_unique<HttpResponse>(std::move(*answer));
      return false;
    }
  }
  admitted_ = true;
  if (charge_.raise_to(parser_.body_memory())) return true;
  count(loop_.parts().counters.requests_over_budget);
  last_ = true;
  const Refusal busy{503, "The server holds too many requests at this moment."};
  refused_ = std::make_unique<HttpResponse>(refuse(busy, parser_.incoming()));
  return false;
}

std::optional<HttpResponse> Session::answer_to_head() {
  const HttpRequest& request = parser_.incoming();
  const GuardConfig& guard = loop_.parts().config.guard;
  if (const auto refusal = check_guard(request, guard)) {
    count(loop_.parts().counters.requests_guarded);
    return refuse(*refusal, request);
  }
  if (auto preflight = answer_preflight(request, guard.origins)) return preflight;
  // When the body is there already, the handler says it all.
  if (parser_.state() != RequestParser::State::kBody) return std::nullopt;
  auto answer = loop_.parts().handler.turn_away(request);
  if (answer) allow_reading(*answer, allowed_origin(request, guard.origins));
  return answer;
}

HttpResponse Session::refuse(const Refusal& refusal, const HttpRequest& request) {
  const ServerParts& parts = loop_.parts();
  HttpResponse response = refusal_response(refusal, request, parts.request_ids.next());
  allow_reading(response, allowed_origin(request, parts.config.guard.origins));
  return response;
}

asio::awaitable<void> Session::answer() {
  HttpResponse response;
  bool head_only = false;
  if (parser_.state() == RequestParser::State::kRefused) {
    count(loop_.parts().counters.requests_malformed);
    last_ = true;
    response = refuse(parser_.refusal(), HttpRequest{});
  } else if (refused_ && parser_.state() == RequestParser::State::kBody) {
    last_ = true;
    response = std::move(*std::exchange(refused_, nullptr));
  } else {
    HttpRequest request = parser_.take();
    head_only = request.method == "HEAD";
    HttpResponse answered = co_await respond(std::move(request));
    response = std::move(answered);
    if (!parser_.keep_alive() || loop_.draining()) last_ = true;
  }
  admitted_ = false;
  charge_.release();
  if (!socket_.is_open()) co_return;

  std::string& head = loop_.scratch();
  head.clear();
  append_response_head(head, response, loop_.common_headers(), connection_header());
  std::string_view body = response.body;
  if (head_only || !may_have_body(response.status)) body = {};
  if (body.size() <= kCopiedBodyMax) {
    head += body;
    body = {};
  }
  enter(Phase::kWriting);
  const std::size_t sent = write_some(head, body);
  if (sent == head.size() + body.size() || !socket_.is_open()) co_return;
  std::string head_rest = head.substr(std::min(sent, head.size()));
  body.remove_prefix(sent - std::min(sent, head.size()));
  co_await write_rest(std::move(head_rest), body);
}

asio::awaitable<HttpResponse> Session::respond(HttpRequest request) {
  count(loop_.parts().counters.requests);
  if (const auto refused = std::exchange(refused_, nullptr)) {
    HttpResponse answer = std::move(*refused);
    co_return answer;
  }
  const std::string page(allowed_origin(request, loop_.parts().config.guard.origins));
  Cancellation cancellation;
  cancellation_ = &cancellation;
  enter(Phase::kHandling);
  watch();
  HttpResponse response;
  try {
    HttpResponse answered = co_await loop_.parts().handler.handle(std::move(request), cancellation);
    response = std::move(answered);
  } catch (...) {
    response = failure_response(std::current_exception());
  }
  cancellation_ = nullptr;
  allow_reading(response, page);
  co_return response;
}

// What a handler throws is a bug or a lack of memory; either costs this request only.
HttpResponse Session::failure_response(std::exception_ptr failure) {
  HttpResponse response;
  response.status = 500;
  response.content_type = "text/plain";
  response.body = "The server failed to answer this request.\n";
  if (!socket_.is_open()) return response;
  count(loop_.parts().counters.handler_failures);
  try {
    std::rethrow_exception(failure);
  } catch (const std::bad_alloc&) {
    response.status = 503;
    log_error("http handler ran out of memory");
  } catch (const std::exception& error) {
    log_error("http handler failed reason={}", error.what());
  } catch (...) {
    log_error("http handler failed reason=unknown");
  }
  return response;
}

asio::awaitable<void> Session::write_rest(std::string head, std::string_view body) {
  std::string_view first = head;
  written_ = 0;
  while (socket_.is_open() && first.size() + body.size() > 0) {
    error_code ec;
    auto token = asio::redirect_error(asio::use_awaitable, ec);
    co_await socket_.async_wait(tcp::socket::wait_write, token);
    if (ec) co_return;
    const std::size_t sent = write_some(first, body);
    const std::size_t of_first = std::min(sent, first.size());
    first.remove_prefix(of_first);
    body.remove_prefix(sent - of_first);
    written_ += sent;
  }
}

// Closing with unread bytes would reset the connection and could destroy the answer on its way, so
// the client gets to read it first.
asio::awaitable<void> Session::linger() {
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  enter(Phase::kLingering);
  std::size_t dropped = 0;
  while (socket_.is_open() && !peer_gone_ && dropped < kLingerBytesMax) {
    dropped += end_ - begin_;
    begin_ = end_;
    release_buffer();
    co_await until_input();
  }
}

struct Session::StartWait {
  Session* self;
  template <class Handler>
  void operator()(Handler handler) const {
    self->reader_ = Resumption(std::move(handler));
    self->watch();
  }
};

asio::awaitable<void> Session::until_input() {
  return asio::async_initiate<const asio::use_awaitable_t<>&, void(error_code)>(
      StartWait{this}, asio::use_awaitable);
}

// One read per request: begun before the handler runs, it sees the client leave, and it is the one
// that the next request's bytes end. A drowsy session only waits, without a buffer to read into.
void Session::watch() {
  if (pending_ != Pending::kNone) return;
  if (drowsy_) {
    pending_ = Pending::kWait;
    socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](error_code ec) {
      self->pending_ = Pending::kNone;
      if (!ec) self->drowsy_ = false;
      self->on_input();
    });
    return;
  }
  pending_ = Pending::kRead;
  if (!buffer_) buffer_ = loop_.take_buffer();
  const auto space = asio::buffer(buffer_->data() + end_, kReadBufferBytes - end_);
  socket_.async_read_some(space, [self = shared_from_this()](error_code ec, std::size_t n) {
    self->pending_ = Pending::kNone;
    self->end_ += n;
    if (n > 0) self->drowsy_ = false;
    if (ec && ec != asio::error::operation_aborted) self->peer_gone_ = true;
    self->on_input();
  });
}

// A read or a wait has ended: with bytes, with the end of the connection, or to start over.
void Session::on_input() {
  if (begin_ == end_) release_buffer();
  const bool over = peer_gone_ || !socket_.is_open();
  if (reader_) {
    if (over || begin_ != end_) return reader_.resume();
  } else if (over) {
    if (cancellation_ == nullptr) return;
    if (peer_gone_) count(loop_.parts().counters.requests_abandoned);
    cancellation_->request();
    return;
  }
  if (end_ < kReadBufferBytes) watch();  // a full buffer is not watched: so much may come ahead
}

// Head and body leave in one system call. Returns how many bytes the socket took.
std::size_t Session::write_some(std::string_view head, std::string_view body) {
  const std::array<asio::const_buffer, 2> both = {asio::buffer(head), asio::buffer(body)};
  error_code ec;
  const std::size_t sent =
      body.empty() ? socket_.write_some(both[0], ec) : socket_.write_some(both, ec);
  if (ec && ec != asio::error::would_block) close();
  return sent;
}

// So few bytes fit the socket's buffer unless the client reads nothing; then waiting is no use.
void Session::send_short(std::string_view text) {
  if (write_some(text, {}) != text.size()) close();
}

ConnectionHeader Session::connection_header() const {
  if (last_) return ConnectionHeader::kClose;
  return parser_.http_1_0() ? ConnectionHeader::kKeepAlive : ConnectionHeader::kNone;
}

void Session::on_tick() {
  if (!socket_.is_open()) return;
  if (!overdue()) return doze();
  count(loop_.parts().counters.connections_timed_out);
  if (phase_ == Phase::kHead || phase_ == Phase::kBody) write_some(kTimedOut, {});
  close();
}

// Whoever is quiet for a sweep gives its buffer back: the read ends and becomes a mere wait.
void Session::doze() {
  const bool quiet = phase_ == Phase::kIdle || phase_ == Phase::kHandling;
  if (!quiet || drowsy_ || pending_ != Pending::kRead) return;
  if (loop_.tick() - phase_tick_ < kTicksAwake) return;
  drowsy_ = true;
  error_code ignored;
  socket_.cancel(ignored);
}

void Session::begin_drain() {
  if (phase_ == Phase::kIdle) close();
}

void Session::abort() {
  close();
  if (cancellation_ != nullptr) cancellation_->request();
}

void Session::enter(Phase phase) {
  if (phase == phase_ && phase != Phase::kIdle) return;
  phase_ = phase;
  phase_tick_ = loop_.tick();
}

// The sweep that began the phase may have come at once, so the first tick does not count.
bool Session::overdue() const {
  const ServerLimits& limits = loop_.limits();
  const Duration age = limits.sweep_interval * (loop_.tick() - phase_tick_ - 1);
  const auto transfer_time = [&](std::uint64_t bytes) {
    const auto ms = bytes * 1000 / limits.transfer_bytes_per_second;
    return limits.transfer_grace + Duration(static_cast<Duration::rep>(ms));
  };
  switch (phase_) {
    case Phase::kIdle: return age >= limits.idle_time;
    case Phase::kHead: return age >= limits.head_time;
    case Phase::kBody: return age >= transfer_time(parser_.body_bytes());
    case Phase::kHandling: return false;  // the handler has a deadline of its own
    case Phase::kWriting: return age >= transfer_time(written_);
    case Phase::kLingering: return age >= limits.linger_time;
  }
  return false;
}

// Not while a read into it is pending.
void Session::release_buffer() {
  if (pending_ == Pending::kRead) return;
  begin_ = end_ = 0;
  if (buffer_) loop_.give_back(std::move(buffer_));
}

void Session::close() {
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace headrace::runtime

#include "runtime/http/server.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.hpp"
#include "base/run_on.hpp"
#include "runtime/http/io_loop.hpp"

namespace headrace::runtime {
namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr Duration kAcceptPause{100};  // when file descriptors or memory have run out
constexpr Duration kAbortTime{1'000};  // for cancelled requests to end

std::string to_text(const HttpServerConfig& config) {
  return config.host + ":" + std::to_string(config.port);
}

// Resets instead of a FIN: nothing of a refused connection stays in TIME_WAIT.
void reset(tcp::socket& socket) {
  error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

}  // namespace

struct HttpServer::IoThread {
  explicit IoThread(const ServerParts& parts)
      : context(1), loop(context, parts), work(context.get_executor()) {}
  ~IoThread() { join(); }

  void run() {
    thread = std::thread([this] { context.run(); });
  }

  void join() {
    context.stop();
    if (thread.joinable()) thread.join();
  }

  asio::io_context context;
  IoLoop loop;
  asio::executor_work_guard<asio::io_context::executor_type> work;
  std::thread thread;
};

HttpServer::HttpServer(asio::io_context& loop, Clock& clock, HttpServerConfig config,
                       HttpHandler& handler)
    : loop_(loop),
      clock_(clock),
      config_(std::move(config)),
      handler_(handler),
      bodies_(config_.limits.bodies_bytes),
      request_ids_(config_.request_id_seed),
      acceptor_(loop),
      tasks_(loop.get_executor()) {}

HttpServer::~HttpServer() { stop_threads(); }

Result<std::uint16_t> HttpServer::bind() {
  error_code ec;
  tcp::resolver resolver(loop_);
  const auto found = resolver.resolve(config_.host, std::to_string(config_.port),
                                      tcp::resolver::passive | tcp::resolver::numeric_service, ec);
  if (ec || found.empty()) {
    return Error{ErrorCode::kInvalid, "cannot listen on " + to_text(config_) + ": no such address"};
  }
  const Status listening = listen(found.begin()->endpoint());
  if (!listening) return listening.error();
  return acceptor_.local_endpoint().port();
}

void HttpServer::start() {
  const ServerParts parts{config_, clock_, handler_, counters_, bodies_, request_ids_};
  if (config_.threads == 0) {
    own_loop_ = std::make_unique<IoLoop>(loop_, parts);
    io_loops_.push_back(own_loop_.get());
  }
  for (int i = 0; i < config_.threads; ++i) {
    threads_.push_back(std::make_unique<IoThread>(parts));
    io_loops_.push_back(&threads_.back()->loop);
  }
  for (const auto& thread : threads_) thread->run();
  tasks_.spawn("http accept", accept_connections());
}

Status HttpServer::listen(const tcp::endpoint& endpoint) {
  error_code ec;
  acceptor_.open(endpoint.protocol(), ec);
  if (!ec) acceptor_.set_option(asio::socket_base::reuse_address(true), ec);
  if (!ec) acceptor_.bind(endpoint, ec);
  if (!ec) acceptor_.listen(asio::socket_base::max_listen_connections, ec);
  if (!ec) return {};
  error_code ignored;
  acceptor_.close(ignored);
  if (ec == asio::error::address_in_use) {
    return Error{ErrorCode::kExists,
                 to_text(config_) + " is in use: another program listens there already"};
  }
  return Error{ErrorCode::kIo, "cannot listen on " + to_text(config_) + ": " + ec.message()};
}

asio::awaitable<void> HttpServer::accept_connections() {
  while (acceptor_.is_open()) {
    IoLoop& target = *io_loops_[next_++ % io_loops_.size()];
    error_code ec;
    auto token = asio::redirect_error(asio::use_awaitable, ec);
    tcp::socket socket = co_await acceptor_.async_accept(target.context(), token);
    if (ec) {
      co_await pause_accepting(ec);
    } else {
      admit(target, std::move(socket));
    }
  }
}

// Clients wait in the listen queue meanwhile; trying again at once would only spin.
asio::awaitable<void> HttpServer::pause_accepting(error_code reason) {
  if (reason == asio::error::operation_aborted || reason == asio::error::connection_aborted) {
    co_return;
  }
  counters_.accept_failures.fetch_add(1, std::memory_order_relaxed);
  log_warning("http accept failed reason={}", reason.message());
  const TimePoint again = clock_.now() + kAcceptPause;
  co_await clock_.sleep_until(again);
}

void HttpServer::admit(IoLoop& target, tcp::socket socket) {
  if (counters_.connections_open.load(std::memory_order_relaxed) >= config_.limits.connections) {
    counters_.connections_refused.fetch_add(1, std::memory_order_relaxed);
    reset(socket);
    return;
  }
  counters_.connections_accepted.fetch_add(1, std::memory_order_relaxed);
  counters_.connections_open.fetch_add(1, std::memory_order_relaxed);
  if (own_loop_) {
    target.adopt(std::move(socket));
  } else {
    asio::post(target.context(),
               [&target, s = std::move(socket)]() mutable { target.adopt(std::move(s)); });
  }
}

asio::awaitable<void> HttpServer::stop() {
  if (stopped_) co_return;
  stopped_ = true;
  error_code ignored;
  acceptor_.close(ignored);
  tasks_.cancel();
  draining_ = io_loops_.size();
  for (IoLoop* target : io_loops_) tasks_.spawn("http drain", drain(target));
  const TimePoint deadline = clock_.now() + config_.limits.drain_time;
  co_await until_drained(deadline);
  if (draining_ > 0) {
    log_warning("http requests cancelled at stop connections={}", stats().connections_open);
    for (IoLoop* target : io_loops_) asio::post(target->context(), [target] { target->abort(); });
    const TimePoint last = clock_.now() + kAbortTime;
    co_await until_drained(last);
    if (draining_ > 0) log_error("http handlers ignored their cancellation loops={}", draining_);
  }
  stop_threads();
}

asio::awaitable<void> HttpServer::drain(IoLoop* target) {
  asio::awaitable<void> drained = target->drain();
  co_await run_on(target->context(), std::move(drained));
  --draining_;
  drained_.notify_all();
}

asio::awaitable<void> HttpServer::until_drained(TimePoint deadline) {
  while (draining_ > 0) {
    const bool notified = co_await drained_.wait_until(clock_, deadline);
    if (!notified) co_return;
  }
}

void HttpServer::stop_threads() {
  for (const auto& thread : threads_) thread->join();
}

HttpServerStats HttpServer::stats() const {
  const auto read = [](const std::atomic<std::uint64_t>& counter) {
    return counter.load(std::memory_order_relaxed);
  };
  return HttpServerStats{.connections_accepted = read(counters_.connections_accepted),
                         .connections_refused = read(counters_.connections_refused),
                         .connections_open = read(counters_.connections_open),
                         .connections_timed_out = read(counters_.connections_timed_out),
                         .accept_failures = read(counters_.accept_failures),
                         .requests = read(counters_.requests),
                         .requests_malformed = read(counters_.requests_malformed),
                         .requests_guarded = read(counters_.requests_guarded),
                         .requests_over_budget = read(counters_.requests_over_budget),
                         .requests_abandoned = read(counters_.requests_abandoned),
                         .handler_failures = read(counters_.handler_failures)};
}

}  // namespace headrace::runtime

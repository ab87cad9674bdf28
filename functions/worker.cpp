#include "functions/worker.hpp"

#include <array>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/check.hpp"
#include "base/codec.hpp"
#include "base/log.hpp"
#include "functions/drain.hpp"
#include "functions/limits.hpp"

namespace headrace::functions {
namespace asio = boost::asio;
using boost::system::error_code;

struct Worker::Call {
  CallReport report{};
  OneShot<CallEnd> end{};
};

// From the first byte sent to the report. When the caller is cancelled in between, the process is
// killed: half an invocation was sent, or the handler still runs.
class Worker::CallScope {
 public:
  CallScope(Worker& worker, Call& call, TimePoint deadline) : worker_(worker), call_(call) {
    worker.call_ = &call;
    alarm_ = worker.clock_.call_at(deadline, [&worker] { worker.kill(CallEnd::kTimedOut); });
  }
  CallScope(const CallScope&) = delete;
  CallScope& operator=(const CallScope&) = delete;
  ~CallScope() {
    worker_.clock_.cancel(alarm_);
    if (!call_.end.delivered()) worker_.kill(CallEnd::kExited);
    worker_.call_ = nullptr;
    worker_.call_ended_.notify_all();
  }

 private:
  Worker& worker_;
  Call& call_;
  TimerId alarm_{};
};

Worker::Worker(asio::io_context& loop, Clock& clock, StartedWorker started)
    : clock_(clock),
      process_(loop, started.process.pid, std::move(started.process.pidfd)),
      output_(loop, started.process.output.release()),
      link_(std::move(started.link)),
      tasks_(loop.get_executor()) {
  output_.non_blocking(true);
}

Worker::~Worker() {
  if (grace_timer_) clock_.cancel(*grace_timer_);
  if (death_timer_) clock_.cancel(*death_timer_);
}

asio::awaitable<Status> Worker::start(Duration init_time) {
  init_time_ = init_time;
  tasks_.spawn("worker process", watch_process());
  tasks_.spawn("worker output", read_output());
  link_->open(*this);
  const TimePoint deadline = clock_.now() + init_time;
  const TimerId alarm = clock_.call_at(deadline, [this] { kill(CallEnd::kTimedOut); });
  Status status = co_await ready_.wait();
  clock_.cancel(alarm);
  co_return status;
}

asio::awaitable<CallReport> Worker::call(const Invocation& invocation, TimePoint deadline) {
  HR_CHECK(alive());
  Call call;
  const CallScope scope(*this, call, deadline);
  co_await link_->send(invocation, deadline);
  call.report.end = co_await call.end.wait();
  call.report.log_lines = log_.take();
  call.report.exit = exit_;
  co_return std::move(call.report);
}

void Worker::stop() {
  ending_ = true;
  link_->ask_to_end();
  kill_after_grace(CallEnd::kExited);
}

asio::awaitable<void> Worker::ended() {
  co_await tasks_.join();
  co_await link_->closed();
  while (call_ != nullptr) co_await call_ended_.wait();
}

asio::awaitable<void> Worker::watch_process() {
  exit_ = co_await process_.wait();
  ending_ = true;
  // What was said before the end counts: a handler that answered and then died has answered.
  link_->drain();
  drain_output();
  finish();
}

// Whoever waits for this worker goes on.
void Worker::finish() {
  if (grace_timer_) clock_.cancel(*grace_timer_);
  if (death_timer_) clock_.cancel(*death_timer_);
  if (!ready_.delivered()) ready_.deliver(init_failure());
  if (call_ != nullptr) {
    const CallEnd end = killed_for_.value_or(CallEnd::kExited);
    call_->end.deliver(call_->report.answered ? CallEnd::kDone : end);
  }
  link_->close();
  error_code ignored;
  output_.close(ignored);
}

// Neither a lane nor a stopping server waits for what the kernel does not let die.
void Worker::give_up() {
  log_error("a killed worker did not end and is left behind pid={}", process_.pid());
  process_.abandon();
  finish();
}

Error Worker::init_failure() {
  const bool late = killed_for_ == CallEnd::kTimedOut;
  std::string reason = bounded_utf8(init_error_, kErrorTextBytesMax);
  if (late) reason = "it took longer than " + std::to_string(init_time_.count() / 1000) + " s";
  if (reason.empty()) reason = "the worker ended with " + describe(exit_);
  for (const std::string& line : log_.take()) reason += "; " + line;
  return Error{late ? ErrorCode::kTimeout : ErrorCode::kUnavailable, "init failed: " + reason};
}

asio::awaitable<void> Worker::read_output() {
  std::array<char, kReadBytes> bytes{};
  for (;;) {
    const auto got =
        co_await output_.async_read_some(asio::buffer(bytes), asio::as_tuple(asio::use_awaitable));
    if (std::get<0>(got)) break;
    log_.append({bytes.data(), std::get<1>(got)});
  }
}

void Worker::drain_output() {
  drain(output_, [this](std::string_view bytes) { log_.append(bytes); });
}

// Whoever was killed is heard no more: too late, or not to be trusted.
void Worker::on_ready() {
  if (!killed_for_) ready_.deliver(Status());
}

void Worker::on_init_failed(std::string reason) {
  if (ready_.delivered() || init_error_.size() > kErrorTextBytesMax) return;
  if (!init_error_.empty()) init_error_ += ": ";
  init_error_ += reason;
}

void Worker::on_log(std::string line) { log_.add_line(std::move(line)); }

void Worker::on_done() {
  if (running_call() == nullptr) return;
  drain_output();
  if (call_->report.max_memory_bytes == 0) {
    call_->report.max_memory_bytes = process_.peak_memory_bytes();
  }
  call_->end.deliver(CallEnd::kDone);
}

void Worker::on_broken() { kill(CallEnd::kBroken); }

void Worker::on_silent() {
  if (!ending_) kill_after_grace(CallEnd::kBroken);
}

CallReport* Worker::running_call() {
  if (killed_for_ || call_ == nullptr || call_->end.delivered()) return nullptr;
  return &call_->report;
}

void Worker::kill(CallEnd reason) {
  ending_ = true;
  if (!killed_for_) killed_for_ = reason;
  process_.kill();
  if (death_timer_) return;
  death_timer_ = clock_.call_at(clock_.now() + kWorkerDeathGrace, [this] { give_up(); });
}

void Worker::kill_after_grace(CallEnd reason) {
  if (grace_timer_) return;
  const TimePoint when = clock_.now() + kWorkerEndGrace;
  grace_timer_ = clock_.call_at(when, [this, reason] { kill(reason); });
}

}  // namespace headrace::functions

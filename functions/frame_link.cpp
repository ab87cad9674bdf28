#include "functions/worker.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <sys/socket.h>

#include "base/check.hpp"
#include "base/codec.hpp"
#include "base/log.hpp"
#include "functions/records_event.hpp"

namespace headrace::functions {
namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t kReadBytes = 16U << 10U;

// Read at most at one time: what somebody floods must not hold the loop.
constexpr std::size_t kDrainBytesMax = 1U << 20U;

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);

const char* level_prefix(std::uint32_t level) {
  static constexpr std::array<const char*, 4> kPrefixes = {"[DEBUG] ", "", "[WARNING] ",
                                                           "[ERROR] "};
  return level < kPrefixes.size() ? kPrefixes[level] : "";
}

}  // namespace

struct Worker::Call {
  const Event& event;
  CallReport report{};
  std::vector<bool> failed{};  // by record, once the first failed
  std::size_t reason_bytes = 0;
  bool event_sent = false;
  OneShot<CallEnd> end{};
};

// From the first byte sent to the report. When the caller is cancelled in between, the process is
// killed: half a frame was sent, or the handler still runs.
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

Worker::Worker(asio::io_context& loop, Clock& clock, SpawnedProcess process)
    : clock_(clock),
      process_(loop, process.pid, std::move(process.pidfd)),
      socket_(loop, asio::local::stream_protocol(), process.socket.release()),
      output_(loop, process.output.release()),
      tasks_(loop.get_executor()) {
  socket_.non_blocking(true);
  output_.non_blocking(true);
}

Worker::~Worker() {
  if (grace_timer_) clock_.cancel(*grace_timer_);
  if (death_timer_) clock_.cancel(*death_timer_);
}

asio::awaitable<Status> Worker::start() {
  tasks_.spawn("worker process", watch_process());
  tasks_.spawn("worker frames", read_frames());
  tasks_.spawn("worker output", read_output());
  const TimePoint deadline = clock_.now() + kInitTimeMax;
  const TimerId alarm = clock_.call_at(deadline, [this] { kill(CallEnd::kTimedOut); });
  Status status = co_await ready_.wait();
  clock_.cancel(alarm);
  co_return status;
}

asio::awaitable<CallReport> Worker::call(const std::string& head, const Event& event,
                                         TimePoint deadline) {
  HR_CHECK(alive());
  Call call{event};
  const CallScope scope(*this, call, deadline);
  co_await send_call(head, event);
  call.report.end = co_await call.end.wait();
  call.report.log_lines = log_.take();
  call.report.exit = exit_;
  co_return std::move(call.report);
}

asio::awaitable<void> Worker::send_call(const std::string& head, const Event& event) {
  std::vector<asio::const_buffer> buffers = {asio::buffer(head)};
  for (const Record& record : event.records) buffers.push_back(asio::buffer(record.body));
  const auto sent = co_await asio::async_write(socket_, buffers, kNoThrow);
  // The process does not read any more; how it ended is the better answer, if it does end.
  if (std::get<0>(sent)) kill_after_grace(CallEnd::kGarbage);
}

asio::awaitable<void> Worker::send_frame(std::string frame) {
  const auto sent = co_await asio::async_write(socket_, asio::buffer(frame), kNoThrow);
  if (std::get<0>(sent)) kill_after_grace(CallEnd::kGarbage);
}

void Worker::stop() {
  ending_ = true;
  std::string frame;
  append_frame(frame, FrameType::kStop, {});
  error_code ignored;
  socket_.write_some(asio::buffer(frame), ignored);
  kill_after_grace(CallEnd::kExited);
}

asio::awaitable<void> Worker::ended() {
  co_await tasks_.join();
  while (call_ != nullptr) co_await call_ended_.wait();
}

asio::awaitable<void> Worker::watch_process() {
  exit_ = co_await process_.wait();
  ending_ = true;
  // Frames sent before the end count: a handler that answered and then died has answered.
  drain_frames();
  drain_output();
  finish();
}

// Whoever waits for this worker goes on.
void Worker::finish() {
  if (grace_timer_) clock_.cancel(*grace_timer_);
  if (death_timer_) clock_.cancel(*death_timer_);
  if (!ready_.delivered()) ready_.deliver(init_failure());
  if (call_ != nullptr) call_->end.deliver(killed_for_.value_or(CallEnd::kExited));
  error_code ignored;
  socket_.close(ignored);
  output_.close(ignored);
}

// Neither a lane nor a stopping server waits for what the kernel does not let die.
void Worker::give_up() {
  log_error("a killed worker did not end and is left behind pid={}", process_.pid());
  process_.abandon();
  finish();
}

Error Worker::init_failure() {
  std::string reason = bounded_utf8(init_error_, kErrorTextBytesMax);
  if (killed_for_ == CallEnd::kTimedOut) reason = "it took longer than 10 s";
  if (reason.empty()) reason = "the worker ended with " + describe(exit_);
  for (const std::string& line : log_.take()) reason += "; " + line;
  return Error{ErrorCode::kUnavailable, "init failed: " + reason};
}

asio::awaitable<void> Worker::read_frames() {
  std::array<char, kReadBytes> bytes{};
  for (;;) {
    const auto got = co_await socket_.async_read_some(asio::buffer(bytes), kNoThrow);
    if (std::get<0>(got)) break;
    take_frames({bytes.data(), std::get<1>(got)});
  }
  // A dying process closes its socket first. One that goes on without it is of no use.
  if (!ending_) kill_after_grace(CallEnd::kGarbage);
}

asio::awaitable<void> Worker::read_output() {
  std::array<char, kReadBytes> bytes{};
  for (;;) {
    const auto got = co_await output_.async_read_some(asio::buffer(bytes), kNoThrow);
    if (std::get<0>(got)) break;
    log_.append({bytes.data(), std::get<1>(got)});
  }
}

void Worker::drain_frames() {
  std::array<char, kReadBytes> bytes{};
  error_code failure;
  for (std::size_t drained = 0; drained < kDrainBytesMax;) {
    const std::size_t size = socket_.read_some(asio::buffer(bytes), failure);
    if (failure) return;
    take_frames({bytes.data(), size});
    drained += size;
  }
}

void Worker::drain_output() {
  std::array<char, kReadBytes> bytes{};
  error_code failure;
  for (std::size_t drained = 0; drained < kDrainBytesMax;) {
    const std::size_t size = output_.read_some(asio::buffer(bytes), failure);
    if (failure) return;
    log_.append({bytes.data(), size});
    drained += size;
  }
}

void Worker::take_frames(std::string_view bytes) {
  if (killed_for_) return;  // too late, or not to be trusted
  decoder_.append(bytes);
  Frame frame;
  for (;;) {
    const FrameDecoder::Next next = decoder_.next(frame);
    if (next == FrameDecoder::Next::kNone) return;
    if (next == FrameDecoder::Next::kBroken || !take_frame(frame)) {
      kill(CallEnd::kGarbage);
      return;
    }
  }
}

// False for a frame that makes no sense now; only its parser knows what is in it.
bool Worker::take_frame(const Frame& frame) {
  const PayloadReader payload(frame.payload);
  switch (frame.type) {
    case FrameType::kReady:
      if (ready_.delivered()) return false;
      ready_.deliver(Status());
      return true;
    case FrameType::kInitFailed:
      if (ready_.delivered()) return false;
      if (init_error_.size() > kErrorTextBytesMax) return true;
      if (!init_error_.empty()) init_error_ += ": ";
      init_error_ += frame.payload;
      return true;
    case FrameType::kLog: return take_log(payload);
    case FrameType::kError: return take_error(payload);
    case FrameType::kRecordFailed:
    case FrameType::kResponse:
    case FrameType::kEventWanted:
    case FrameType::kDone:
      return call_ != nullptr && !call_->end.delivered() && take_call_frame(frame);
    case FrameType::kInvoke:
    case FrameType::kStop:
    case FrameType::kEventJson: return false;
  }
  return false;
}

bool Worker::take_call_frame(const Frame& frame) {
  PayloadReader payload(frame.payload);
  if (frame.type == FrameType::kRecordFailed) return take_record_failure(payload);
  if (frame.type == FrameType::kResponse) {
    call_->report.response = frame.payload;
    return true;
  }
  if (frame.type == FrameType::kEventWanted) {
    if (call_->event_sent) return false;
    call_->event_sent = true;
    std::string answer;
    append_frame(answer, FrameType::kEventJson, render_records_event(call_->event));
    tasks_.spawn("worker event", send_frame(std::move(answer)));
    return true;
  }
  call_->report.status = payload.number<std::uint32_t>();
  const auto memory_kib = payload.number<std::uint64_t>();
  if (!payload.finished()) return false;
  call_->report.max_memory_bytes = static_cast<std::int64_t>(memory_kib * 1024);
  drain_output();
  call_->end.deliver(CallEnd::kDone);
  return true;
}

bool Worker::take_log(PayloadReader payload) {
  const auto level = payload.number<std::uint32_t>();
  const std::string_view text = payload.text();
  if (!payload.finished()) return false;
  std::string line = level_prefix(level);
  line += text;
  log_.add_line(std::move(line));
  return true;
}

bool Worker::take_error(PayloadReader payload) {
  const std::string_view type = payload.text();
  const std::string_view message = payload.text();
  const std::string_view trace = payload.text();
  if (!payload.finished()) return false;
  if (!ready_.delivered()) {
    init_error_ = message;
    return true;
  }
  if (call_ == nullptr || call_->end.delivered()) return false;
  CallReport& report = call_->report;
  if (report.errored) return true;
  report.errored = true;
  report.error_type = bounded_utf8(type, kErrorTextBytesMax);
  report.error_message = bounded_utf8(message, kErrorTextBytesMax);
  report.error_trace = bounded_utf8(trace, kErrorTextBytesMax);
  return true;
}

bool Worker::take_record_failure(PayloadReader payload) {
  const auto index = payload.number<std::uint32_t>();
  const std::string_view reason = payload.text();
  const std::size_t count = call_->event.records.size();
  if (!payload.finished() || index >= count) return false;
  call_->failed.resize(count);
  if (call_->failed[index]) return true;
  call_->failed[index] = true;
  // Beyond the sum a record still fails, without its reason.
  const std::size_t room = kReasonsBytesMax - call_->reason_bytes;
  std::string kept = bounded_utf8(reason, std::min(kReasonBytesMax, room));
  call_->reason_bytes += kept.size();
  call_->report.record_failures.push_back({index, std::move(kept)});
  return true;
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

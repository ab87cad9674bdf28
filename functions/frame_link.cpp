#include "functions/frame_link.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include "base/codec.hpp"
#include "functions/drain.hpp"
#include "functions/invoke_frame.hpp"
#include "functions/limits.hpp"
#include "functions/records_event.hpp"

namespace headrace::functions {
namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr auto kNoThrow = asio::as_tuple(asio::use_awaitable);

const char* level_prefix(std::uint32_t level) {
  static constexpr std::array<const char*, 4> kPrefixes = {"[DEBUG] ", "", "[WARNING] ",
                                                           "[ERROR] "};
  return level < kPrefixes.size() ? kPrefixes[level] : "";
}

}  // namespace

FrameLink::FrameLink(asio::io_context& loop, const Clock& clock, const FunctionConfig& config,
                     UniqueFd socket)
    : clock_(clock),
      config_(config),
      socket_(loop, asio::local::stream_protocol(), socket.release()),
      tasks_(loop.get_executor()) {
  socket_.non_blocking(true);
}

void FrameLink::open(WorkerEvents& events) {
  events_ = &events;
  tasks_.spawn("worker frames", read_frames());
}

asio::awaitable<void> FrameLink::send(const Invocation& invocation, TimePoint deadline) {
  call_ = Call{};
  call_.event = invocation.event;
  InvokeHead head;
  head.request_id = invocation.request_id;
  head.function_name = config_.name;
  head.function_version = config_.version;
  head.function_arn = config_.arn;
  head.deadline_ms = to_epoch_ms(deadline);
  head.remaining_ms = (deadline - clock_.now()).count();
  const std::string frame = encode_invoke_frame(head, *invocation.event);
  std::vector<asio::const_buffer> buffers = {asio::buffer(frame)};
  for (const Record& record : invocation.event->records) {
    buffers.push_back(asio::buffer(record.body));
  }
  const auto sent = co_await asio::async_write(socket_, buffers, kNoThrow);
  if (std::get<0>(sent)) events_->on_silent();
}

asio::awaitable<void> FrameLink::send_frame(std::string frame) {
  const auto sent = co_await asio::async_write(socket_, asio::buffer(frame), kNoThrow);
  if (std::get<0>(sent)) events_->on_silent();
}

void FrameLink::ask_to_end() {
  std::string frame;
  append_frame(frame, FrameType::kStop, {});
  error_code ignored;
  socket_.write_some(asio::buffer(frame), ignored);
}

void FrameLink::close() {
  error_code ignored;
  socket_.close(ignored);
}

asio::awaitable<void> FrameLink::closed() { return tasks_.join(); }

asio::awaitable<void> FrameLink::read_frames() {
  std::array<char, kReadBytes> bytes{};
  for (;;) {
    const auto got = co_await socket_.async_read_some(asio::buffer(bytes), kNoThrow);
    if (std::get<0>(got)) break;
    take_frames({bytes.data(), std::get<1>(got)});
  }
  // A dying process closes its socket first. One that goes on without it is of no use.
  events_->on_silent();
}

void FrameLink::drain() {
  functions::drain(socket_, [this](std::string_view bytes) { take_frames(bytes); });
}

void FrameLink::take_frames(std::string_view bytes) {
  if (broken_) return;
  decoder_.append(bytes);
  Frame frame;
  for (;;) {
    const FrameDecoder::Next next = decoder_.next(frame);
    if (next == FrameDecoder::Next::kNone) return;
    if (next == FrameDecoder::Next::kBroken || !take_frame(frame)) {
      broken_ = true;
      events_->on_broken();
      return;
    }
  }
}

// False for a frame that makes no sense now; only its parser knows what is in it.
bool FrameLink::take_frame(const Frame& frame) {
  const PayloadReader payload(frame.payload);
  CallReport* const report = events_->running_call();
  switch (frame.type) {
    case FrameType::kReady: return take_ready();
    case FrameType::kInitFailed:
      if (ready_) return false;
      events_->on_init_failed(std::string(frame.payload));
      return true;
    case FrameType::kLog: return take_log(payload);
    case FrameType::kError: return take_error(payload);
    case FrameType::kRecordFailed:
    case FrameType::kResponse:
    case FrameType::kEventWanted:
    case FrameType::kDone: return report != nullptr && take_call_frame(frame, *report);
    case FrameType::kInvoke:
    case FrameType::kStop:
    case FrameType::kEventJson: return false;
  }
  return false;
}

bool FrameLink::take_ready() {
  if (ready_) return false;
  ready_ = true;
  events_->on_ready();
  return true;
}

bool FrameLink::take_call_frame(const Frame& frame, CallReport& report) {
  const PayloadReader payload(frame.payload);
  if (frame.type == FrameType::kRecordFailed) return take_record_failure(payload, report);
  if (frame.type == FrameType::kEventWanted) return take_event_wanted();
  if (frame.type == FrameType::kDone) return take_done(payload, report);
  report.response = frame.payload;
  return true;
}

bool FrameLink::take_event_wanted() {
  if (call_.event_sent) return false;
  call_.event_sent = true;
  std::string answer;
  append_frame(answer, FrameType::kEventJson, render_event(*call_.event));
  tasks_.spawn("worker event", send_frame(std::move(answer)));
  return true;
}

bool FrameLink::take_done(PayloadReader payload, CallReport& report) {
  const auto status = payload.number<std::uint32_t>();
  const auto memory_kib = payload.number<std::uint64_t>();
  if (!payload.finished()) return false;
  report.max_memory_bytes = static_cast<std::int64_t>(memory_kib * 1024);
  if (status != 0 && !report.error) {
    report.error = {"Function.Error", "the handler returned " + std::to_string(status), {}};
  }
  events_->on_done();
  return true;
}

bool FrameLink::take_log(PayloadReader payload) {
  const auto level = payload.number<std::uint32_t>();
  const std::string_view text = payload.text();
  if (!payload.finished()) return false;
  std::string line = level_prefix(level);
  line += text;
  events_->on_log(std::move(line));
  return true;
}

bool FrameLink::take_error(PayloadReader payload) {
  const std::string_view type = payload.text();
  const std::string_view message = payload.text();
  const std::string_view trace = payload.text();
  if (!payload.finished()) return false;
  if (!ready_) {
    events_->on_init_failed(std::string(message));
    return true;
  }
  CallReport* const report = events_->running_call();
  if (report == nullptr) return false;
  if (report->error) return true;
  report->error = {bounded_utf8(type, kErrorTextBytesMax),
                   bounded_utf8(message, kErrorTextBytesMax),
                   bounded_utf8(trace, kErrorTextBytesMax)};
  return true;
}

bool FrameLink::take_record_failure(PayloadReader payload, CallReport& report) {
  const auto index = payload.number<std::uint32_t>();
  const std::string_view reason = payload.text();
  const std::size_t count = call_.event->records.size();
  if (!payload.finished() || index >= count) return false;
  call_.failed.resize(count);
  if (call_.failed[index]) return true;
  call_.failed[index] = true;
  // Beyond the sum a record still fails, without its reason.
  const std::size_t room = kReasonsBytesMax - call_.reason_bytes;
  std::string kept = bounded_utf8(reason, std::min(kReasonBytesMax, room));
  call_.reason_bytes += kept.size();
  report.record_failures.push_back({index, std::move(kept)});
  return true;
}

}  // namespace headrace::functions

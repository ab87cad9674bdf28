#include "functions/worker/host.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include <sys/resource.h>

#include "functions/limits.hpp"
#include "functions/worker_protocol.hpp"

namespace headrace::worker {

using functions::FrameType;
using functions::PayloadWriter;

namespace {

// Texts of a handler that are longer are cut: a reason is a sentence, not a dump.
constexpr std::size_t kTextBytesMax = 64U << 10U;

Call& to_call(hr_call* call) { return *reinterpret_cast<Call*>(call); }
hr_call* to_handle(Call& call) { return reinterpret_cast<hr_call*>(&call); }
hr_str borrow(const std::string& text) { return {text.data(), text.size()}; }

std::string_view cut(hr_str text) {
  if (text.ptr == nullptr) return {};
  return {text.ptr, std::min(text.len, kTextBytesMax)};
}

void send_error(Channel& channel, std::string_view type, std::string_view message,
                std::string_view trace) {
  std::string payload;
  PayloadWriter(payload).text(type).text(message).text(trace);
  channel.queue(FrameType::kError, payload);
}

void host_log(hr_call* call, int level, hr_str text) {
  std::string payload;
  PayloadWriter(payload).number(static_cast<std::uint32_t>(level)).text(cut(text));
  to_call(call).channel.queue(FrameType::kLog, payload);
  to_call(call).channel.flush();  // the last words before a crash are the interesting ones
}

void host_fail(hr_call* call, std::uint32_t index, hr_str reason) {
  const Call& running = to_call(call);
  if (running.batch == nullptr || index >= running.batch->view.count) return;
  std::string payload;
  PayloadWriter(payload).number(index).text(cut(reason));
  running.channel.queue(FrameType::kRecordFailed, payload);
}

void host_error(hr_call* call, hr_str type, hr_str message, hr_str trace) {
  send_error(to_call(call).channel, cut(type), cut(message), cut(trace));
}

void host_respond(hr_call* call, hr_str json) {
  const Call& running = to_call(call);
  if (running.batch == nullptr || json.ptr == nullptr) return;
  if (json.len > functions::kResponseBytesMax) {
    send_error(running.channel, functions::kResponseTooLargeType,
               functions::kResponseTooLargeMessage, {});
    return;
  }
  running.channel.queue(FrameType::kResponse, {json.ptr, json.len});
}

hr_str host_event_json(hr_call* call) {
  Call& running = to_call(call);
  if (running.batch == nullptr || running.event_asked) return running.event_view;
  running.event_asked = true;
  running.channel.queue(FrameType::kEventWanted, {});
  running.channel.flush();
  const Channel::Frame answer = running.channel.receive(running.event_json);
  if (answer.type != FrameType::kEventJson) std::abort();
  running.event_view = {answer.payload.data(), answer.payload.size()};
  return running.event_view;
}

std::int64_t host_remaining_ms(hr_call* call) {
  const auto rest = to_call(call).deadline - std::chrono::steady_clock::now();
  const auto rest_ms = std::chrono::duration_cast<std::chrono::milliseconds>(rest).count();
  return std::max<std::int64_t>(rest_ms, 0);
}

const void* host_extension(const char* /*id*/) { return nullptr; }

std::uint64_t peak_memory_kib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss);
}

// Returns the handler's state; ends the process when init fails, after saying why.
void* initialise(const hr_function& function, Channel& channel) {
  if (function.init == nullptr) return nullptr;
  const char* name = std::getenv("AWS_LAMBDA_FUNCTION_NAME");
  const char* version = std::getenv("AWS_LAMBDA_FUNCTION_VERSION");
  const std::string name_text = name != nullptr ? name : "";
  const std::string version_text = version != nullptr ? version : "";
  Call call{channel};
  const hr_init init{sizeof(hr_init),     0, &host_functions(), to_handle(call), borrow(name_text),
                     borrow(version_text)};
  void* state = nullptr;
  const int status = function.init(&init, &state);
  if (status == 0) return state;
  channel.queue(FrameType::kInitFailed, "init returned " + std::to_string(status));
  channel.flush();
  std::_Exit(1);
}

void handle(const hr_function& function, void* state, Channel& channel, const Batch& batch) {
  Call call{channel, &batch};
  call.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(batch.remaining_ms);
  const hr_context context{sizeof(hr_context),
                           0,
                           &host_functions(),
                           to_handle(call),
                           batch.request_id,
                           batch.function_name,
                           batch.function_version,
                           batch.function_arn,
                           batch.trace_id,
                           batch.deadline_ms,
                           &batch.view};
  const int status = function.handle(state, &context);
  std::string payload;
  PayloadWriter(payload).number(static_cast<std::uint32_t>(status)).number(peak_memory_kib());
  channel.queue(FrameType::kDone, payload);
  std::fflush(stdout);  // what the handler printed belongs to this invocation
  channel.flush();
}

}  // namespace

const hr_host& host_functions() {
  static const hr_host host = {sizeof(hr_host),   HR_ABI_MAJOR,  HR_ABI_MINOR, host_log,
                               host_fail,         host_error,    host_respond, host_event_json,
                               host_remaining_ms, host_extension};
  return host;
}

int serve(const std::string& path) {
  std::setvbuf(stdout, nullptr, _IOLBF,
               0);  // lines reach the server in their order, before a crash
  Channel channel;
  const LoadedFunction loaded = load_function(path, host_functions());
  if (loaded.description == nullptr) {
    channel.queue(FrameType::kInitFailed, loaded.problem);
    channel.flush();
    return 1;
  }
  const hr_function& function = *loaded.description;
  void* state = initialise(function, channel);
  channel.queue(FrameType::kReady, {});
  channel.flush();

  Channel::Buffer buffer;
  Batch batch;
  for (;;) {
    const Channel::Frame frame = channel.receive(buffer);
    if (frame.type == FrameType::kStop) break;
    if (frame.type != FrameType::kInvoke || !batch.decode(frame.payload)) return 1;
    handle(function, state, channel, batch);
  }
  if (function.shutdown != nullptr) function.shutdown(state);
  return 0;
}

}  // namespace headrace::worker

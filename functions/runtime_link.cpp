#include "functions/runtime_link.hpp"

#include <cstdio>
#include <utility>

#include "base/codec.hpp"
#include "functions/limits.hpp"
#include "functions/records_event.hpp"

namespace headrace::functions {
namespace asio = boost::asio;

namespace {

constexpr const char* kResponseState = "InvocationResponse";
constexpr const char* kErrorState = "InvocationErrorResponse";

// As X-Ray names a trace; nothing is traced here, but there are runtimes that want one.
std::string make_trace_id(const std::string& request_id, TimePoint now) {
  const std::string digits = hex(md5(request_id));
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch());
  char time[16];
  std::snprintf(time, sizeof time, "%08llx", static_cast<unsigned long long>(seconds.count()));
  return std::string("Root=1-") + time + "-" + digits.substr(0, 24) +
         ";Parent=" + digits.substr(16) + ";Sampled=0";
}

}  // namespace

RuntimeLink::RuntimeLink(RuntimeSeats& seats, const FunctionConfig& config)
    : seats_(seats), config_(config), token_(seats.take(*this)) {}

RuntimeLink::~RuntimeLink() { seats_.leave(token_); }

// The process may have spoken before this.
void RuntimeLink::open(WorkerEvents& events) {
  events_ = &events;
  if (state_ == State::kReady) events_->on_ready();
  if (state_ == State::kInitError) tell_init_error();
}

asio::awaitable<void> RuntimeLink::send(const Invocation& invocation, TimePoint deadline) {
  offer_ = {&invocation, deadline};
  changed_.notify_all();
  co_return;
}

void RuntimeLink::close() {
  closed_ = true;
  socket_ = UniqueFd();
  changed_.notify_all();
}

asio::awaitable<void> RuntimeLink::closed() {
  while (polls_ > 0) co_await polls_ended_.wait();
}

// The invocation to handle now. It dies with its call, however that ends.
const RuntimeLink::Offer* RuntimeLink::offer() {
  const bool running = !closed_ && events_ != nullptr && events_->running_call() != nullptr;
  return running ? &offer_ : nullptr;
}

// Never ends by itself: a runtime that waits for its next event may wait for days.
asio::awaitable<HttpResponse> RuntimeLink::next(Cancellation& cancellation) {
  if (state_ == State::kInitError) co_return refuse_transition(name_of(State::kReady));
  become_ready();
  ++polls_;
  cancellation.on_request([this] { changed_.notify_all(); });
  while (offer() == nullptr && !closed_ && !cancellation.requested()) co_await changed_.wait();
  cancellation.clear_hook();
  --polls_;
  if (polls_ == 0) polls_ended_.notify_all();
  if (cancellation.requested() || offer() == nullptr) co_return runtime_api::worker_ended();
  co_return deliver(*offer());
}

// AWS: a `next` while an invocation runs delivers it again; after its answer it ends it.
void RuntimeLink::become_ready() {
  const State before = state_;
  if (before == State::kRunning) return;
  state_ = State::kReady;
  request_id_.clear();
  if (events_ == nullptr) return;
  if (before == State::kStarted) events_->on_ready();
  if (before == State::kResponseSent) events_->on_done();
}

HttpResponse RuntimeLink::deliver(const Offer& offer) {
  state_ = State::kRunning;
  request_id_ = offer.invocation->request_id;
  const TimePoint started = offer.deadline - config_.timeout;
  HttpResponse response;
  response.content_type = "application/json";
  response.headers = {{"Lambda-Runtime-Aws-Request-Id", request_id_},
                      {"Lambda-Runtime-Deadline-Ms", std::to_string(to_epoch_ms(offer.deadline))},
                      {"Lambda-Runtime-Invoked-Function-Arn", config_.arn},
                      {"Lambda-Runtime-Trace-Id", make_trace_id(request_id_, started)}};
  const std::string& client_context = offer.invocation->client_context;
  if (!client_context.empty()) {
    response.headers.emplace_back("Lambda-Runtime-Client-Context", client_context);
  }
  response.body = render_event(*offer.invocation->event);
  return response;
}

HttpResponse RuntimeLink::take_response(std::string_view request_id, HttpRequest request) {
  if (auto refusal = refuse(request_id, kResponseState)) return std::move(*refusal);
  if (!runtime_api::has_known_response_mode(request)) return runtime_api::unknown_response_mode();
  if (request.body.size() > kResponseBytesMax) return refuse_large(request_id);
  if (auto late = runtime_api::read_late_error(request)) {
    fail_call(std::move(*late));
  } else if (CallReport* const report = answered()) {
    report->response = std::move(request.body);
  }
  return runtime_api::accepted();
}

HttpResponse RuntimeLink::take_error(std::string_view request_id, const HttpRequest& request) {
  if (auto refusal = refuse(request_id, kErrorState)) return std::move(*refusal);
  if (request.body.size() > kResponseBytesMax) return refuse_large(request_id);
  fail_call(runtime_api::read_error(request, "Function"));
  return runtime_api::accepted();
}

void RuntimeLink::fail_call(runtime_api::ReportedError reported) {
  CallReport* const report = answered();
  if (report == nullptr) return;
  report->error = std::move(reported.error);
  report->error_document = std::move(reported.document);
}

HttpResponse RuntimeLink::take_init_error(const HttpRequest& request) {
  if (state_ != State::kStarted) return refuse_transition(name_of(State::kInitError));
  state_ = State::kInitError;
  const FunctionError error = runtime_api::read_error(request, "Runtime").error;
  init_error_ = error.type + ": " + error.message;
  if (events_ != nullptr) tell_init_error();
  return runtime_api::accepted();
}

void RuntimeLink::tell_init_error() {
  events_->on_init_failed(init_error_);
  events_->on_silent();  // it is to end now
}

HttpResponse RuntimeLink::refuse_large(std::string_view request_id) {
  if (auto refusal = refuse(request_id, kResponseState)) return std::move(*refusal);
  fail_call({response_too_large(), {}});
  return runtime_api::request_too_large();
}

// Nothing when the invocation of that id may be answered now.
std::optional<HttpResponse> RuntimeLink::refuse(std::string_view request_id,
                                                const char* wanted_state) const {
  if (request_id_.empty() || request_id != request_id_) return runtime_api::unknown_request_id();
  if (state_ != State::kRunning) return refuse_transition(wanted_state);
  return std::nullopt;
}

HttpResponse RuntimeLink::refuse_transition(const char* wanted_state) const {
  return runtime_api::refused_transition(name_of(state_), wanted_state);
}

// The report to write the answer into; nullptr when nobody waits for it any more.
CallReport* RuntimeLink::answered() {
  state_ = State::kResponseSent;
  CallReport* const report = events_ == nullptr ? nullptr : events_->running_call();
  if (report != nullptr) report->answered = true;
  return report;
}

const char* RuntimeLink::name_of(State state) {
  switch (state) {
    case State::kStarted: return "Started";
    case State::kInitError: return "InitError";
    case State::kReady: return "Ready";
    case State::kRunning: return "Running";
    case State::kResponseSent: return "ResponseSent";
  }
  return "";
}

}  // namespace headrace::functions

#include "runtime/lambda/async_invocations.hpp"

#include <algorithm>
#include <utility>

#include "base/json.hpp"
#include "base/log.hpp"

namespace headrace::runtime::lambda {

namespace {

constexpr std::string_view kPrefix = "lambda-event/";
constexpr Duration kFirstRetry = std::chrono::minutes(1);  // each later one waits twice as long
constexpr Duration kThrottlePauseMin = std::chrono::seconds(1);
constexpr Duration kThrottlePauseMax = std::chrono::minutes(5);
constexpr Duration kEventAgeMax = std::chrono::hours(6);

std::string event_key(const std::string& request_id, const std::string& function) {
  return std::string(kPrefix) + request_id + "/" + function;
}

}  // namespace

boost::asio::awaitable<Status> AsyncInvocations::accept(std::string function, InvokeOrder order) {
  const std::size_t bytes = order.payload.size();
  if (stopping_) co_return Error{ErrorCode::kServiceUnavailable, "The server is stopping."};
  if (waiting_ >= kEventsWaitingMax || waiting_bytes_ + bytes > kEventsWaitingBytesMax) {
    co_return Error{ErrorCode::kTooManyRequests, "Rate Exceeded."};
  }
  Event event;
  event.document = event_key(order.request_id, function);
  event.function = std::move(function);
  event.order = std::move(order);
  ++waiting_;
  waiting_bytes_ += bytes;
  queue::Document document{event.document, event.order.payload};
  const queue::Status kept = co_await services_.broker.put_document(std::move(document));
  if (!kept) {
    --waiting_;
    waiting_bytes_ -= bytes;
    co_return Error{ErrorCode::kServiceUnavailable, kept.error().message};
  }
  start(std::move(event));
  co_return Status();
}

boost::asio::awaitable<void> AsyncInvocations::resume() {
  std::string prefix(kPrefix);
  std::vector<queue::Document> documents =
      co_await services_.broker.list_documents(std::move(prefix));
  for (queue::Document& document : documents) {
    const std::string_view name = std::string_view(document.key).substr(kPrefix.size());
    const std::size_t slash = std::min(name.find('/'), name.size());
    Event event;
    event.order.request_id = name.substr(0, slash);
    event.function = name.substr(std::min(slash + 1, name.size()));
    event.document = std::move(document.key);
    event.order.payload = std::move(document.bytes);
    ++waiting_;
    waiting_bytes_ += event.order.payload.size();
    start(std::move(event));
  }
}

void AsyncInvocations::start(Event event) {
  event.give_up = services_.clock.now() + kEventAgeMax;
  std::string name = "event for " + event.function;
  tasks_.spawn(std::move(name), handle(std::move(event)));
}

boost::asio::awaitable<void> AsyncInvocations::handle(Event event) {
  const bool settled = co_await try_to_handle(event);
  waiting_bytes_ -= event.order.payload.size();
  --waiting_;
  if (!settled) co_return;
  queue::Document gone{event.document, std::string()};
  const queue::Status removed = co_await services_.broker.put_document(std::move(gone));
  if (!removed) log_error("an event is handled and kept reason={}", removed.error().message);
}

// True when it need not be tried again, whether it succeeded or not.
boost::asio::awaitable<bool> AsyncInvocations::try_to_handle(const Event& event) {
  int failures = 0;
  Duration pause = kThrottlePauseMin;
  while (!stopping_) {
    const auto function = services_.functions.find(event.function);
    if (function == services_.functions.end()) {
      if (services_.store.rests(event.function)) co_return false;  // until another start
      log_warning("an event is dropped, its function is gone function={}", event.function);
      co_return true;
    }
    InvokeOrder order = event.order;
    const Result<Invoked> invoked =
        co_await services_.invoker.invoke(*function->second, std::move(order));
    if (!invoked) break;
    const functions::InvocationResult& result = invoked->result;
    if (result.outcome == functions::Outcome::kSucceeded) co_return true;
    if (result.outcome == functions::Outcome::kThrottled) {
      if (services_.clock.now() >= event.give_up) co_return true;
      co_await sleep(pause);
      pause = std::min(pause * 2, kThrottlePauseMax);
      continue;
    }
    if (++failures > kEventRetries) {
      log_warning("an event failed for the last time function={} request_id={} reason={}",
                  event.function, event.order.request_id, result.error_message);
      co_return true;
    }
    co_await sleep(kFirstRetry * failures);
  }
  co_return false;
}

// Ends early when the server stops.
boost::asio::awaitable<void> AsyncInvocations::sleep(Duration time) {
  const TimePoint end = services_.clock.now() + time;
  while (!stopping_ && services_.clock.now() < end) {
    const bool woken = co_await stop_.wait_until(services_.clock, end);
    static_cast<void>(woken);
  }
}

void AsyncInvocations::begin_stop() {
  stopping_ = true;
  stop_.notify_all();
}

boost::asio::awaitable<void> AsyncInvocations::stop() {
  begin_stop();
  co_await tasks_.join();
}

}  // namespace headrace::runtime::lambda

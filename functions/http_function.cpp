#include "functions/http_function.hpp"

#include <utility>

#include "base/json.hpp"
#include "functions/error_payload.hpp"
#include "functions/records_event.hpp"

namespace headrace::functions {
namespace asio = boost::asio;

namespace {

// Of an answer that is no success, for the person who asks why.
constexpr std::size_t kShownBytesMax = 200;

constexpr int kTooManyRequests = 429;
constexpr int kServiceUnavailable = 503;

HttpPost build_post(const FunctionConfig& config, const Invocation& invocation) {
  HttpPost post;
  post.url = config.url;
  post.timeout = config.timeout;
  post.headers = {"Content-Type: application/json",
                  "X-Headrace-Request-Id: " + invocation.request_id,
                  "X-Headrace-Function: " + config.name};
  post.body = render_event(*invocation.event);
  return post;
}

std::string text_or(const std::optional<JsonValue>& value, std::string_view otherwise) {
  const auto text = value ? value->as_string() : std::nullopt;
  return std::string(text.value_or(otherwise));
}

void judge_body(InvocationResult& result, std::string body) {
  if (body.empty()) {
    result.outcome = Outcome::kSucceeded;
    return;
  }
  const Result<JsonDocument> document = JsonDocument::parse(body);
  if (!document) {
    fail(result,
         {"Function.InvalidResponse", "the answer is not JSON: " + document.error().message, {}});
    return;
  }
  const std::optional<JsonValue> error_type = document->root().find("errorType");
  result.outcome = error_type ? Outcome::kFailed : Outcome::kSucceeded;
  if (error_type) {
    result.error_type = text_or(error_type, "Unknown");
    result.error_message = text_or(document->root().find("errorMessage"), "");
  }
  result.payload = std::move(body);
}

void judge(InvocationResult& result, HttpReply reply) {
  if (reply.status == kTooManyRequests || reply.status == kServiceUnavailable) {
    result.outcome = Outcome::kThrottled;
    result.error_message = "status " + std::to_string(reply.status);
    result.retry_after = reply.retry_after;
    return;
  }
  if (reply.status < 200 || reply.status > 299) {
    const std::string shown = reply.body.substr(0, kShownBytesMax);
    fail(result, {"Function.HttpStatus",
                  "the function answered with status " + std::to_string(reply.status) +
                      (shown.empty() ? "" : ": " + shown),
                  {}});
    return;
  }
  judge_body(result, std::move(reply.body));
}

}  // namespace

HttpFunction::HttpFunction(Clock& clock, HttpClient& client, FunctionConfig config)
    : CountedFunction(std::move(config)), clock_(clock), client_(client) {}

asio::awaitable<InvocationResult> HttpFunction::invoke(Slot slot, Invocation invocation) {
  const Slot held = std::move(slot);
  const std::int64_t started_us = clock_.elapsed_us();
  Result<HttpReply> reply = co_await client_.post(build_post(config(), invocation));
  InvocationResult result;
  result.duration_us = clock_.elapsed_us() - started_us;
  if (reply) {
    judge(result, std::move(*reply));
  } else if (reply.error().code == ErrorCode::kTimeout) {
    fail(result,
         {"Sandbox.Timedout", timeout_message(invocation.request_id, config().timeout), {}});
  } else {
    fail(result, {"Function.RequestFailed", config().url + ": " + reply.error().message, {}});
  }
  co_return result;
}

}  // namespace headrace::functions

#include "runtime/lambda/invoke_api.hpp"

#include <utility>

#include "base/codec.hpp"
#include "base/json.hpp"

namespace headrace::runtime::lambda {

namespace {

// An invocation's version in its not-found text, which Invoke alone completes (spec 6.2).
Error complete_not_found(Error error, const Call& call) {
  const Result<FunctionName> name = parse_function_name(call.path.front(), call.caller);
  const bool unqualified = name && name->qualifier.empty() && call.parameter("Qualifier").empty();
  if (unqualified && error.message == function_not_found(*name).message) {
    error.message.append(":").append(kLatest);
  }
  return error;
}

Status check_size(std::size_t bytes, std::string_view type, std::size_t bytes_max) {
  if (bytes <= bytes_max) return {};
  return Error{ErrorCode::kRequestTooLarge,
               std::to_string(bytes) + " byte payload is too large for the " + std::string(type) +
                   " invocation type (limit " + std::to_string(bytes_max) + " bytes)"};
}

Result<std::string> read_client_context(std::string_view header) {
  if (header.empty()) return std::string();
  const Error refusal{ErrorCode::kInvalidRequestContent,
                      "Client context must be a valid Base64-encoded JSON object."};
  if (header.size() > kClientContextBytesMax) return refusal;
  const auto text = base64_decode(header);
  if (!text) return refusal;
  const auto document = JsonDocument::parse(*text);
  if (!document || !document->root().is_object()) return refusal;
  return document->root().to_json();
}

std::string log_tail(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text.append(line).append("\n");
  if (text.size() > kLogTailBytesMax) text.erase(0, text.size() - kLogTailBytesMax);
  return text;
}

HttpResponse to_answer(Invoked invoked, bool wants_log) {
  functions::InvocationResult& result = invoked.result;
  HttpResponse response = json_response(200, std::move(result.payload));
  response.headers.emplace_back("X-Amz-Executed-Version", kLatest);
  // AWS says Unhandled also of what a managed runtime has handled.
  if (result.outcome == functions::Outcome::kFailed) {
    response.headers.emplace_back("X-Amz-Function-Error", "Unhandled");
  }
  if (wants_log) {
    response.headers.emplace_back("X-Amz-Log-Result", base64_encode(log_tail(invoked.log_lines)));
  }
  return response;
}

// Counts a caller as long as it waits.
class Waiting {
 public:
  explicit Waiting(std::size_t& count) : count_(count) { ++count_; }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;
  ~Waiting() { --count_; }

 private:
  std::size_t& count_;
};

}  // namespace

void InvokeApi::add_routes(Routes& routes) {
  routes.add("POST", "/2015-03-31/functions/*/invocations",
             [this](Call call) { return invoke(std::move(call)); });
  routes.add("POST", "/2014-11-13/functions/*/invoke-async",
             [this](Call call) { return invoke_async(std::move(call)); });
}

Answer InvokeApi::invoke(Call call) {
  std::string_view type = call.request.header("x-amz-invocation-type");
  if (type.empty()) type = "RequestResponse";
  if (type != "RequestResponse" && type != "Event" && type != "DryRun") {
    co_return validation_error(type, "invocationType",
                               "satisfy enum value set: [Event, RequestResponse, DryRun]");
  }
  const std::string_view log_type = call.request.header("x-amz-log-type");
  if (!log_type.empty() && log_type != "None" && log_type != "Tail") {
    co_return validation_error(log_type, "logType", "satisfy enum value set: [None, Tail]");
  }
  const Result<Named> named = services_.catalog.find(call);
  if (!named) co_return complete_not_found(named.error(), call);
  const bool waits = type != "Event";
  const Status small =
      check_size(call.request.body.size(), type, waits ? kEventBytesMaxSync : kEventBytesMaxAsync);
  if (!small) co_return small.error();
  if (type == "DryRun") co_return empty_response(204);
  if (!waits) {
    std::string name = named->name.name;
    Result<HttpResponse> accepted = co_await accept(std::move(name), std::move(call));
    co_return accepted;
  }
  Result<HttpResponse> answer = co_await run(*named->function, std::move(call));
  co_return answer;
}

Answer InvokeApi::run(functions::Function& function, Call call) {
  Result<std::string> context = read_client_context(call.request.header("x-amz-client-context"));
  if (!context) co_return context.error();
  if (function.running() >= function.limit() && waiting_ >= kCallersWaitingMax) {
    co_return Error{ErrorCode::kTooManyRequests, "Rate Exceeded."};
  }
  const Waiting waiting(waiting_);
  const bool wants_log = call.request.header("x-amz-log-type") == "Tail";
  InvokeOrder order{call.request_id, std::move(call.request.body), std::move(*context)};
  Result<Invoked> invoked = co_await services_.invoker.invoke(function, std::move(order));
  if (!invoked) co_return invoked.error();
  if (invoked->result.outcome == functions::Outcome::kThrottled) {
    co_return Error{ErrorCode::kTooManyRequests, "Rate Exceeded."};
  }
  co_return to_answer(std::move(*invoked), wants_log);
}

Answer InvokeApi::accept(std::string function, Call call) {
  InvokeOrder order{call.request_id, std::move(call.request.body), std::string()};
  if (order.payload.empty()) order.payload = "{}";
  const Status valid = co_await services_.invoker.check(order.payload);
  if (!valid) co_return valid.error();
  const Status accepted = co_await services_.events.accept(std::move(function), std::move(order));
  if (!accepted) co_return accepted.error();
  co_return empty_response(202);
}

// The older form of Event.
Answer InvokeApi::invoke_async(Call call) {
  const Result<Named> named = services_.catalog.find(call);
  if (!named) co_return complete_not_found(named.error(), call);
  const Status small = check_size(call.request.body.size(), "Event", kEventBytesMaxAsync);
  if (!small) co_return small.error();
  std::string name = named->name.name;
  Result<HttpResponse> accepted = co_await accept(std::move(name), std::move(call));
  co_return accepted;
}

}  // namespace headrace::runtime::lambda

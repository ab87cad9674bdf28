#include "runtime/lambda/invoker.hpp"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "functions/error_payload.hpp"
#include "functions/records_reader.hpp"
#include "runtime/batch_outcome.hpp"
#include "runtime/invocation_report.hpp"

namespace headrace::runtime::lambda {

namespace {

// More would hold up the loop for too long (design 8.7).
constexpr std::size_t kReadInPlaceMax = std::size_t{64} << 10;
constexpr const char* kUnknownInitError = "Runtime.InitError";

Error not_json(const std::string& reason) {
  return {ErrorCode::kInvalidRequestContent, "Could not parse request body into json: " + reason};
}

Status check_json(const std::string& payload) {
  const auto document = JsonDocument::parse(payload, DuplicateKeys::kKept);
  if (!document) return not_json(document.error().message);
  return {};
}

// Native and builtin functions see records where the sender wrote some; all see the bytes.
Result<functions::Event> make_event(functions::FunctionKind kind, std::string payload) {
  if (payload.empty()) payload = "{}";
  const auto document = JsonDocument::parse(payload, DuplicateKeys::kKept);
  if (!document) return not_json(document.error().message);
  functions::Event event;
  const bool reads_records =
      kind == functions::FunctionKind::kNative || kind == functions::FunctionKind::kBuiltin;
  if (reads_records && document->root().find("Records")) {
    headrace::Result<functions::Event> records = functions::read_records_event(payload);
    if (records) event = std::move(*records);
  }
  event.json = std::move(payload);
  return event;
}

// "Runtime.ImportModuleError: no module" says its type itself.
functions::InvocationResult init_failure(const std::string& reason) {
  constexpr std::string_view kPrefix = "init failed: ";
  std::string_view text = reason;
  if (text.starts_with(kPrefix)) text.remove_prefix(kPrefix.size());
  const std::size_t colon = text.find(": ");
  const bool typed = colon != std::string_view::npos && text.find(' ') > colon;
  functions::FunctionError error;
  error.type = typed ? std::string(text.substr(0, colon)) : kUnknownInitError;
  error.message = typed ? text.substr(colon + 2) : text;
  functions::InvocationResult result;
  functions::fail(result, std::move(error));
  return result;
}

// What a handler of single records has failed, as one that reports batch item failures says it.
std::string item_failures(const functions::Event& event,
                          const std::vector<functions::RecordFailure>& failures) {
  std::string body;
  JsonWriter out(body);
  out.begin_object().key("batchItemFailures").begin_array();
  for (const functions::RecordFailure& failure : failures) {
    const std::string& id = event.records[failure.index].message_id;
    out.begin_object().member("itemIdentifier", id).end_object();
  }
  out.end_array().end_object();
  return body;
}

// AWS: a handler that returns nothing answers null.
void complete_payload(functions::InvocationResult& result, const functions::Event& event) {
  if (result.outcome != functions::Outcome::kSucceeded || !result.payload.empty()) return;
  result.payload =
      result.record_failures.empty() ? "null" : item_failures(event, result.record_failures);
}

std::vector<std::string> log_lines(const InvokeOrder& order,
                                   const functions::FunctionConfig& config,
                                   const functions::Event& event,
                                   const functions::InvocationResult& result) {
  BatchOutcome outcome;
  outcome.function_error = result.outcome == functions::Outcome::kFailed;
  if (outcome.function_error) {
    outcome.failures.emplace_back(result.error_type + ": " + result.error_message);
  }
  return report_lines(InvocationReport{order.request_id, config, event, result, outcome});
}

}  // namespace

boost::asio::awaitable<void> Invoker::work_on(std::size_t bytes,
                                              const std::function<void()>& work) {
  if (bytes <= kReadInPlaceMax) {
    work();
  } else {
    co_await pool_.carry_out(work);
  }
}

boost::asio::awaitable<Status> Invoker::check(const std::string& payload) {
  Status status;
  const std::function<void()> parse = [&] { status = check_json(payload); };
  co_await work_on(payload.size(), parse);
  co_return status;
}

boost::asio::awaitable<Result<functions::Event>> Invoker::read_event(functions::FunctionKind kind,
                                                                     std::string payload) {
  Result<functions::Event> event = Error{ErrorCode::kInvalidRequestContent, "not read"};
  const std::size_t bytes = payload.size();
  const std::function<void()> read = [&] { event = make_event(kind, std::move(payload)); };
  co_await work_on(bytes, read);
  co_return std::move(event);
}

// After the slot is given back the function may be gone.
boost::asio::awaitable<Result<Invoked>> Invoker::invoke(functions::Function& function,
                                                        InvokeOrder order) {
  const functions::FunctionConfig config = function.config();
  headrace::Result<functions::Slot> slot = co_await function.acquire_slot();
  if (stopping_) co_return Error{ErrorCode::kServiceUnavailable, "The server is stopping."};
  Result<functions::Event> event = co_await read_event(config.kind, std::move(order.payload));
  if (!event) co_return event.error();
  Invoked invoked;
  if (slot) {
    functions::Invocation invocation;
    invocation.request_id = order.request_id;
    invocation.event = &*event;
    invocation.client_context = order.client_context;
    invoked.result = co_await function.invoke(std::move(*slot), std::move(invocation));
  } else {
    invoked.result = init_failure(slot.error().message);
  }
  complete_payload(invoked.result, *event);
  invoked.log_lines = log_lines(order, config, *event, invoked.result);
  for (const std::string& line : invoked.log_lines) logs_.append(config.name, line);
  co_return invoked;
}

}  // namespace headrace::runtime::lambda

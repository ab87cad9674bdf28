#include "queue/sqs/sqs_handler.hpp"

#include <utility>

#include "base/random.hpp"
#include "queue/sqs/actions.hpp"
#include "queue/sqs/wire_errors.hpp"

namespace headrace::queue::sqs {

namespace {

constexpr std::string_view kTargetPrefix = "AmazonSQS.";

// Only the Query protocol comes without X-Amz-Target, and never as JSON (spec 2).
bool is_query_protocol(const HttpRequest& request) {
  return request.header("x-amz-target").empty() &&
         !request.header("content-type").starts_with("application/x-amz-json-");
}

Result<const Action*> requested_action(const HttpRequest& request) {
  std::string_view name = request.header("x-amz-target");
  const bool is_sqs = request.method == "POST" && name.starts_with(kTargetPrefix);
  if (is_sqs) name.remove_prefix(kTargetPrefix.size());
  const Action* const action = is_sqs ? find_action(name) : nullptr;
  if (action == nullptr) {
    return Error{ErrorCode::kUnknownOperation, "The requested operation is not known to SQS."};
  }
  return action;
}

HttpResponse json_answer(std::string body, std::string_view request_id) {
  HttpResponse response;
  response.content_type = kJsonContentType;
  response.headers.emplace_back(kRequestIdHeader, request_id);
  response.body = std::move(body);
  return response;
}

}  // namespace

SqsHandler::SqsHandler(Broker& broker, Offload& pool, SqsConfig config, std::uint64_t seed)
    : broker_(broker), pool_(pool), config_(std::move(config)), next_seed_(seed) {}

std::string SqsHandler::next_request_id() {
  const std::uint64_t seed = next_seed_.fetch_add(1, std::memory_order_relaxed);
  return to_string(Random(seed).uuid());
}

boost::asio::awaitable<HttpResponse> SqsHandler::handle(HttpRequest request,
                                                        Cancellation& cancellation) {
  const std::string request_id = next_request_id();
  if (is_query_protocol(request)) {
    const Error error{ErrorCode::kUnsupportedOperation,
                      "The AWS Query protocol is not supported yet; use a client that speaks AWS "
                      "JSON 1.0."};
    co_return xml_error(error, request_id);
  }
  const Result<const Action*> action = requested_action(request);
  if (!action) co_return json_error(action.error(), request_id);

  ActionContext context{broker_, pool_, cancellation, config_, caller_of(request, config_)};
  std::string body = std::move(request.body);
  request = HttpRequest();  // a long poll keeps nothing of its request
  auto answer = co_await (*action)->run_json(context, std::move(body));
  if (!answer) co_return json_error(answer.error(), request_id);
  co_return json_answer(std::move(*answer), request_id);
}

}  // namespace headrace::queue::sqs

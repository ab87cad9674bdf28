#include "queue/sqs/sqs_handler.hpp"

#include <utility>

#include "queue/sqs/actions.hpp"
#include "queue/sqs/caller_identity.hpp"
#include "queue/sqs/error_response.hpp"
#include "queue/sqs/peek.hpp"
#include "queue/sqs/wire_errors.hpp"

namespace headrace::queue::sqs {

namespace {

constexpr std::string_view kTargetPrefix = "AmazonSQS.";

// What a ReceiveMessage becomes at a PeekPath, which no other action has.
Result<const Action*> as_peek(const Action& action) {
  if (action.name == peek_action().name) return &peek_action();
  return Error{ErrorCode::kUnsupportedOperation,
               "This address answers ReceiveMessage only, and changes nothing."};
}

Result<const Action*> json_action(const HttpRequest& request) {
  std::string_view name = request.header("x-amz-target");
  const bool is_sqs = request.method == "POST" && name.starts_with(kTargetPrefix);
  if (is_sqs) name.remove_prefix(kTargetPrefix.size());
  const Action* const action = is_sqs ? find_action(name) : nullptr;
  if (action == nullptr) {
    return Error{ErrorCode::kUnknownOperation, "The requested operation is not known to SQS."};
  }
  if (parse_peek_path(request.path)) return as_peek(*action);
  return action;
}

// A link or an image of any page makes a browser send a GET; not every browser says whose it was.
bool is_get_of_browser(const HttpRequest& request) {
  if (request.method != "GET") return false;
  if (request.header("user-agent").starts_with("Mozilla/")) return true;
  const auto is_sent = [&request](std::string_view name) { return !request.header(name).empty(); };
  return is_sent("sec-fetch-site") || is_sent("sec-fetch-mode") || is_sent("origin") ||
         is_sent("referer");
}

Result<const Action*> query_action(const HttpRequest& request, std::string_view name) {
  const Action* const action = find_action(name);
  if (action == nullptr) return invalid_action(name);
  if (parse_peek_path(request.path)) return as_peek(*action);
  if (action->effect == Effect::kChanges && is_get_of_browser(request)) {
    return Error{ErrorCode::kAccessDenied,
                 "A GET of a browser changes nothing here; send the request as a POST."};
  }
  return action;
}

bool is_form(const HttpRequest& request) {
  const std::string_view type = media_type_of(request);
  return type.empty() || equals_ignoring_case(type, kFormContentType);
}

// Body and URL may each have a part of the parameters; the body of a GET means nothing.
Result<std::string> take_form(HttpRequest& request) {
  if (request.method == "GET") return std::string(request.query);
  if (!request.body.empty() && !is_form(request)) {
    return Error{ErrorCode::kMalformedInput,
                 "The body of a Query request is application/x-www-form-urlencoded."};
  }
  std::string form = std::move(request.body);
  if (!request.query.empty()) form.append("&").append(request.query);
  return form;
}

// AWS answers so, in any protocol, what names no action at all (spec 2.2).
HttpResponse no_action(std::string_view request_id) {
  HttpResponse response =
      query_response("<UnknownOperationException/>", AnswerForm::kXml, request_id);
  response.status = 404;
  return response;
}

HttpResponse json_response(std::string body, std::string_view request_id) {
  HttpResponse response;
  response.content_type = kJsonContentType;
  response.headers.emplace_back(kRequestIdHeader, request_id);
  response.body = std::move(body);
  return response;
}

}  // namespace

SqsHandler::SqsHandler(Broker& broker, Offload& pool, SqsConfig config, std::uint64_t seed)
    : broker_(broker), pool_(pool), config_(std::move(config)), request_ids_(seed) {}

boost::asio::awaitable<HttpResponse> SqsHandler::handle(HttpRequest request,
                                                        Cancellation& cancellation) {
  return is_query_protocol(request) ? handle_query(std::move(request), cancellation)
                                    : handle_json(std::move(request), cancellation);
}

boost::asio::awaitable<HttpResponse> SqsHandler::handle_json(HttpRequest request,
                                                             Cancellation& cancellation) {
  const std::string request_id = request_ids_.next();
  const Result<const Action*> action = json_action(request);
  if (!action) co_return json_error(action.error(), request_id);

  ActionContext context{broker_, pool_, cancellation, config_, caller_of(request, config_)};
  ActionRequest wire = JsonRequest{std::move(request.body)};
  request = HttpRequest();  // a long poll keeps nothing of its request
  auto answer = co_await (*action)->run(context, std::move(wire));
  if (!answer) co_return json_error(answer.error(), request_id);
  co_return json_response(std::move(*answer), request_id);
}

boost::asio::awaitable<HttpResponse> SqsHandler::handle_query(HttpRequest request,
                                                              Cancellation& cancellation) {
  const std::string request_id = request_ids_.next();
  if (request.method != "GET" && request.method != "POST") co_return no_action(request_id);
  const std::optional<PeekPath> peek = parse_peek_path(request.path);
  AnswerForm form = answer_form(request);
  if (peek && form == AnswerForm::kJson) form = AnswerForm::kXmlAsJson;
  Result<std::string> parameters = take_form(request);
  if (!parameters) co_return query_error(parameters.error(), form, request_id);
  Text name = find_parameter(*parameters, "Action");
  if (!name && peek) name = peek_action().name;
  if (!name) co_return no_action(request_id);
  if (*name == kGetCallerIdentity) {
    co_return caller_identity(caller_of(request, config_), form, request_id);
  }
  const Result<const Action*> action = query_action(request, *name);
  if (!action) co_return query_error(action.error(), form, request_id);

  ActionContext context{broker_, pool_, cancellation, config_, caller_of(request, config_)};
  if (peek && !peek->region.empty()) context.caller.region = peek->region;
  const std::string_view path = peek ? peek->queue_path : request.path;
  ActionRequest wire =
      QueryRequest{std::move(*parameters), std::string(path), (*action)->name, request_id, form};
  request = HttpRequest();  // a long poll keeps nothing of its request
  auto answer = co_await (*action)->run(context, std::move(wire));
  if (!answer) co_return query_error(answer.error(), form, request_id);
  co_return query_response(std::move(*answer), form, request_id);
}

}  // namespace headrace::queue::sqs

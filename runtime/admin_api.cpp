#include "runtime/admin_api.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "base/codec.hpp"
#include "base/json_writer.hpp"
#include "queue/sqs/caller.hpp"
#include "runtime/admin_pages.hpp"
#include "runtime/explain.hpp"
#include "runtime/json_answers.hpp"
#include "runtime/version.hpp"

namespace headrace::runtime {

struct AdminApi::Route {
  std::string_view method;
  std::string_view path;
  Answer (AdminApi::*run)(HttpRequest request, Cancellation& cancellation);
};

namespace {

HttpResponse refusal(const queue::Error& error) {
  switch (error.code) {
    case queue::ErrorCode::kQueueDoesNotExist: return json_refusal(404, error.message);
    case queue::ErrorCode::kServiceUnavailable:
    case queue::ErrorCode::kInternalFailure: return json_refusal(503, error.message);
    default: return json_refusal(400, error.message);
  }
}

// The value of one parameter of a query string, decoded; empty when absent or badly escaped.
std::string query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || pair.substr(0, equals) != name) continue;
    return percent_decode(pair.substr(equals + 1), Plus::kIsSpace).value_or("");
  }
  return {};
}

// Zero when the text is empty; nothing when it is not a number from 0 to max.
std::optional<std::int64_t> query_number(std::string_view query, std::string_view name,
                                         std::int64_t max) {
  const std::string text = query_value(query, name);
  if (text.empty()) return 0;
  std::int64_t value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = ec == std::errc{} && end == text.data() + text.size();
  if (!whole || value < 0 || value > max) return std::nullopt;
  return value;
}

std::string text_member(const JsonValue& body, std::string_view name) {
  const auto value = body.find(name);
  return std::string(value ? value->as_string().value_or("") : "");
}

// Counts somebody in as long as it lives.
class CountedIn {
 public:
  explicit CountedIn(std::shared_ptr<int> count) : count_(std::move(count)) { ++*count_; }
  ~CountedIn() { --*count_; }
  CountedIn(const CountedIn&) = delete;
  CountedIn& operator=(const CountedIn&) = delete;

 private:
  const std::shared_ptr<int> count_;
};

}  // namespace

const std::vector<AdminApi::Route>& AdminApi::routes() {
  static const std::vector<Route> all = {
      {"GET", "/_headrace/health", &AdminApi::health},
      {"GET", "/_localstack/health", &AdminApi::localstack_health},
      {"GET", "/_headrace/metrics", &AdminApi::metrics},
      {"GET", "/_headrace/status", &AdminApi::status},
      {"GET", "/_headrace/logs", &AdminApi::logs},
      {"GET", "/_headrace/explain", &AdminApi::explain_message},
      {"POST", "/_headrace/peek", &AdminApi::peek},
      {"POST", "/_headrace/redrive", &AdminApi::redrive},
  };
  return all;
}

AdminApi::Answer AdminApi::handle(HttpRequest request, Cancellation& cancellation) {
  const auto& all = routes();
  const auto route = std::find_if(all.begin(), all.end(), [&request](const Route& candidate) {
    return candidate.path == request.path;
  });
  if (route == all.end()) co_return json_refusal(404, "There is nothing at this path.");
  std::optional<HttpResponse> refused = refuse_method(request, route->method);
  if (refused) co_return std::move(*refused);
  HttpResponse response = co_await (this->*route->run)(std::move(request), cancellation);
  co_return response;
}

AdminApi::Answer AdminApi::health(HttpRequest, Cancellation&) {
  std::string body;
  JsonWriter(body).begin_object().member("status", "ok").member("version", kVersion).end_object();
  co_return json_answer(std::move(body));
}

// What tools that wait for LocalStack ask for. Spaced as there: some search the text.
AdminApi::Answer AdminApi::localstack_health(HttpRequest, Cancellation&) {
  co_return json_answer(R"({"services": {"sqs": "running"}, "version": ")" + std::string(kVersion) +
                        R"("})");
}

AdminApi::Answer AdminApi::metrics(HttpRequest, Cancellation&) {
  const std::vector<queue::QueueDescription> queues = co_await describe_queues(scope_);
  HttpResponse response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = render_queue_metrics(queues, sources_.clock.now()) + sources_.metrics.render();
  co_return response;
}

AdminApi::Answer AdminApi::status(HttpRequest request, Cancellation&) {
  AdminScope scope = scope_of(request.query);
  const std::vector<queue::QueueDescription> queues = co_await describe_queues(std::move(scope));
  std::string body =
      render_status(queues, sources_.mappings.mapping_status(), sources_.clock.now());
  co_return json_answer(std::move(body));
}

AdminApi::Answer AdminApi::logs(HttpRequest request, Cancellation& cancellation) {
  const auto after = query_number(request.query, "after", INT64_MAX);
  const auto wait = query_number(request.query, "wait", kLogWaitSecondsMax);
  if (!after || !wait) {
    co_return json_refusal(400, "after and wait must be numbers; wait at most 20.");
  }
  if (*wait > 0 && sources_.logs.followers() >= FunctionLogs::kFollowersMax) {
    co_return json_refusal(503, "Too many are following the logs already.");
  }
  FunctionLogQuery query;
  query.function = query_value(request.query, "function");
  if (!query.function.empty() && !sources_.mappings.has_function(query.function)) {
    co_return json_refusal(404, "There is no function of this name.");
  }
  // A number above the last one comes from before a restart.
  const bool from_before = static_cast<std::uint64_t>(*after) > sources_.logs.last_sequence();
  query.after = from_before ? 0 : static_cast<std::uint64_t>(*after);
  const Duration patience = std::chrono::seconds(*wait);
  const std::vector<FunctionLogLine> lines =
      co_await sources_.logs.wait_for(query, patience, cancellation);
  const std::uint64_t last = lines.empty() ? query.after : lines.back().sequence;
  co_return json_answer(render_logs(lines, last));
}

AdminApi::Answer AdminApi::explain_message(HttpRequest request, Cancellation& cancellation) {
  const std::optional<Uuid> id = parse_uuid(query_value(request.query, "message"));
  if (!id) co_return json_refusal(400, "message must be a message id.");
  if (*explaining_ >= kExplainedAtOnceMax) {
    co_return json_refusal(503, "Other messages are being explained; try again.");
  }
  const AdminScope scope = scope_of(request.query);
  ExplainRequest asked{scope.region, scope.account, *id};
  const CountedIn counted(explaining_);
  const Explanation explanation =
      co_await explain(sources_.broker, sources_.history, std::move(asked), cancellation);
  co_return json_answer(render_explanation(explanation));
}

AdminApi::Answer AdminApi::peek(HttpRequest request, Cancellation&) {
  const auto document = JsonDocument::parse(request.body);
  if (!document) co_return json_refusal(400, document.error().message);
  const JsonValue body = document->root();
  const auto max = body.find("max");
  const std::int64_t count = max ? max->as_integer().value_or(0) : 10;
  if (count < 1 || count > kPeekMax) co_return json_refusal(400, "max must be from 1 to 100.");
  queue::PeekRequest peek;
  peek.address = address(body, text_member(body, "queue"));
  peek.max_messages = static_cast<std::size_t>(count);
  const auto messages = co_await sources_.broker.peek(std::move(peek));
  if (!messages) co_return refusal(messages.error());
  co_return json_answer(render_peeked(*messages, sources_.last_errors));
}

// Moves what is visible now, in bounded steps; what comes back meanwhile stays.
AdminApi::Answer AdminApi::redrive(HttpRequest request, Cancellation&) {
  const auto document = JsonDocument::parse(request.body);
  if (!document) co_return json_refusal(400, document.error().message);
  const JsonValue body = document->root();
  queue::MoveRequest move;
  move.source = address(body, text_member(body, "queue"));
  const std::string destination = text_member(body, "destination");
  if (!destination.empty()) move.destination = address(body, destination);
  const auto description = co_await sources_.broker.describe_queue(move.source);
  if (!description) co_return refusal(description.error());

  if (destination.empty()) {
    const std::string name = move.source.name;
    const bool dead_letter_queue = co_await is_dead_letter_queue(move.source);
    if (!dead_letter_queue) {
      co_return json_refusal(400, name + " is no queue's dead-letter queue; name a destination.");
    }
  }
  const auto dry = body.find("dry_run");
  std::uint64_t left = description->visible;
  std::string answer;
  JsonWriter out(answer);
  if (dry && dry->as_boolean().value_or(false)) {
    out.begin_object().member("visible", left).end_object();
    co_return json_answer(std::move(answer));
  }
  queue::MoveResult total;
  bool more = left > 0;
  while (more) {
    move.max_messages = std::min<std::uint64_t>(left, queue::MoveRequest::kMoveChunk);
    const auto step = co_await sources_.broker.move_messages(move);
    if (!step) co_return refusal(step.error());
    total.moved += step->moved;
    total.without_source = step->without_source;
    left -= std::min(left, step->moved);
    more = step->moved > 0 && left > 0;
  }
  out.begin_object()
      .member("moved", total.moved)
      .member("without_source", total.without_source)
      .end_object();
  co_return json_answer(std::move(answer));
}

boost::asio::awaitable<std::vector<queue::QueueDescription>> AdminApi::describe_queues(
    AdminScope scope) {
  queue::ListQueuesRequest list;
  list.region = std::move(scope.region);
  list.account = std::move(scope.account);
  list.limit = kQueuesShownMax;
  const queue::ListQueuesResult names = co_await sources_.broker.list_queues(std::move(list));
  std::vector<queue::QueueDescription> queues;
  for (const queue::QueueAddress& address : names.queues) {
    auto description = co_await sources_.broker.describe_queue(address);
    if (description) queues.push_back(std::move(*description));  // else deleted meanwhile
  }
  co_return queues;
}

boost::asio::awaitable<bool> AdminApi::is_dead_letter_queue(queue::QueueAddress target) {
  const std::string arn = to_arn(target);
  queue::ListQueuesRequest list;
  list.region = target.region;
  list.account = target.account;
  bool more = true;
  while (more) {
    const queue::ListQueuesResult page = co_await sources_.broker.list_queues(list);
    for (const queue::QueueAddress& address : page.queues) {
      const auto description = co_await sources_.broker.describe_queue(address);
      if (!description || !description->attributes.redrive_policy) continue;
      if (description->attributes.redrive_policy->dead_letter_target_arn == arn) co_return true;
    }
    more = page.more;
    if (more) list.after = page.queues.back().name;
  }
  co_return false;
}

// Whose queues a query means.
AdminScope AdminApi::scope_of(std::string_view query) const {
  AdminScope scope = scope_;
  const std::string region = query_value(query, "region");
  const std::string account = query_value(query, "account");
  if (!region.empty()) scope.region = region;
  if (!account.empty()) scope.account = account;
  return scope;
}

// A queue is named as in SQS, by its name or its URL.
queue::QueueAddress AdminApi::address(const JsonValue& body, std::string_view queue) const {
  queue::sqs::Caller caller;
  caller.region = text_member(body, "region");
  caller.account = text_member(body, "account");
  if (caller.region.empty()) caller.region = scope_.region;
  if (caller.account.empty()) caller.account = scope_.account;
  const auto named = queue::sqs::parse_queue_url(queue, caller);
  return named.value_or(queue::QueueAddress{caller.region, caller.account, std::string(queue)});
}

}  // namespace headrace::runtime

// AdminApi: what headrace shows beyond SQS, as JSON under /_headrace/ (docs/operations.md lists
// it).
//
// State loop only: the server reaches it through StateLoopHandler. Answers {"error": "..."} with
// 400, 404, 405, 415 or 503 when it refuses.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/http.hpp"
#include "base/json.hpp"
#include "base/metrics.hpp"
#include "queue/broker.hpp"
#include "runtime/function_logs.hpp"
#include "runtime/history.hpp"
#include "runtime/last_errors.hpp"
#include "runtime/status.hpp"

namespace headrace::runtime {

// What the API shows. All of it outlives the AdminApi.
struct AdminSources {
  Clock& clock;
  queue::Broker& broker;
  const MetricsRegistry& metrics;
  const MappingStatusSource& mappings;
  const LastErrors& last_errors;
  FunctionLogs& logs;
  History* history;  // null when it is off
};

// Whose queues are meant when a request does not say.
struct AdminScope {
  std::string region;
  std::string account;
};

class AdminApi final : public HttpHandler {
 public:
  static constexpr std::size_t kQueuesShownMax = 1000;
  static constexpr std::int64_t kPeekMax = 100;
  static constexpr std::int64_t kLogWaitSecondsMax = 20;
  static constexpr int kExplainedAtOnceMax = 2;  // each may read all there is

  AdminApi(const AdminSources& sources, AdminScope scope)
      : sources_(sources), scope_(std::move(scope)) {}

  boost::asio::awaitable<HttpResponse> handle(HttpRequest request,
                                              Cancellation& cancellation) override;

 private:
  using Answer = boost::asio::awaitable<HttpResponse>;
  struct Route;
  static const std::vector<Route>& routes();

  Answer health(HttpRequest request, Cancellation& cancellation);
  Answer localstack_health(HttpRequest request, Cancellation& cancellation);
  Answer metrics(HttpRequest request, Cancellation& cancellation);
  Answer status(HttpRequest request, Cancellation& cancellation);
  Answer logs(HttpRequest request, Cancellation& cancellation);
  Answer explain_message(HttpRequest request, Cancellation& cancellation);
  Answer peek(HttpRequest request, Cancellation& cancellation);
  Answer redrive(HttpRequest request, Cancellation& cancellation);

  boost::asio::awaitable<std::vector<queue::QueueDescription>> describe_queues(AdminScope scope);
  boost::asio::awaitable<bool> is_dead_letter_queue(queue::QueueAddress target);
  AdminScope scope_of(std::string_view query) const;
  queue::QueueAddress address(const JsonValue& body, std::string_view queue) const;

  AdminSources sources_;
  AdminScope scope_;
  // Shared with the requests: their coroutines may end after this.
  const std::shared_ptr<int> explaining_ = std::make_shared<int>(0);
};

}  // namespace headrace::runtime

#include "runtime/admin_api.hpp"

#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/task_group.hpp"
#include "queue/engine.hpp"
#include "queue/local_broker.hpp"
#include "queue/memory_journal.hpp"
#include "tests/support/manual_clock.hpp"

namespace headrace::runtime {
namespace {

using testing::HasSubstr;
using testing::Not;
namespace asio = boost::asio;

class OneMapping final : public MappingStatusSource {
 public:
  std::vector<MappingStatus> mapping_status() const override {
    MappingStatus status;
    status.queue = "signup";
    status.function = "welcome-email";
    status.state = "Enabled";
    status.batch_size = 10;
    status.limit = 5;
    status.last_result = "OK (10 records)";
    return {status};
  }
  bool has_function(const std::string& name) const override { return name != "nosuch"; }
};

HttpRequest request(const std::string& method, const std::string& path, std::string body = {},
                    const std::string& content_type = "application/json") {
  HttpRequest result;
  const std::string query = path.find('?') == path.npos ? "" : path.substr(path.find('?') + 1);
  const std::string bare = path.substr(0, path.find('?'));
  result.head = std::make_unique<std::string>(method + bare + query + content_type);
  std::string_view rest = *result.head;
  const auto next = [&rest](const std::string& part) {
    const std::string_view view = rest.substr(0, part.size());
    rest.remove_prefix(part.size());
    return view;
  };
  result.method = next(method);
  result.path = next(bare);
  result.query = next(query);
  result.headers.push_back({"content-type", next(content_type)});
  result.body = std::move(body);
  return result;
}

class AdminApiTest : public testing::Test {
 protected:
  AdminApiTest() {
    broker_.start();
    create("signup-dlq", {});
    create("signup", {{"RedrivePolicy",
                       R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:signup-dlq",)"
                       R"("maxReceiveCount":"1"})"},
                      {"VisibilityTimeout", "5"}});
  }

  ~AdminApiTest() override {
    broker_.stop();
    run_ready(loop_);
  }

  template <class T>
  T run(asio::awaitable<T> work) {
    std::optional<T> result;
    tasks_.spawn("test", keep(std::move(work), &result));
    run_ready(loop_);
    return std::move(result.value());
  }

  template <class T>
  static asio::awaitable<void> keep(asio::awaitable<T> work, std::optional<T>* result) {
    T value = co_await std::move(work);
    result->emplace(std::move(value));
  }

  HttpResponse ask(HttpRequest asked) { return run(api_.handle(std::move(asked), cancellation_)); }

  static queue::QueueAddress address(const std::string& name) {
    return {"us-east-1", "000000000000", name};
  }

  void create(const std::string& name, queue::AttributeMap attributes) {
    queue::CreateQueueRequest create{address(name), std::move(attributes), {}};
    ASSERT_TRUE(run(broker_.create_queue(std::move(create))));
  }

  void send(const std::string& body) { send_to("signup", body); }

  void send_to(const std::string& queue, const std::string& body) {
    queue::SendRequest send;
    send.address = address(queue);
    send.entries.resize(1);
    send.entries[0].content.body = body;
    ASSERT_TRUE(run(broker_.send(std::move(send))));
  }

  // Receives once more than allowed: what is there moves to the dead-letter queue.
  void let_fail() {
    for (int i = 0; i < 2; ++i) {
      queue::ReceiveRequest receive;
      receive.address = address("signup");
      receive.max_messages = 10;
      run(broker_.receive(std::move(receive), cancellation_));
      clock_.advance(std::chrono::seconds(6));
    }
  }

  asio::io_context loop_;
  ManualClock clock_{loop_};
  queue::MemoryJournal journal_;
  queue::Engine engine_{queue::HandleKey{}, journal_};
  queue::LocalBroker broker_{loop_, clock_, engine_, journal_, 1};
  MetricsRegistry metrics_;
  OneMapping mappings_;
  LastErrors last_errors_;
  FunctionLogs logs_{clock_};
  AdminApi api_{AdminSources{clock_, broker_, metrics_, mappings_, last_errors_, logs_, nullptr},
                AdminScope{"us-east-1", "000000000000"}};
  Cancellation cancellation_;
  TaskGroup tasks_{loop_.get_executor()};
};

TEST_F(AdminApiTest, HealthIsOk) {
  const HttpResponse response = ask(request("GET", "/_headrace/health"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"status":"ok","version":"0.1.0"})");
  EXPECT_EQ(ask(request("GET", "/_localstack/health")).body,
            R"({"services": {"sqs": "running"}, "version": "0.1.0"})");
}

TEST_F(AdminApiTest, UnknownPathsAndMethodsAreRefused) {
  EXPECT_EQ(ask(request("GET", "/_headrace/nothing")).status, 404);
  EXPECT_EQ(ask(request("GET", "/_headrace/healthy")).status, 404);
  const HttpResponse response = ask(request("GET", "/_headrace/redrive"));
  EXPECT_EQ(response.status, 405);
  EXPECT_THAT(response.headers, testing::ElementsAre(testing::Pair("Allow", "POST")));
  EXPECT_EQ(ask(request("POST", "/_headrace/peek", "{}", "text/plain")).status, 415);
  EXPECT_EQ(ask(request("POST", "/_headrace/peek", "{}", "application/jsonp")).status, 415);
  EXPECT_EQ(ask(request("POST", "/_headrace/peek", "{", "Application/JSON; a=b")).status, 400);
}

TEST_F(AdminApiTest, StatusShowsQueuesAndMappings) {
  send("a");
  const HttpResponse response = ask(request("GET", "/_headrace/status"));
  EXPECT_THAT(response.body, HasSubstr(R"("name":"signup","visible":1,"in_flight":0,"delayed":0)"));
  EXPECT_THAT(response.body,
              HasSubstr(R"("dead_letter_queue":"signup-dlq","max_receive_count":1)"));
  EXPECT_THAT(response.body, HasSubstr(R"("function":"welcome-email","state":"Enabled")"));
  EXPECT_THAT(ask(request("GET", "/_headrace/status?region=eu-west-1")).body,
              HasSubstr(R"("queues":[])"));
}

TEST_F(AdminApiTest, MetricsCountTheMessagesOfEachQueue) {
  metrics_.counter("headrace_mapping_invocations_total", "Invocations").add(3);
  send("a");
  send("b");
  clock_.advance(std::chrono::seconds(7));
  const std::string text = ask(request("GET", "/_headrace/metrics")).body;
  EXPECT_THAT(text, HasSubstr("headrace_queue_visible_messages{queue=\"signup\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("headrace_queue_oldest_message_age_seconds{queue=\"signup\"} 7\n"));
  EXPECT_THAT(text, HasSubstr("headrace_queue_sent_messages_total{queue=\"signup\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("headrace_mapping_invocations_total 3\n"));
}

TEST_F(AdminApiTest, PeekShowsADeadMessageWithItsLastErrorAndLeasesNothing) {
  send(R"({"email":"bounce"})");
  let_fail();
  queue::PeekRequest peek{address("signup-dlq"), 1};
  const auto dead = run(broker_.peek(std::move(peek)));
  ASSERT_TRUE(dead);
  ASSERT_EQ(dead->size(), 1U);
  last_errors_.record((*dead)[0].message.message_id, "550 no such user");

  for (int i = 0; i < 2; ++i) {
    const HttpResponse response =
        ask(request("POST", "/_headrace/peek", R"({"queue":"signup-dlq","max":5})"));
    EXPECT_EQ(response.status, 200);
    EXPECT_THAT(response.body, HasSubstr(R"("state":"visible")"));
    EXPECT_THAT(response.body, HasSubstr(R"("body":"{\"email\":\"bounce\"}")"));
    EXPECT_THAT(response.body, HasSubstr(R"("last_error":"550 no such user")"));
    EXPECT_THAT(response.body,
                HasSubstr(R"("dead_letter_source":"arn:aws:sqs:us-east-1:000000000000:signup")"));
  }
}

TEST_F(AdminApiTest, PeekRefusesAMissingQueueAndOddCounts) {
  EXPECT_EQ(ask(request("POST", "/_headrace/peek", R"({"queue":"lost"})")).status, 404);
  EXPECT_EQ(ask(request("POST", "/_headrace/peek", R"({"queue":"signup","max":0})")).status, 400);
  EXPECT_EQ(ask(request("POST", "/_headrace/peek", R"({"queue":"signup","max":101})")).status, 400);
}

TEST_F(AdminApiTest, RedriveMovesEverythingBackToItsSource) {
  for (int i = 0; i < 10; ++i) send("m" + std::to_string(i));
  let_fail();
  EXPECT_EQ(
      ask(request("POST", "/_headrace/redrive", R"({"queue":"signup-dlq","dry_run":true})")).body,
      R"({"visible":10})");
  EXPECT_EQ(ask(request("POST", "/_headrace/redrive", R"({"queue":"signup-dlq"})")).body,
            R"({"moved":10,"without_source":0})");
  EXPECT_THAT(ask(request("GET", "/_headrace/status")).body,
              HasSubstr(R"("name":"signup","visible":10)"));
}

TEST_F(AdminApiTest, RedriveMovesMoreThanOneChunkToAnotherQueue) {
  create("parked", {});
  for (int i = 0; i < 250; ++i) send("m");
  EXPECT_EQ(
      ask(request("POST", "/_headrace/redrive", R"({"queue":"signup","destination":"parked"})"))
          .body,
      R"({"moved":250,"without_source":0})");
}

TEST_F(AdminApiTest, RedriveSaysHowManyHaveNoSource) {
  send_to("signup-dlq", "a");
  EXPECT_EQ(ask(request("POST", "/_headrace/redrive", R"({"queue":"signup-dlq"})")).body,
            R"({"moved":0,"without_source":1})");
}

TEST_F(AdminApiTest, RedriveWithoutADestinationNeedsADeadLetterQueue) {
  send("a");
  const HttpResponse response = ask(request("POST", "/_headrace/redrive", R"({"queue":"signup"})"));
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.body, HasSubstr("signup is no queue's dead-letter queue"));
}

TEST_F(AdminApiTest, PeekTakesTheUrlOfAQueue) {
  send("a");
  EXPECT_THAT(ask(request("POST", "/_headrace/peek",
                          R"({"queue":"http://localhost:4566/000000000000/signup"})"))
                  .body,
              HasSubstr(R"("body":"a")"));
}

TEST_F(AdminApiTest, LogsOfAFunctionThatIsNotThereAreNotFound) {
  EXPECT_EQ(ask(request("GET", "/_headrace/logs?function=nosuch")).status, 404);
}

TEST_F(AdminApiTest, LogsAnswerWithWhatIsThere) {
  logs_.append("welcome-email", "START");
  logs_.append("audit", "hello");
  const std::string all = ask(request("GET", "/_headrace/logs")).body;
  EXPECT_THAT(all, HasSubstr(R"("text":"START")"));
  EXPECT_THAT(all, HasSubstr(R"("text":"hello"}],"last":2})"));
  const std::string one = ask(request("GET", "/_headrace/logs?function=audit&after=1")).body;
  EXPECT_THAT(one, HasSubstr("hello"));
  EXPECT_THAT(one, Not(HasSubstr("START")));
  EXPECT_EQ(ask(request("GET", "/_headrace/logs?wait=21")).status, 400);
  EXPECT_EQ(ask(request("GET", "/_headrace/logs?after=x")).status, 400);
}

TEST_F(AdminApiTest, LogsOfABeforeARestartStartAnew) {
  logs_.append("f", "first line after the restart");
  EXPECT_THAT(ask(request("GET", "/_headrace/logs?after=900")).body, HasSubstr("first line"));
}

TEST_F(AdminApiTest, FollowingLogsWaitsForTheNextLineOfThatFunction) {
  std::optional<HttpResponse> response;
  auto work = api_.handle(request("GET", "/_headrace/logs?function=f&wait=20"), cancellation_);
  tasks_.spawn("follow", keep(std::move(work), &response));
  run_ready(loop_);
  logs_.append("other", "not this one");
  run_ready(loop_);
  EXPECT_FALSE(response);
  logs_.append("f", "this one");
  run_ready(loop_);
  ASSERT_TRUE(response);
  EXPECT_THAT(response->body, HasSubstr("this one"));
}

TEST_F(AdminApiTest, FollowingLogsEndsAfterItsWaitAndWhenTheClientLeaves) {
  std::optional<HttpResponse> patient;
  std::optional<HttpResponse> gone;
  Cancellation left;
  auto first = api_.handle(request("GET", "/_headrace/logs?wait=20"), cancellation_);
  auto second = api_.handle(request("GET", "/_headrace/logs?wait=20"), left);
  tasks_.spawn("patient", keep(std::move(first), &patient));
  tasks_.spawn("gone", keep(std::move(second), &gone));
  run_ready(loop_);
  left.request();
  run_ready(loop_);
  EXPECT_TRUE(gone);
  EXPECT_FALSE(patient);
  clock_.advance(std::chrono::seconds(20));
  ASSERT_TRUE(patient);
  EXPECT_EQ(patient->body, R"({"lines":[],"last":0})");
}

TEST_F(AdminApiTest, ExplainsAMessageByItsId) {
  send("hello");
  const std::string peeked = ask(request("POST", "/_headrace/peek", R"({"queue":"signup"})")).body;
  const std::string id = peeked.substr(peeked.find("message_id") + 13, 36);
  const HttpResponse response = ask(request("GET", "/_headrace/explain?message=" + id));
  EXPECT_EQ(response.status, 200);
  EXPECT_THAT(response.body, HasSubstr("\"message_id\":\"" + id + "\""));
  EXPECT_THAT(response.body, HasSubstr(R"("now":{"state":"visible","queue":"signup")"));
  EXPECT_THAT(response.body, HasSubstr(R"("history":{"kept":false})"));
  const HttpResponse elsewhere =
      ask(request("GET", "/_headrace/explain?region=eu-west-1&message=" + id));
  EXPECT_THAT(elsewhere.body, HasSubstr(R"("now":{"state":"unknown"})"));
}

TEST_F(AdminApiTest, RefusesToExplainWhatIsNoMessageId) {
  EXPECT_EQ(ask(request("GET", "/_headrace/explain")).status, 400);
  EXPECT_EQ(ask(request("GET", "/_headrace/explain?message=1234")).status, 400);
}

}  // namespace
}  // namespace headrace::runtime

#include "functions/runtime_api.hpp"

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/task_group.hpp"
#include "functions/limits.hpp"
#include "functions/records_event.hpp"
#include "functions/runtime_link.hpp"
#include "tests/functions/event_builder.hpp"
#include "tests/functions/run_awaitable.hpp"

namespace headrace::functions {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// A worker that notes what it is told.
class RecordingWorker final : public WorkerEvents {
 public:
  void on_ready() override { told.emplace_back("ready"); }
  void on_init_failed(std::string reason) override { told.push_back("init failed: " + reason); }
  void on_log(std::string line) override { told.push_back("log: " + line); }
  void on_done() override {
    told.emplace_back("done");
    running = false;
  }
  void on_broken() override { told.emplace_back("broken"); }
  void on_silent() override { told.emplace_back("silent"); }
  CallReport* running_call() override { return running ? &report : nullptr; }

  std::vector<std::string> told;
  bool running = false;
  CallReport report;
};

class RuntimeApiTest : public testing::Test {
 protected:
  RuntimeApiTest() {
    config.timeout = std::chrono::seconds(3);
    config.arn = "arn:aws:lambda:us-east-1:000000000000:function:under-test";
    link = std::make_unique<RuntimeLink>(seats, config);
    link->open(worker);
  }

  HttpRequest make_request(const std::string& method, const std::string& path,
                           const std::string& body = "",
                           const std::vector<HttpHeaderView>& headers = {}) {
    HttpRequest request;
    request.head = std::make_unique<std::string>(method + " /" + link->token() + path);
    const std::string_view head = *request.head;
    request.method = head.substr(0, method.size());
    request.path = head.substr(method.size() + 1);
    request.headers = headers;
    request.body = body;
    return request;
  }

  HttpResponse call(HttpRequest request) {
    return run(loop, api.handle(std::move(request), cancellation));
  }

  HttpResponse get(const std::string& path) {
    return call(make_request("GET", "/2018-06-01" + path));
  }
  HttpResponse post(const std::string& path, const std::string& body,
                    const std::vector<HttpHeaderView>& headers = {}) {
    return call(make_request("POST", "/2018-06-01" + path, body, headers));
  }
  HttpResponse next() { return get("/runtime/invocation/next"); }

  // The invocation that `next` will find.
  void offer(const std::string& request_id = "req-1") {
    invocation.request_id = request_id;
    worker.running = true;
    worker.report = CallReport();
    run(loop, link->send(invocation, from_epoch_ms(1'700'000'003'000)));
  }

  boost::asio::awaitable<void> poll(std::optional<HttpResponse>& into) {
    HttpResponse response = co_await api.handle(
        make_request("GET", "/2018-06-01/runtime/invocation/next"), cancellation);
    into = std::move(response);
  }

  // Runs what can run now.
  void settle() {
    loop.restart();
    loop.poll();
  }

  boost::asio::io_context loop;
  FunctionConfig config;
  RuntimeSeats seats;
  RuntimeApi api{seats};
  RecordingWorker worker;
  Cancellation cancellation;
  std::unique_ptr<RuntimeLink> link;
  const Event event = make_event({"{}"});
  Invocation invocation{"req-1", &event};
};

std::string header(const HttpResponse& response, const std::string& name) {
  for (const auto& [header_name, value] : response.headers) {
    if (header_name == name) return value;
  }
  return "none";
}

TEST_F(RuntimeApiTest, NextHandsOutTheEventWithItsHeaders) {
  offer();
  const HttpResponse response = next();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body, render_records_event(event));
  EXPECT_EQ(header(response, "Lambda-Runtime-Aws-Request-Id"), "req-1");
  EXPECT_EQ(header(response, "Lambda-Runtime-Deadline-Ms"), "1700000003000");
  EXPECT_EQ(header(response, "Lambda-Runtime-Invoked-Function-Arn"), config.arn);
  EXPECT_THAT(header(response, "Lambda-Runtime-Trace-Id"),
              testing::MatchesRegex("Root=1-6553f100-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0"));
}

TEST_F(RuntimeApiTest, FirstNextEndsTheInitAndWaitsForAnEvent) {
  TaskGroup tasks(loop.get_executor());
  std::optional<HttpResponse> response;
  tasks.spawn("next", poll(response));
  settle();
  EXPECT_THAT(worker.told, ElementsAre("ready"));
  EXPECT_FALSE(response);
  offer();
  settle();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
}

TEST_F(RuntimeApiTest, ProcessThatSpeaksBeforeItsWorkerListensIsHeard) {
  link = std::make_unique<RuntimeLink>(seats, config);
  TaskGroup tasks(loop.get_executor());
  std::optional<HttpResponse> response;
  tasks.spawn("next", poll(response));
  settle();
  EXPECT_THAT(worker.told, IsEmpty());
  link->open(worker);
  EXPECT_THAT(worker.told, ElementsAre("ready"));
  link->close();
  settle();
}

TEST_F(RuntimeApiTest, ResponseIsAcceptedAndTheNextNextEndsTheInvocation) {
  offer();
  next();
  const HttpResponse response = post("/runtime/invocation/req-1/response", "{\"ok\":true}");
  EXPECT_EQ(response.status, 202);
  EXPECT_EQ(response.body, "{\"status\":\"OK\"}");
  EXPECT_EQ(worker.report.response, "{\"ok\":true}");
  EXPECT_TRUE(worker.report.answered);
  EXPECT_THAT(worker.told, ElementsAre("ready"));
  TaskGroup tasks(loop.get_executor());
  std::optional<HttpResponse> waiting;
  tasks.spawn("next", poll(waiting));
  settle();
  EXPECT_THAT(worker.told, ElementsAre("ready", "done"));
  link->close();
  settle();
}

TEST_F(RuntimeApiTest, NextDeliversTheRunningInvocationAgain) {
  offer();
  const HttpResponse first = next();
  const HttpResponse second = next();
  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(header(second, "Lambda-Runtime-Aws-Request-Id"), "req-1");
  EXPECT_THAT(worker.told, ElementsAre("ready"));
}

TEST_F(RuntimeApiTest, NextDoesNotDeliverWhatNobodyWaitsForAnyMore) {
  offer();
  next();
  worker.running = false;
  TaskGroup tasks(loop.get_executor());
  std::optional<HttpResponse> response;
  tasks.spawn("next", poll(response));
  settle();
  EXPECT_FALSE(response);
  link->close();
  settle();
  EXPECT_EQ(response->status, 410);
}

TEST_F(RuntimeApiTest, NextOfAClientThatLeftEndsWithoutTheEvent) {
  TaskGroup tasks(loop.get_executor());
  std::optional<HttpResponse> response;
  tasks.spawn("next", poll(response));
  settle();
  cancellation.request();
  settle();
  ASSERT_TRUE(response);
  EXPECT_NE(response->status, 200);
  run(loop, link->closed());
}

TEST_F(RuntimeApiTest, ErrorIsPassedOnAsItsRuntimeWroteIt) {
  offer();
  next();
  const std::string document =
      R"({"errorType":"TypeError","errorMessage":"no reason","trace":["a","b"]})";
  EXPECT_EQ(post("/runtime/invocation/req-1/error", document).status, 202);
  ASSERT_TRUE(worker.report.error);
  EXPECT_EQ(worker.report.error->type, "TypeError");
  EXPECT_EQ(worker.report.error->message, "no reason");
  const InvocationResult result = judge(std::move(worker.report), "req-1", config.timeout);
  EXPECT_EQ(result.outcome, Outcome::kFailed);
}

TEST_F(RuntimeApiTest, ErrorDocumentIsThePayload) {
  CallReport report;
  report.end = CallEnd::kDone;
  report.error = {"TypeError", "no reason", {}};
  report.error_document = R"({"errorMessage":"no reason","errorType":"TypeError","x":1})";
  EXPECT_EQ(judge(report, "req-1", config.timeout).payload, report.error_document);
}

TEST_F(RuntimeApiTest, TypeOfAnErrorMayComeFromAHeader) {
  const std::vector<std::pair<std::string, std::string>> types = {
      {"Runtime.ExitError", "Runtime.ExitError"},
      {"Function.NoReason", "Function.NoReason"},
      {"Function.no", "Function.Unknown"},
      {"Sandbox.Timedout", "Function.Unknown"},
      {"", "Function.Unknown"}};
  for (const auto& [given, kept] : types) {
    offer();
    next();
    post("/runtime/invocation/req-1/error", "not json",
         {{"lambda-runtime-function-error-type", given}});
    ASSERT_TRUE(worker.report.error) << given;
    EXPECT_EQ(worker.report.error->type, kept);
    EXPECT_EQ(worker.report.error->message, "not json");
    EXPECT_EQ(worker.report.error_document, "");
    link = std::make_unique<RuntimeLink>(seats, config);
    link->open(worker);
  }
}

TEST_F(RuntimeApiTest, AnswerToAnotherInvocationIsRefused) {
  offer();
  next();
  const HttpResponse response = post("/runtime/invocation/req-2/response", "{}");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body,
            R"({"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"})");
  EXPECT_FALSE(worker.report.answered);
  EXPECT_EQ(post("/runtime/invocation//response", "{}").status, 400);
}

TEST_F(RuntimeApiTest, AnswerToAFinishedInvocationIsRefused) {
  offer("req-1");
  next();
  post("/runtime/invocation/req-1/response", "{}");
  TaskGroup tasks(loop.get_executor());
  std::optional<HttpResponse> waiting;
  tasks.spawn("next", poll(waiting));
  settle();
  offer("req-2");
  settle();
  EXPECT_EQ(post("/runtime/invocation/req-1/response", "{}").status, 400);
  EXPECT_EQ(post("/runtime/invocation/req-2/response", "{}").status, 202);
}

TEST_F(RuntimeApiTest, SecondAnswerIsRefusedAndChangesNothing) {
  offer();
  next();
  post("/runtime/invocation/req-1/response", "1");
  const HttpResponse response = post("/runtime/invocation/req-1/error", "2");
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(response.body,
            R"({"errorMessage":"State transition from ResponseSent to InvocationErrorResponse )"
            R"(failed for runtime. Error: State transition is not allowed",)"
            R"("errorType":"InvalidStateTransition"})");
  EXPECT_EQ(worker.report.response, "1");
  EXPECT_FALSE(worker.report.error);
}

TEST_F(RuntimeApiTest, InitErrorIsTheReasonAndEndsTheWorker) {
  const HttpResponse response = post(
      "/runtime/init/error", R"({"errorType":"Runtime.ImportModuleError","errorMessage":"x"})");
  EXPECT_EQ(response.status, 202);
  EXPECT_THAT(worker.told, ElementsAre("init failed: Runtime.ImportModuleError: x", "silent"));
  EXPECT_EQ(next().status, 403);
}

TEST_F(RuntimeApiTest, InitErrorAfterTheInitIsRefused) {
  offer();
  next();
  const HttpResponse response = post("/runtime/init/error", "{}");
  EXPECT_EQ(response.status, 403);
  EXPECT_THAT(response.body, testing::HasSubstr("from Running to InitError"));
  EXPECT_THAT(worker.told, ElementsAre("ready"));
}

TEST_F(RuntimeApiTest, LargestResponseIsAccepted) {
  offer();
  next();
  const std::string body(kResponseBytesMax, '1');
  EXPECT_EQ(post("/runtime/invocation/req-1/response", body).status, 202);
  EXPECT_EQ(worker.report.response.size(), 6'291'556U);
}

TEST_F(RuntimeApiTest, LargerResponseIsTheFunctionsError) {
  offer();
  next();
  const std::string body(kResponseBytesMax + 1, '1');
  const HttpResponse response = post("/runtime/invocation/req-1/response", body);
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(response.body,
            R"({"errorMessage":"Exceeded maximum allowed payload size (6291556 bytes).",)"
            R"("errorType":"RequestEntityTooLarge"})");
  ASSERT_TRUE(worker.report.error);
  EXPECT_EQ(worker.report.error->type, "Function.ResponseSizeTooLarge");
  EXPECT_EQ(worker.report.error->message,
            "Response payload size exceeded maximum allowed payload size (6291556 bytes).");
}

TEST_F(RuntimeApiTest, ResponseThatAnnouncesTooMuchIsTurnedAwayBeforeItsBody) {
  offer();
  next();
  const auto turned_away =
      api.turn_away(make_request("POST", "/2018-06-01/runtime/invocation/req-1/response", "",
                                 {{"content-length", "6291557"}}));
  ASSERT_TRUE(turned_away);
  EXPECT_EQ(turned_away->status, 413);
  EXPECT_EQ(worker.report.error->type, "Function.ResponseSizeTooLarge");
  EXPECT_FALSE(api.turn_away(
      make_request("POST", "/2018-06-01/runtime/init/error", "", {{"content-length", "6291557"}})));
}

TEST_F(RuntimeApiTest, UnknownResponseModeIsRefused) {
  offer();
  next();
  const HttpResponse response = post("/runtime/invocation/req-1/response", "{}",
                                     {{"lambda-runtime-function-response-mode", "telepathic"}});
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.body, testing::HasSubstr("InvalidFunctionResponseMode"));
  EXPECT_FALSE(worker.report.answered);
}

TEST_F(RuntimeApiTest, ErrorInTheTrailersOfAResponseIsTheFunctionsError) {
  offer();
  next();
  HttpRequest request =
      make_request("POST", "/2018-06-01/runtime/invocation/req-1/response", "half an ans");
  request.trailers = {
      {"lambda-runtime-function-error-type", "Function.Late"},
      {"lambda-runtime-function-error-body", base64_encode(R"({"errorMessage":"x"})")}};
  EXPECT_EQ(call(std::move(request)).status, 202);
  ASSERT_TRUE(worker.report.error);
  EXPECT_EQ(worker.report.error->type, "Function.Late");
  EXPECT_EQ(worker.report.error->message, "x");
  EXPECT_EQ(worker.report.response, "");
}

TEST_F(RuntimeApiTest, EmptyTrailersOfAResponseMeanNothing) {
  offer();
  next();
  HttpRequest request = make_request("POST", "/2018-06-01/runtime/invocation/req-1/response", "1");
  request.trailers = {{"lambda-runtime-function-error-type", ""},
                      {"lambda-runtime-function-error-body", ""}};
  EXPECT_EQ(call(std::move(request)).status, 202);
  EXPECT_EQ(worker.report.response, "1");
  EXPECT_FALSE(worker.report.error);
}

TEST_F(RuntimeApiTest, StrangerIsRefused) {
  const std::string token = link->token();
  std::string other = token;
  other.back() = other.back() == 'a' ? 'b' : 'a';
  const std::vector<std::string> strangers = {"",          other, token.substr(0, token.find('-')),
                                              token + "a", "1",   "99-" + token};
  for (const std::string& stranger : strangers) {
    HttpRequest request = make_request("GET", "");
    const std::string path = "/" + stranger + "/2018-06-01/ping";
    request.path = path;
    EXPECT_TRUE(api.turn_away(request)) << stranger;
    EXPECT_EQ(call(std::move(request)).status, 403) << stranger;
  }
}

TEST_F(RuntimeApiTest, TokenOfAWorkerThatIsNoMoreIsRefused) {
  const std::string path = "/" + link->token() + "/2018-06-01/ping";
  HttpRequest request = make_request("GET", "");
  request.path = path;
  link.reset();
  EXPECT_EQ(call(std::move(request)).status, 403);
}

TEST_F(RuntimeApiTest, TwoWorkersHaveTwoTokens) {
  const RuntimeLink other(seats, config);
  EXPECT_NE(other.token(), link->token());
}

TEST_F(RuntimeApiTest, PingIsAnswered) {
  EXPECT_EQ(get("/ping").body, "pong");
  EXPECT_EQ(call(make_request("GET", "/ping")).status, 200);
}

TEST_F(RuntimeApiTest, OtherPathsAndMethodsAreNotFound) {
  for (const char* path : {"/runtime/restore/next", "/runtime/invocation/req-1",
                           "/runtime/invocation/req-1/response/more", "/extension/register", "/"}) {
    EXPECT_EQ(get(path).status, 404) << path;
    EXPECT_EQ(post(path, "").status, 404) << path;
  }
  EXPECT_EQ(post("/runtime/invocation/next", "").status, 404);
  EXPECT_EQ(get("/runtime/init/error").status, 404);
}

}  // namespace
}  // namespace headrace::functions

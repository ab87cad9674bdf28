#include "functions/http_function.hpp"

#include <atomic>
#include <thread>

#include <arpa/inet.h>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>

#include "functions/curl_http_client.hpp"
#include "functions/limits.hpp"
#include "functions/records_event.hpp"
#include "tests/functions/event_builder.hpp"
#include "tests/functions/run_awaitable.hpp"

namespace headrace::functions {
namespace {

using boost::asio::ip::tcp;
using testing::HasSubstr;

// Answers every request on one connection after another with the same bytes.
class TinyServer {
 public:
  explicit TinyServer(std::string answer) : answer_(std::move(answer)) {}
  ~TinyServer() {
    stopping_ = true;
    boost::system::error_code ignored;
    tcp::socket wake(io_);
    wake.connect(acceptor_.local_endpoint(), ignored);
    thread_.join();
  }

  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + "/hook";
  }
  std::string request() const { return request_; }  // after an answer arrived

 private:
  void serve() {
    for (;;) {
      tcp::socket client = acceptor_.accept();
      if (stopping_) return;
      request_.clear();
      while (!complete()) {
        std::array<char, 65536> bytes{};
        boost::system::error_code failure;
        const std::size_t size = client.read_some(boost::asio::buffer(bytes), failure);
        if (failure) break;
        request_.append(bytes.data(), size);
      }
      boost::system::error_code ignored;
      boost::asio::write(client, boost::asio::buffer(answer_), ignored);
      if (answer_.empty()) client.read_some(boost::asio::buffer(hold_), ignored);
    }
  }

  bool complete() const {
    static const std::string kLength = "Content-Length: ";
    const std::size_t head = request_.find("\r\n\r\n");
    const std::size_t length = request_.find(kLength);
    if (head == std::string::npos || length == std::string::npos) return false;
    return request_.size() >= head + 4 + std::stoul(request_.substr(length + kLength.size()));
  }

  boost::asio::io_context io_;
  tcp::acceptor acceptor_{io_, tcp::endpoint(boost::asio::ip::address_v4::loopback(), 0)};
  std::string answer_;
  std::string request_;
  std::array<char, 1> hold_{};
  std::atomic<bool> stopping_ = false;
  std::thread thread_{[this] { serve(); }};
};

std::string reply(const std::string& status, const std::string& body,
                  const std::string& headers = "") {
  return "HTTP/1.1 " + status +
         "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         headers + "\r\n" + body;
}

class HttpFunctionTest : public testing::Test {
 protected:
  HttpFunctionTest() {
    config.name = "hook";
    config.kind = FunctionKind::kHttp;
    config.timeout = std::chrono::seconds(5);
    config.workers.max = 2;
  }

  InvocationResult invoke_url(const std::string& url) {
    config.url = url;
    HttpFunction function(clock, *client, config);
    Result<Slot> slot = run(loop, function.acquire_slot());
    return run(loop, function.invoke(std::move(*slot), {"req-1", &event}));
  }

  InvocationResult invoke_answering(const std::string& answer) {
    TinyServer server(answer);
    return invoke_url(server.url());
  }

  boost::asio::io_context loop;
  SystemClock clock{loop};
  std::unique_ptr<HttpClient> client = make_curl_http_client(loop, clock);
  FunctionConfig config;
  Event event = make_event({"hello"});
};

TEST_F(HttpFunctionTest, BatchIsPostedAsTheRecordsEvent) {
  TinyServer server(reply("200 OK", "{\"batchItemFailures\":[]}"));
  const InvocationResult result = invoke_url(server.url());
  EXPECT_EQ(result.outcome, Outcome::kSucceeded) << result.error_message;
  EXPECT_EQ(result.payload, "{\"batchItemFailures\":[]}");
  EXPECT_THAT(server.request(), testing::StartsWith("POST /hook HTTP/1.1\r\n"));
  EXPECT_THAT(server.request(), HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(server.request(), testing::EndsWith("\r\n\r\n" + render_records_event(event)));
}

TEST_F(HttpFunctionTest, LargeBatchArrivesWhole) {
  event = make_event(std::vector<std::string>(20, std::string(200'000, 'x')));
  TinyServer server(reply("204 No Content", ""));
  EXPECT_EQ(invoke_url(server.url()).outcome, Outcome::kSucceeded);
  EXPECT_THAT(server.request(), testing::EndsWith(render_records_event(event)));
}

TEST_F(HttpFunctionTest, EmptyAnswerSucceeds) {
  EXPECT_EQ(invoke_answering(reply("200 OK", "")).outcome, Outcome::kSucceeded);
}

TEST_F(HttpFunctionTest, ErrorTypeInAnAnswerIsAFunctionError) {
  const InvocationResult result =
      invoke_answering(reply("200 OK", R"({"errorType":"Boom","errorMessage":"no"})"));
  EXPECT_EQ(result.outcome, Outcome::kFailed);
  EXPECT_EQ(result.error_type, "Boom");
  EXPECT_EQ(result.error_message, "no");
}

TEST_F(HttpFunctionTest, AnswerThatIsNotJsonFails) {
  const InvocationResult result = invoke_answering(reply("200 OK", "<html>hello</html>"));
  EXPECT_EQ(result.outcome, Outcome::kFailed);
  EXPECT_EQ(result.error_type, "Function.InvalidResponse");
}

TEST_F(HttpFunctionTest, TooManyRequestsIsThrottlingWithItsDelay) {
  const InvocationResult result =
      invoke_answering(reply("429 Too Many Requests", "x", "Retry-After: 7\r\n"));
  EXPECT_EQ(result.outcome, Outcome::kThrottled);
  EXPECT_EQ(result.retry_after, Duration(7000));
}

TEST_F(HttpFunctionTest, ServiceUnavailableIsThrottling) {
  const InvocationResult result = invoke_answering(reply("503 Service Unavailable", ""));
  EXPECT_EQ(result.outcome, Outcome::kThrottled);
  EXPECT_EQ(result.error_message, "status 503");
  EXPECT_FALSE(result.retry_after.has_value());
}

TEST_F(HttpFunctionTest, OtherStatusFails) {
  const InvocationResult result = invoke_answering(reply("500 Oops", "it broke"));
  EXPECT_EQ(result.outcome, Outcome::kFailed);
  EXPECT_EQ(result.error_message, "the function answered with status 500: it broke");
}

TEST_F(HttpFunctionTest, RedirectIsNotFollowed) {
  TinyServer target(reply("200 OK", ""));
  const InvocationResult result =
      invoke_answering(reply("302 Found", "", "Location: " + target.url() + "\r\n"));
  EXPECT_EQ(result.outcome, Outcome::kFailed);
  EXPECT_EQ(target.request(), "");
}

TEST_F(HttpFunctionTest, SilentServerTimesOut) {
  config.timeout = std::chrono::milliseconds(200);
  const InvocationResult result = invoke_answering("");
  EXPECT_EQ(result.error_type, "Sandbox.Timedout");
  EXPECT_EQ(result.error_message, "RequestId: req-1 Error: Task timed out after 0.20 seconds");
}

TEST_F(HttpFunctionTest, RefusedConnectionFails) {
  std::string url;
  { url = TinyServer("").url(); }
  EXPECT_EQ(invoke_url(url).error_type, "Function.RequestFailed");
}

TEST_F(HttpFunctionTest, AnswerAboveTheLimitFails) {
  const InvocationResult result =
      invoke_answering(reply("200 OK", std::string(kResponseBytesMax + 1, '1')));
  EXPECT_EQ(result.outcome, Outcome::kFailed);
  EXPECT_THAT(result.error_message, HasSubstr("larger than 6291556 bytes"));
}

TEST_F(HttpFunctionTest, AnswerThatBreaksOffFails) {
  EXPECT_EQ(invoke_answering("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}").outcome,
            Outcome::kFailed);
}

TEST_F(HttpFunctionTest, EndlessHeaderFails) {
  const std::string header = "X-Filler: " + std::string(1000, 'x') + "\r\n";
  std::string headers;
  for (int i = 0; i < 100; ++i) headers += header;
  EXPECT_EQ(invoke_answering(reply("200 OK", "", headers)).outcome, Outcome::kFailed);
}

TEST_F(HttpFunctionTest, ProxyOfTheEnvironmentIsIgnored) {
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  EXPECT_EQ(invoke_answering(reply("200 OK", "")).outcome, Outcome::kSucceeded);
  unsetenv("http_proxy");
}

TEST_F(HttpFunctionTest, MetadataAddressIsRefused) {
  const InvocationResult result = invoke_url("http://169.254.169.254/latest/meta-data");
  EXPECT_EQ(result.outcome, Outcome::kFailed);
  EXPECT_THAT(result.error_message, HasSubstr("link-local"));
}

TEST_F(HttpFunctionTest, OtherSchemesAreRefused) {
  EXPECT_EQ(invoke_url("file:///etc/passwd").outcome, Outcome::kFailed);
}

TEST_F(HttpFunctionTest, SlotsAreLimited) {
  HttpFunction function(clock, *client, config);
  Result<Slot> first = run(loop, function.acquire_slot());
  Result<Slot> second = run(loop, function.acquire_slot());
  EXPECT_EQ(function.running(), 2U);
  *first = Slot();
  EXPECT_EQ(function.running(), 1U);
}

TEST(ForbiddenAddress, LinkLocalMulticastAndUnspecifiedAre) {
  const auto forbidden = [](const char* text) {
    sockaddr_in v4{};
    sockaddr_in6 v6{};
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) return is_forbidden_address(AF_INET, &v4);
    EXPECT_EQ(inet_pton(AF_INET6, text, &v6.sin6_addr), 1) << text;
    return is_forbidden_address(AF_INET6, &v6);
  };
  for (const char* address :
       {"169.254.169.254", "169.254.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "fe80::1",
        "fd00:ec2::254", "ff02::1", "::", "::ffff:169.254.169.254"}) {
    EXPECT_TRUE(forbidden(address)) << address;
  }
  for (const char* address : {"127.0.0.1", "10.0.0.1", "192.168.1.1", "8.8.8.8", "::1",
                              "2001:db8::1", "::ffff:127.0.0.1"}) {
    EXPECT_FALSE(forbidden(address)) << address;
  }
}

}  // namespace
}  // namespace headrace::functions

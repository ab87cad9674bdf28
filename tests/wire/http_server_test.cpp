#include <algorithm>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include "runtime/http/server.hpp"
#include "tests/wire/raw_client.hpp"
#include "tests/wire/test_server.hpp"

namespace headrace::wire {
namespace {

using runtime::ServerLimits;

std::string get(const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

std::string post(const std::string& path, const std::string& body) {
  return "POST " + path +
         " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

// Every wait below a tenth of a second, so that a cut is seen soon.
ServerLimits impatient() {
  ServerLimits limits;
  limits.sweep_interval = Duration(10);
  limits.head_time = Duration(60);
  limits.transfer_grace = Duration(60);
  limits.transfer_bytes_per_second = 100'000;
  limits.idle_time = Duration(60);
  limits.linger_time = Duration(60);
  return limits;
}

class HttpServerTest : public testing::TestWithParam<Layout> {};

std::string layout_name(const testing::TestParamInfo<Layout>& layout) {
  switch (layout.param) {
    case Layout::kOneLoop: return "OneLoop";
    case Layout::kTwoLoops: return "TwoLoops";
    case Layout::kCarriedBack: return "CarriedBack";
  }
  return "";
}

INSTANTIATE_TEST_SUITE_P(Layouts, HttpServerTest,
                         testing::Values(Layout::kOneLoop, Layout::kTwoLoops, Layout::kCarriedBack),
                         layout_name);

TEST_P(HttpServerTest, AnswersOneRequestAfterTheOtherOnOneConnection) {
  TestServer server(GetParam());
  RawClient client(server.port());
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(client.send(post("/echo", std::to_string(i))));
    const std::string reply = client.read_reply();
    ASSERT_EQ(status_of(reply), 200);
    EXPECT_EQ(body_of(reply), "POST /echo " + std::to_string(i));
    EXPECT_NE(reply.find("\r\nDate: "), std::string::npos);
    EXPECT_EQ(reply.find("Connection: close"), std::string::npos);
  }
  EXPECT_EQ(server.stats().connections_accepted, 1u);
  EXPECT_EQ(server.stats().requests, 50u);
}

TEST_P(HttpServerTest, AnswersPipelinedRequestsInOrder) {
  TestServer server(GetParam());
  RawClient client(server.port());
  std::string bytes = get("/slow");
  for (int i = 0; i < 1'000; ++i) bytes += post("/echo", std::to_string(i));
  ASSERT_TRUE(client.send(bytes));
  EXPECT_EQ(body_of(client.read_reply()), "GET /slow");
  for (int i = 0; i < 1'000; ++i) {
    ASSERT_EQ(body_of(client.read_reply()), "POST /echo " + std::to_string(i));
  }
}

TEST_P(HttpServerTest, DecodesAChunkedBody) {
  TestServer server(GetParam());
  RawClient client(server.port());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
  client.send("2\r\nde\r\n0\r\n\r\n");
  EXPECT_EQ(body_of(client.read_reply()), "POST /echo abcde");
}

TEST_P(HttpServerTest, InvitesTheBodyThatWaitsForIt) {
  TestServer server(GetParam());
  RawClient client(server.port());
  client.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_EQ(client.read_head(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("ok");
  EXPECT_EQ(body_of(client.read_reply()), "POST /echo ok");
}

TEST_P(HttpServerTest, HeadHasTheLengthButNoBody) {
  TestServer server(GetParam());
  RawClient client(server.port());
  client.send("HEAD /echo HTTP/1.1\r\nHost: a\r\n\r\n" + get("/echo"));
  const std::string head = client.read_head();
  EXPECT_NE(head.find("Content-Length: 11\r\n"), std::string::npos);
  EXPECT_EQ(body_of(client.read_reply()), "GET /echo ");
}

TEST_P(HttpServerTest, TakesAndGivesLargeBodies) {
  TestServer server(GetParam());
  RawClient client(server.port());
  const std::size_t size = 8 * 1024 * 1024;
  ASSERT_TRUE(client.send(post("/size", std::string(size, 'b'))));
  EXPECT_EQ(body_of(client.read_reply()), std::to_string(size));
  ASSERT_TRUE(client.send(get("/large?" + std::to_string(size))));
  EXPECT_EQ(body_of(client.read_reply()), std::string(size, 'x'));
}

TEST_P(HttpServerTest, RefusesALargerBodyAndTheClientCanReadWhy) {
  TestServer server(GetParam());
  RawClient client(server.port());
  const std::string head = "POST /size HTTP/1.1\r\nHost: a\r\nContent-Length: 8388609\r\n\r\n";
  client.send(head + std::string(200'000, 'b'));
  const std::string reply = client.read_all();
  EXPECT_EQ(status_of(reply), 413);
  EXPECT_NE(reply.find("Connection: close\r\n"), std::string::npos);
}

// Many clients send all of the body before they read.
TEST_P(HttpServerTest, RefusesALargerBodyAlsoWhenAllOfItIsSent) {
  TestServer server(GetParam());
  RawClient client(server.port());
  const std::size_t size = ServerLimits().request.body_bytes + 1;
  ASSERT_TRUE(client.send(post("/size", std::string(size, 'b'))));
  EXPECT_EQ(status_of(client.read_all()), 413);
}

TEST_P(HttpServerTest, ClosesAfterAFramingError) {
  TestServer server(GetParam());
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\nHost: a\n\n" + get("/echo"));
  const std::string all = client.read_all();
  EXPECT_EQ(status_of(all), 400);
  EXPECT_EQ(all.find("GET /echo"), std::string::npos);
  EXPECT_EQ(server.stats().requests_malformed, 1u);
}

TEST_P(HttpServerTest, ClosesWhenTheClientAsksForIt) {
  TestServer server(GetParam());
  RawClient client(server.port());
  client.send("GET /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  const std::string reply = client.read_all();
  EXPECT_EQ(status_of(reply), 200);
  EXPECT_NE(reply.find("Connection: close\r\n"), std::string::npos);
}

TEST_P(HttpServerTest, GuardRunsBeforeTheHandler) {
  TestServer server(GetParam());
  RawClient client(server.port());
  client.send("GET /echo HTTP/1.1\r\nHost: evil.example\r\n\r\n");
  EXPECT_EQ(status_of(client.read_reply()), 421);
  client.send("GET /echo HTTP/1.1\r\nHost: a\r\nOrigin: http://evil.example\r\n\r\n");
  const std::string reply = client.read_reply();
  EXPECT_EQ(status_of(reply), 403);
  EXPECT_NE(reply.find("Cache-Control: no-store\r\n"), std::string::npos);
  EXPECT_NE(reply.find("X-Content-Type-Options: nosniff\r\n"), std::string::npos);
  EXPECT_NE(reply.find("Cross-Origin-Resource-Policy: same-origin\r\n"), std::string::npos);
  EXPECT_EQ(server.stats().requests_guarded, 2u);
}

TEST_P(HttpServerTest, GuardRunsBeforeTheBodyIsRead) {
  TestServer server(GetParam());
  RawClient client(server.port());
  client.send(
      "POST /size HTTP/1.1\r\nHost: evil.example\r\nExpect: 100-continue\r\n"
      "Content-Length: 8000000\r\n\r\n");
  const std::string reply = client.read_all();
  EXPECT_EQ(status_of(reply), 421);
  EXPECT_NE(reply.find("Connection: close\r\n"), std::string::npos);
  EXPECT_EQ(server.stats().requests_guarded, 1u);
}

TEST_P(HttpServerTest, BodiesAboveTheBudgetOfAllAreRefused) {
  ServerLimits limits;
  limits.bodies_bytes = 300'000;
  TestServer server(GetParam(), limits);
  const std::string body(120'000, 'b');
  {
    RawClient first(server.port());
    RawClient second(server.port());
    first.send(post("/park", body));
    second.send(post("/park", body));
    EXPECT_TRUE(eventually([&] { return server.handler().parked == 2; }));
    RawClient third(server.port());
    third.send(post("/size", body));
    const std::string reply = third.read_all();
    EXPECT_EQ(status_of(reply), 503);
    EXPECT_NE(reply.find("Connection: close\r\n"), std::string::npos);
    EXPECT_EQ(server.stats().requests_over_budget, 1u);
  }
  EXPECT_TRUE(eventually([&] { return server.handler().cancelled == 2; }));
  EXPECT_TRUE(eventually([&] {
    RawClient next(server.port());
    next.send(post("/size", body));
    return body_of(next.read_reply()) == "120000";
  }));
}

TEST_P(HttpServerTest, HandlerThatThrowsCostsItsRequestOnly) {
  TestServer server(GetParam());
  RawClient client(server.port());
  client.send(get("/throw") + get("/no-memory") + get("/echo"));
  const std::string failed = client.read_reply();
  EXPECT_EQ(status_of(failed), 500);
  EXPECT_EQ(failed.find("bug"), std::string::npos);
  EXPECT_EQ(status_of(client.read_reply()), 503);
  EXPECT_EQ(status_of(client.read_reply()), 200);
  EXPECT_EQ(server.stats().handler_failures, 2u);
}

TEST_P(HttpServerTest, ClientThatClosesCancelsItsParkedRequest) {
  TestServer server(GetParam());
  {
    RawClient client(server.port());
    client.send(get("/park"));
    ASSERT_TRUE(eventually([&] { return server.handler().parked == 1; }));
    EXPECT_EQ(server.handler().cancelled, 0);
  }
  EXPECT_TRUE(eventually([&] { return server.handler().cancelled == 1; }));
  EXPECT_TRUE(eventually([&] { return server.stats().connections_open == 0; }));
  EXPECT_EQ(server.stats().requests_abandoned, 1u);
}

TEST_P(HttpServerTest, ClientThatResetsCancelsItsParkedRequest) {
  TestServer server(GetParam());
  RawClient client(server.port());
  client.send(get("/park"));
  ASSERT_TRUE(eventually([&] { return server.handler().parked == 1; }));
  client.reset();
  EXPECT_TRUE(eventually([&] { return server.handler().cancelled == 1; }));
}

TEST_P(HttpServerTest, HalfClosedClientEndsThePollButStillReadsTheAnswer) {
  TestServer server(GetParam());
  RawClient client(server.port());
  client.send(get("/park"));
  ASSERT_TRUE(eventually([&] { return server.handler().parked == 1; }));
  client.shut_sending();
  EXPECT_EQ(status_of(client.read_all()), 200);
}

TEST_P(HttpServerTest, PipelinedBytesDoNotHideThatTheClientLeft) {
  TestServer server(GetParam());
  {
    RawClient client(server.port());
    client.send(get("/park") + get("/echo"));
    ASSERT_TRUE(eventually([&] { return server.handler().parked == 1; }));
  }
  EXPECT_TRUE(eventually([&] { return server.handler().cancelled == 1; }));
}

TEST_P(HttpServerTest, SlowHeadIsCut) {
  TestServer server(GetParam(), impatient());
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\n");
  // Each byte comes well in time; the head as a whole does not.
  const bool cut = eventually([&] { return !client.send("A"); });
  EXPECT_TRUE(cut);
  EXPECT_EQ(server.stats().connections_timed_out, 1u);
}

TEST_P(HttpServerTest, SilentHeadIsAnsweredWithATimeout) {
  TestServer server(GetParam(), impatient());
  RawClient client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: a\r\n");
  EXPECT_EQ(status_of(client.read_all()), 408);
}

TEST_P(HttpServerTest, StalledBodyIsCut) {
  TestServer server(GetParam(), impatient());
  RawClient client(server.port());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc");
  EXPECT_EQ(status_of(client.read_all()), 408);
}

TEST_P(HttpServerTest, ClientThatReadsNothingIsCut) {
  TestServer server(GetParam(), impatient());
  RawClient client(server.port());
  client.shrink_receive_buffer();
  client.send(get("/large?50000000"));
  EXPECT_TRUE(eventually([&] { return server.stats().connections_timed_out == 1; }));
  EXPECT_TRUE(eventually([&] { return server.stats().connections_open == 0; }));
}

TEST_P(HttpServerTest, IdleConnectionIsClosed) {
  TestServer server(GetParam(), impatient());
  RawClient client(server.port());
  client.send(get("/echo"));
  client.read_reply();
  EXPECT_TRUE(client.is_closed_by_server());
}

TEST_P(HttpServerTest, ParkedRequestIsNotIdle) {
  TestServer server(GetParam(), impatient());
  RawClient client(server.port());
  client.send(get("/park"));
  ASSERT_TRUE(eventually([&] { return server.handler().parked == 1; }));
  RawClient idle(server.port());
  EXPECT_TRUE(idle.is_closed_by_server());  // a full idle time has passed
  EXPECT_EQ(server.handler().cancelled, 0);
}

TEST_P(HttpServerTest, ConnectionsAboveTheLimitAreClosedAtOnce) {
  ServerLimits limits;
  limits.connections = 2;
  TestServer server(GetParam(), limits);
  RawClient first(server.port());
  {
    RawClient second(server.port());
    second.send(get("/echo"));
    EXPECT_EQ(status_of(second.read_reply()), 200);
    RawClient third(server.port());
    EXPECT_TRUE(third.is_closed_by_server());
  }
  ASSERT_TRUE(eventually([&] { return server.stats().connections_open == 1; }));
  RawClient fourth(server.port());
  fourth.send(get("/echo"));
  EXPECT_EQ(status_of(fourth.read_reply()), 200);
  EXPECT_EQ(server.stats().connections_refused, 1u);
}

TEST_P(HttpServerTest, StopLetsRunningRequestsFinishAndClosesIdleConnections) {
  ServerLimits limits;
  limits.sweep_interval = Duration(10);
  limits.linger_time = Duration(20);
  TestServer server(GetParam(), limits);
  RawClient idle(server.port());
  idle.send(get("/echo"));
  idle.read_reply();
  RawClient busy(server.port());
  busy.send(get("/slow"));
  ASSERT_TRUE(eventually([&] { return server.stats().requests == 2; }));
  server.stop();
  const std::string reply = busy.read_all();
  EXPECT_EQ(status_of(reply), 200);
  EXPECT_NE(reply.find("Connection: close\r\n"), std::string::npos);
  EXPECT_TRUE(idle.is_closed_by_server());
  EXPECT_EQ(server.stats().connections_open, 0u);
}

TEST_P(HttpServerTest, StopCancelsWhatDoesNotFinishInTime) {
  ServerLimits limits;
  limits.drain_time = Duration(50);
  TestServer server(GetParam(), limits);
  RawClient client(server.port());
  client.send(get("/park"));
  ASSERT_TRUE(eventually([&] { return server.handler().parked == 1; }));
  server.stop();
  EXPECT_EQ(server.handler().cancelled, 1);
  EXPECT_TRUE(client.is_closed_by_server());
}

TEST(HttpServer, PortInUseIsAClearError) {
  TestServer holder(Layout::kOneLoop);
  boost::asio::io_context loop;
  SystemClock clock(loop);
  TestHandler handler;
  runtime::HttpServerConfig config;
  config.port = holder.port();
  runtime::HttpServer server(loop, clock, config, handler);
  const Result<std::uint16_t> port = server.bind();
  ASSERT_TRUE(port.has_error());
  EXPECT_EQ(port.error().code, ErrorCode::kExists);
  EXPECT_NE(port.error().message.find(std::to_string(holder.port())), std::string::npos);
}

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  statm >> total >> resident;
  return resident * 4096;
}

// As many as the limit on open files allows, up to 2,000: both ends live in this process.
std::size_t affordable_connections() {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  return std::min<std::size_t>(2'000, files.rlim_cur / 2 - 50);
}

TEST(HttpServer, ManyIdleConnectionsCostLittleAndStayServed) {
  ServerLimits limits;
  limits.sweep_interval = Duration(10);
  TestServer server(Layout::kOneLoop, limits);
  const std::size_t count = affordable_connections();
  std::vector<RawClient> clients;
  clients.reserve(count);
  const std::size_t before = resident_bytes();
  for (std::size_t i = 0; i < count; ++i) {
    clients.emplace_back(server.port());
    clients.back().send(get("/echo"));
    ASSERT_EQ(status_of(clients.back().read_reply()), 200);
  }
  const std::size_t each = (resident_bytes() - before) / count;
  std::cout << count << " idle connections, resident bytes each: " << each << "\n";
  for (RawClient& client : clients) {
    ASSERT_TRUE(client.send(get("/echo")));
    ASSERT_EQ(status_of(client.read_reply()), 200);
  }
}

// Quiet for some sweeps, a connection has given its buffer back; its next bytes must still be seen.
TEST_P(HttpServerTest, QuietConnectionsWakeUp) {
  ServerLimits limits;
  limits.sweep_interval = Duration(5);
  TestServer server(GetParam(), limits);
  RawClient quiet(server.port());
  RawClient clock(server.port());
  for (int i = 0; i < 3; ++i) {
    quiet.send(get("/echo"));
    ASSERT_EQ(status_of(quiet.read_reply()), 200);
    clock.send(get("/slow"));  // 50 ms
    ASSERT_EQ(status_of(clock.read_reply()), 200);
  }
  quiet.send(get("/slow") + get("/echo"));
  EXPECT_EQ(body_of(quiet.read_reply()), "GET /slow");
  EXPECT_EQ(body_of(quiet.read_reply()), "GET /echo ");
}

}  // namespace
}  // namespace headrace::wire

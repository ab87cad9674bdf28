#include "runtime/runtime_api_server.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "functions/runtime_link.hpp"
#include "tests/functions/run_awaitable.hpp"

namespace headrace::runtime {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using functions::run;
using testing::StartsWith;

constexpr std::size_t kHeadBytesMax = 4096;  // of an answer

class RuntimeApiServerTest : public testing::Test {
 protected:
  void TearDown() override { run(loop, server.stop()); }

  // Sends the bytes and returns the head of the answer.
  asio::awaitable<std::string> exchange(std::string bytes) {
    tcp::socket socket(loop);
    const std::string port = address.substr(address.find(':') + 1);
    const tcp::endpoint endpoint(asio::ip::address_v4::loopback(),
                                 static_cast<std::uint16_t>(std::stoi(port)));
    co_await socket.async_connect(endpoint, asio::use_awaitable);
    co_await asio::async_write(socket, asio::buffer(bytes), asio::use_awaitable);
    std::string head;
    auto buffer = asio::dynamic_buffer(head, kHeadBytesMax);
    co_await asio::async_read_until(socket, buffer, "\r\n\r\n", asio::use_awaitable);
    co_return head;
  }

  std::string ping(const std::string& fields, const std::string& token) {
    return run(loop, exchange("GET /" + token + "/2018-06-01/ping HTTP/1.1\r\n" + fields + "\r\n"));
  }

  asio::io_context loop;
  SystemClock clock{loop};
  RuntimeApiServer server{loop, clock};
  const std::string address = server.start().value();
  functions::FunctionConfig config;
  const functions::RuntimeLink link{server.seats(), config};
};

TEST_F(RuntimeApiServerTest, HeaderOfAMebibyteIsRead) {
  const std::string cause(std::size_t{1} << 20, 'x');
  const std::string fields =
      "Host: " + address + "\r\nLambda-Runtime-Function-XRay-Error-Cause: " + cause + "\r\n";
  EXPECT_THAT(ping(fields, link.token()), StartsWith("HTTP/1.1 200 "));
}

TEST_F(RuntimeApiServerTest, BrowsersAndStrangersAreRefused) {
  EXPECT_THAT(ping("Host: evil.example\r\n", link.token()), StartsWith("HTTP/1.1 421 "));
  EXPECT_THAT(ping("Host: " + address + "\r\nOrigin: http://evil.example\r\n", link.token()),
              StartsWith("HTTP/1.1 403 "));
  EXPECT_THAT(ping("Host: " + address + "\r\n", "1-0123"), StartsWith("HTTP/1.1 403 "));
}

TEST_F(RuntimeApiServerTest, ListensOnTheLoopbackOnly) {
  EXPECT_THAT(address, testing::MatchesRegex("127\\.0\\.0\\.1:[0-9]+"));
}

}  // namespace
}  // namespace headrace::runtime

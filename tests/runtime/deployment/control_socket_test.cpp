#include "runtime/control_socket.hpp"

#include <filesystem>
#include <thread>

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gtest/gtest.h>

#include "tests/functions/run_awaitable.hpp"
#include "tests/support/temporary_directory.hpp"

namespace headrace::runtime {
namespace {

using boost::asio::local::stream_protocol;

boost::asio::awaitable<std::string> shout(std::string line) { co_return line + "!"; }

class ControlSocketTest : public testing::Test {
 protected:
  void TearDown() override { functions::run(loop_, socket_.stop()); }

  // What the server answers to these bytes before it closes, asked from another thread.
  std::string ask(const std::string& bytes) {
    std::string answer;
    bool done = false;
    std::thread client([&] {
      boost::asio::io_context io;
      stream_protocol::socket socket(io);
      socket.connect(stream_protocol::endpoint(path_));
      boost::asio::write(socket, boost::asio::buffer(bytes));
      boost::system::error_code end;
      socket.shutdown(stream_protocol::socket::shutdown_send, end);
      boost::asio::read(socket, boost::asio::dynamic_buffer(answer), end);
      boost::asio::post(loop_, [&done] { done = true; });
    });
    loop_.restart();
    while (!done) loop_.run_one();
    client.join();
    return answer;
  }

  TemporaryDirectory folder_;
  const std::string path_ = folder_.path() + "/control.sock";
  boost::asio::io_context loop_;
  SystemClock clock_{loop_};
  ControlSocket socket_{loop_, clock_, shout};
};

TEST_F(ControlSocketTest, EachConnectionIsALineThereAndOneBack) {
  ASSERT_TRUE(socket_.open(path_));
  EXPECT_EQ(ask("hello\n"), "hello!\n");
  EXPECT_EQ(ask("again\nand more\n"), "again!\n");
}

TEST_F(ControlSocketTest, IsForItsOwnerOnly) {
  ASSERT_TRUE(socket_.open(path_));
  const auto permissions = std::filesystem::status(path_).permissions();
  EXPECT_EQ(permissions, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(ControlSocketTest, WhatIsNoLineIsNotAnswered) {
  ASSERT_TRUE(socket_.open(path_));
  EXPECT_EQ(ask("no end"), "");
  EXPECT_EQ(ask(std::string(kControlLineBytesMax + 1, 'x')), "");
  EXPECT_EQ(ask("still here\n"), "still here!\n");
}

TEST_F(ControlSocketTest, FileOfADeadServerIsReplacedAndThatOfALivingOneIsNot) {
  { stream_protocol::acceptor dead(loop_, stream_protocol::endpoint(path_)); }
  ASSERT_TRUE(std::filesystem::exists(path_));
  ASSERT_TRUE(socket_.open(path_));
  ControlSocket second(loop_, clock_, shout);
  const Status refused = second.open(path_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kExists);
  EXPECT_EQ(ask("hello\n"), "hello!\n");
}

TEST_F(ControlSocketTest, StopTakesTheFileAway) {
  ASSERT_TRUE(socket_.open(path_));
  functions::run(loop_, socket_.stop());
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(ControlSocketTest, PathThatIsTooLongIsRefused) {
  EXPECT_FALSE(socket_.open(folder_.path() + "/" + std::string(200, 'x')));
}

}  // namespace
}  // namespace headrace::runtime

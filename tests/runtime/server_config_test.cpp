#include <gtest/gtest.h>

#include "runtime/config.hpp"

namespace headrace::runtime {
namespace {

TEST(ServerConfig, HttpSharesTheLoopOnUpToTwoCores) {
  ServerConfig server;
  EXPECT_EQ(http_threads(server, 1), 0U);
  EXPECT_EQ(http_threads(server, 2), 0U);
  EXPECT_EQ(http_threads(server, 8), 4U);
  server.http_threads = 2;
  EXPECT_EQ(http_threads(server, 1), 2U);
}

TEST(ServerConfig, KnowsLoopback) {
  ServerConfig server;
  EXPECT_TRUE(listens_on_loopback(server));
  ASSERT_TRUE(parse_listen("[::1]:1", server));
  EXPECT_TRUE(listens_on_loopback(server));
  ASSERT_TRUE(parse_listen("0.0.0.0:1", server));
  EXPECT_FALSE(listens_on_loopback(server));
}

}  // namespace
}  // namespace headrace::runtime

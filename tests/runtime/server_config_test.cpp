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
  for (const char* own : {"[0:0:0:0:0:0:0:1]:1", "[::ffff:127.0.0.1]:1", "127.1.2.3:1"}) {
    ASSERT_TRUE(parse_listen(own, server)) << own;
    EXPECT_TRUE(listens_on_loopback(server)) << own;
  }
  for (const char* open : {"0.0.0.0:1", "[::]:1", "[::ffff:0.0.0.0]:1", "[::ffff:10.0.0.1]:1"}) {
    ASSERT_TRUE(parse_listen(open, server)) << open;
    EXPECT_FALSE(listens_on_loopback(server)) << open;
  }
}

TEST(ServerConfig, SaysWhoMaySign) {
  ConfigSource source;
  source.text =
      "version: 1\n"
      "server: { auth: required, credentials: users, insecure_allow_remote: true }\n";
  source.folder = "/srv/app";
  const ConfigOutcome outcome = parse_config(source);
  ASSERT_TRUE(outcome.config);
  EXPECT_EQ(outcome.config->server.auth, AuthMode::kRequired);
  EXPECT_EQ(outcome.config->server.credentials, "/srv/app/users");
  EXPECT_TRUE(outcome.config->server.insecure_allow_remote);
}

TEST(ServerConfig, FunctionsAreUploadedBySignersOrWhereItSaysSo) {
  ServerConfig server;
  EXPECT_FALSE(takes_function_uploads(server));
  server.auth = AuthMode::kOptional;
  EXPECT_FALSE(takes_function_uploads(server));
  server.auth = AuthMode::kRequired;
  EXPECT_TRUE(takes_function_uploads(server));
  ConfigSource source;
  source.text = "version: 1\nserver: { function_uploads: true }\n";
  const ConfigOutcome outcome = parse_config(source);
  ASSERT_TRUE(outcome.config);
  EXPECT_TRUE(takes_function_uploads(outcome.config->server));
}

// Design 8.10, notes on reliability 9.1.
TEST(ServerConfig, OthersMayComeOnlyWhenTheyMustSignOrTheUserSaysSo) {
  ServerConfig server;
  EXPECT_EQ(exposure_problem(server), "");
  ASSERT_TRUE(parse_listen("0.0.0.0:1", server));
  EXPECT_NE(exposure_problem(server), "");
  server.auth = AuthMode::kOptional;
  EXPECT_NE(exposure_problem(server), "");
  server.auth = AuthMode::kRequired;
  EXPECT_EQ(exposure_problem(server), "");
  server.auth = AuthMode::kNone;
  server.insecure_allow_remote = true;
  EXPECT_EQ(exposure_problem(server), "");
}

}  // namespace
}  // namespace headrace::runtime

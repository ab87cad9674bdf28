#include <gtest/gtest.h>

#include "runtime/config.hpp"

namespace headrace::runtime {
namespace {

ConfigOutcome parse_origins(const std::string& origins) {
  ConfigSource source;
  source.text = "version: 1\nserver:\n  cors_origins: " + origins + "\n";
  return parse_config(source);
}

TEST(ConfigOrigins, AreNoneByDefaultAndKeptAsWritten) {
  EXPECT_TRUE(parse_origins("[]").config->server.cors_origins.empty());
  const ConfigOutcome outcome =
      parse_origins("[\"https://console.example.org\", \"http://localhost:5173\"]");
  ASSERT_TRUE(outcome.config.has_value());
  EXPECT_EQ(outcome.config->server.cors_origins,
            (std::vector<std::string>{"https://console.example.org", "http://localhost:5173"}));
}

TEST(ConfigOrigins, WildcardsAndAddressesArePointedAt) {
  for (const char* text : {"*", "null", "https://a.example/", "console.example.org"}) {
    const ConfigOutcome outcome =
        parse_origins("[\"http://localhost\", \"" + std::string(text) + "\"]");
    ASSERT_EQ(outcome.errors.size(), 1U) << text;
    EXPECT_EQ(outcome.errors[0].path, "server.cors_origins[1]");
    EXPECT_EQ(outcome.errors[0].line, 3);
    EXPECT_NE(outcome.errors[0].text.find("expected an origin such as https://console.example.com"),
              std::string::npos);
  }
}

}  // namespace
}  // namespace headrace::runtime

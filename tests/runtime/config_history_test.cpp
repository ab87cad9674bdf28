// The section `history` of a configuration.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/config.hpp"

namespace headrace::runtime {
namespace {

using testing::ElementsAre;

ConfigOutcome with_history(const std::string& section) {
  ConfigSource source;
  source.text = "version: 1\n" + section;
  source.environment = [](const std::string&) { return std::nullopt; };
  return parse_config(source);
}

std::vector<std::string> refusals(const std::string& section) {
  std::vector<std::string> texts;
  for (const ConfigProblem& problem : with_history(section).errors) {
    texts.push_back(to_string("f", problem));
  }
  return texts;
}

TEST(ConfigHistory, IsKeptForTwoWeeksUnlessToldOtherwise) {
  const HistoryConfig history = with_history("").config->history;
  EXPECT_TRUE(history.enabled);
  EXPECT_EQ(history.keep, std::chrono::hours(14 * 24));
  EXPECT_EQ(history.size, std::int64_t{128} << 20);
}

TEST(ConfigHistory, EveryKeyIsRead) {
  const ConfigOutcome outcome = with_history("history: { enabled: false, keep: 90m, size: 1GiB }");
  ASSERT_TRUE(outcome.config);
  EXPECT_FALSE(outcome.config->history.enabled);
  EXPECT_EQ(outcome.config->history.keep, std::chrono::minutes(90));
  EXPECT_EQ(outcome.config->history.size, std::int64_t{1} << 30);
}

TEST(ConfigHistory, NonsenseIsRefusedWithItsPlace) {
  EXPECT_THAT(refusals("history: { keep: 1s }"),
              ElementsAre("f:2:18: history.keep: expected a duration from 1m to 365d with its unit "
                          "(ms, s, m, h, d), got \"1s\""));
  EXPECT_THAT(refusals("history: { size: 128 }"),
              ElementsAre("f:2:18: history.size: expected a size from 1MiB to 4GiB with its unit "
                          "(B, KiB, MiB, GiB), got \"128\""));
  EXPECT_THAT(refusals("history: { enabled: perhaps }"),
              ElementsAre("f:2:21: history.enabled: expected true or false, got \"perhaps\""));
  EXPECT_THAT(refusals("history: { file: x }"),
              ElementsAre("f:2:12: history.file: is not a known key"));
}

}  // namespace
}  // namespace headrace::runtime

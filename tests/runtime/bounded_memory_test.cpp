// What the server remembers for people stays bounded and fit to show.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/function_logs.hpp"
#include "runtime/last_errors.hpp"
#include "tests/support/manual_clock.hpp"

namespace headrace::runtime {
namespace {

Uuid id(std::size_t n) {
  Uuid uuid{};
  uuid[0] = static_cast<std::uint8_t>(n);
  uuid[1] = static_cast<std::uint8_t>(n >> 8U);
  return uuid;
}

TEST(LastErrors, TheLatestErrorOfAMessageCounts) {
  LastErrors errors;
  errors.record(id(1), "first");
  errors.record(id(1), "second");
  EXPECT_EQ(errors.find(id(1)), "second");
  EXPECT_EQ(errors.size(), 1U);
  errors.forget(id(1));
  EXPECT_EQ(errors.find(id(1)), "");
}

TEST(LastErrors, TheOldestAreForgottenAboveTheLimit) {
  LastErrors errors;
  for (std::size_t i = 0; i < LastErrors::kMessagesMax; ++i) errors.record(id(i), "x");
  errors.record(id(0), "again");  // now the youngest
  errors.record(id(LastErrors::kMessagesMax), "one more");
  EXPECT_EQ(errors.size(), LastErrors::kMessagesMax);
  EXPECT_EQ(errors.find(id(0)), "again");
  EXPECT_EQ(errors.find(id(1)), "");
  EXPECT_EQ(errors.find(id(2)), "x");
}

TEST(LastErrors, ALongTextIsCutBetweenCharacters) {
  LastErrors errors;
  errors.record(id(1), std::string(LastErrors::kTextBytesMax - 1, 'a') + "\u00e9");
  EXPECT_EQ(errors.find(id(1)), std::string(LastErrors::kTextBytesMax - 1, 'a'));
}

class FunctionLogsTest : public testing::Test {
 protected:
  boost::asio::io_context loop_;
  ManualClock clock_{loop_};
  FunctionLogs logs_{clock_};
};

TEST_F(FunctionLogsTest, KeepsTheYoungestLines) {
  for (std::size_t i = 1; i <= FunctionLogs::kLinesMax + 5; ++i) {
    logs_.append("f", std::to_string(i));
  }
  const auto lines = logs_.find({0, ""});
  ASSERT_EQ(lines.size(), FunctionLogs::kLinesPerAnswerMax);
  EXPECT_EQ(lines.front().text, "6");
  EXPECT_EQ(lines.front().sequence, 6U);
  const auto youngest = logs_.find({FunctionLogs::kLinesMax + 4, ""});
  ASSERT_EQ(youngest.size(), 1U);
  EXPECT_EQ(youngest[0].text, std::to_string(FunctionLogs::kLinesMax + 5));
}

TEST_F(FunctionLogsTest, IsBoundedInBytes) {
  const std::string line(FunctionLogs::kLineBytesMax + 100, 'x');
  const std::size_t fit = FunctionLogs::kBytesMax / FunctionLogs::kLineBytesMax;
  for (std::size_t i = 0; i < fit + 3; ++i) logs_.append("f", line);
  const auto lines = logs_.find({0, ""});
  EXPECT_EQ(lines.size(), fit);
  EXPECT_EQ(lines[0].text.size(), FunctionLogs::kLineBytesMax);
  EXPECT_EQ(lines[0].sequence, 4U);
}

TEST_F(FunctionLogsTest, BytesThatAreNotTextBecomeQuestionMarks) {
  logs_.append("f",
               "a\xff"
               "b");
  EXPECT_EQ(logs_.find({0, "f"})[0].text, "a?b");
}

}  // namespace
}  // namespace headrace::runtime

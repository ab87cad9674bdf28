#include "functions/log_capture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace headrace::functions {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(LogCapture, LinesEndWhereTheyEndWhateverThePieces) {
  LogCapture log;
  log.append("on");
  log.append("e\ntw");
  log.append("o\n\nthree");
  EXPECT_THAT(log.take(), ElementsAre("one", "two", "", "three"));
  EXPECT_THAT(log.take(), IsEmpty());
}

TEST(LogCapture, LongLineIsSplit) {
  LogCapture log;
  log.append(std::string(kLogLineBytesMax + 10, 'x') + "\n");
  const auto lines = log.take();
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].size(), kLogLineBytesMax);
  EXPECT_EQ(lines[1].size(), 10U);
}

TEST(LogCapture, WhatDoesNotFitIsCountedAndTheNextInvocationStartsAnew) {
  LogCapture log;
  for (int i = 0; i < 400; ++i) log.add_line(std::string(1000, 'x'));
  const auto lines = log.take();
  EXPECT_LE(lines.size(), kLogBytesMax / 1000);
  EXPECT_THAT(lines.back(), HasSubstr("dropped"));
  log.append("next\n");
  EXPECT_THAT(log.take(), ElementsAre("next"));
}

TEST(LogCapture, EmptyLinesAreBoundedToo) {
  LogCapture log;
  log.append(std::string(10'000'000, '\n'));
  EXPECT_LT(log.take().size(), kLogBytesMax / 16);
}

}  // namespace
}  // namespace headrace::functions

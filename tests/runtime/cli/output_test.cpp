#include "runtime/cli/output.hpp"

#include <gtest/gtest.h>

namespace headrace::runtime {
namespace {

TEST(Output, ATableAlignsItsColumns) {
  Table table({{"QUEUE"}, {"VISIBLE", Align::kRight}, {"DLQ"}});
  table.add({"signup", "3", "signup-dlq"});
  table.add({"\u00e9t\u00e9", "1200", ""});
  EXPECT_EQ(table.text(),
            "QUEUE   VISIBLE  DLQ\n"
            "signup        3  signup-dlq\n"
            "\u00e9t\u00e9        1200\n");
}

TEST(Output, ForeignTextCannotSteerATerminal) {
  EXPECT_EQ(printable("a\nb\tc\x1b[31m\x7f"), "a\\nb\\tc\\x1b[31m\\x7f");
  EXPECT_EQ(printable("\u009b31m \u00e9"), "\\x9b31m \u00e9");
}

TEST(Output, ALogLineKeepsItsTabs) {
  EXPECT_EQ(printable_line("REPORT\tDuration: 1 ms\x1b"), "REPORT\tDuration: 1 ms\\x1b");
}

TEST(Output, AnExcerptCountsCharacters) {
  EXPECT_EQ(excerpt("\u00e9\u00e9\u00e9", 3), "\u00e9\u00e9\u00e9");
  EXPECT_EQ(excerpt("\u00e9\u00e9\u00e9\u00e9", 3), "\u00e9\u00e9\u00e9...");
}

TEST(Output, AgesHaveOneUnit) {
  EXPECT_EQ(show_age(850), "850ms");
  EXPECT_EQ(show_age(4'250), "4.2s");
  EXPECT_EQ(show_age(61'000), "61s");
  EXPECT_EQ(show_age(720'000), "12m");
  EXPECT_EQ(show_age(18'000'000), "5h");
  EXPECT_EQ(show_age(259'200'000), "3d");
}

}  // namespace
}  // namespace headrace::runtime

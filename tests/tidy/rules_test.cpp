// Each rule accepts a good snippet and finds the fault in a bad one.

#include <gtest/gtest.h>

#include "tests/support/temporary_directory.hpp"
#include "tests/tidy/document_rules.hpp"
#include "tests/tidy/house_rules.hpp"
#include "tests/tidy/size_rules.hpp"
#include "tests/tidy/word_rules.hpp"

namespace headrace::tidy {
namespace {

const HouseRules kRules = parse_house_rules(R"(# a comment
room base:
room queue: base
room functions: base
room tests: base queue
order base: error json
allow std::thread: base/json.cpp
)");

std::string rooms(const std::string& path, const std::string& text) {
  return to_string(check_rooms(make_source(path, text), kRules));
}

TEST(RoomRule, AllowsItselfAndTheRoomsBelow) {
  EXPECT_EQ(rooms("queue/a.cpp", "#include \"queue/b.hpp\"\n#include \"base/error.hpp\"\n"), "");
  EXPECT_EQ(rooms("queue/a.cpp", "#include <functions/x.hpp>\n// #include \"functions/x.hpp\"\n"),
            "");
}

TEST(RoomRule, FindsARoomThatMustNotBeSeen) {
  EXPECT_EQ(rooms("queue/a.cpp", "\n#include \"functions/x.hpp\"\n"),
            "queue/a.cpp:2: includes functions/x.hpp: queue must not see functions\n");
  EXPECT_NE(rooms("base/error.cpp", "#include \"queue/x.hpp\"\n"), "");
}

TEST(RoomRule, FindsAPathThatIsNotFromTheRoot) {
  EXPECT_NE(rooms("queue/a.cpp", "#include \"b.hpp\"\n"), "");
}

TEST(RoomRule, FindsAFileOutsideEveryRoom) { EXPECT_NE(rooms("attic/a.cpp", ""), ""); }

std::string floors(const std::string& path, const std::string& text) {
  return to_string(check_floors(make_source(path, text), kRules));
}

TEST(FloorRule, AllowsTheFloorsBelow) {
  EXPECT_EQ(floors("base/json.hpp", "#include \"base/error.hpp\"\n"), "");
  EXPECT_EQ(floors("base/json.cpp", "#include \"base/json.hpp\"\n"), "");
}

TEST(FloorRule, FindsAFloorAboveAndAFileWithoutOne) {
  EXPECT_NE(floors("base/error.hpp", "#include \"base/json.hpp\"\n"), "");
  EXPECT_NE(floors("base/attic.hpp", ""), "");
}

TEST(FolderRule, FindsTwoFoldersThatIncludeEachOther) {
  const SourceFile inner = make_source("queue/sqs/a.cpp", "#include \"queue/b.hpp\"\n");
  const SourceFile good = make_source("queue/b.hpp", "#include \"base/error.hpp\"\n");
  const SourceFile bad = make_source("queue/b.hpp", "#include \"queue/sqs/c.hpp\"\n");
  EXPECT_EQ(to_string(check_folders({inner, good}, kRules)), "");
  EXPECT_NE(to_string(check_folders({inner, bad}, kRules)), "");
}

std::string lines(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "  x();\n";
  return text;
}

TEST(FileSizeRule, CountsLinesByKindOfFile) {
  EXPECT_TRUE(check_file_size(make_source("queue/a.hpp", lines(250))).empty());
  EXPECT_FALSE(check_file_size(make_source("queue/a.hpp", lines(251))).empty());
  EXPECT_TRUE(check_file_size(make_source("queue/a.cpp", lines(500))).empty());
  EXPECT_FALSE(check_file_size(make_source("queue/a.cpp", lines(501))).empty());
}

std::string long_functions(const std::string& text) {
  return to_string(check_function_sizes(make_source("queue/a.cpp", text)));
}

TEST(FunctionSizeRule, CountsFromSignatureToBrace) {
  EXPECT_EQ(long_functions("void f() {\n" + lines(58) + "}\n"), "");
  EXPECT_NE(long_functions("void f() {\n" + lines(59) + "}\n"), "");
}

TEST(FunctionSizeRule, LooksIntoNamespacesAndClasses) {
  const std::string open = "namespace a {\nclass B final : public C {\n public:\n";
  const std::string close = "};\n}\n";
  EXPECT_NE(long_functions(open + "int f() const override {\n" + lines(59) + "}\n" + close), "");
  EXPECT_EQ(long_functions(open + "int f() const override {\n" + lines(9) + "}\n" + close), "");
}

TEST(FunctionSizeRule, FindsLongConstructorsTemplatesAndTests) {
  EXPECT_NE(long_functions("A::A() : b_{1}, c_(2) {\n" + lines(59) + "}\n"), "");
  EXPECT_NE(long_functions("template <class T>\nauto f(T t = {}) -> int {\n" + lines(58) + "}\n"),
            "");
  EXPECT_NE(long_functions("TEST(A, B) {\n" + lines(59) + "}\n"), "");
}

TEST(FunctionSizeRule, CountsNoTablesAndReadsNoBracesInText) {
  EXPECT_EQ(long_functions("const int t[] = {\n" + lines(70) + "};\n"), "");
  EXPECT_EQ(
      long_functions("void f() {\n  g(\"{\", '{', R\"({\"{)\", 1'000);  // {\n}\n" + lines(70)),
      "");
}

std::string words(const std::string& path, const std::string& text) {
  return to_string(check_words(make_source(path, text), kRules));
}

struct Banned {
  const char* path;
  const char* text;
};
class BannedWord : public testing::TestWithParam<Banned> {};

TEST_P(BannedWord, IsFoundInCodeButNotInText) {
  const std::string text = GetParam().text;
  EXPECT_NE(words(GetParam().path, text), "");
  EXPECT_EQ(words(GetParam().path, "f(R\"(" + text + ")\");  // " + text + "\n"), "");
}

INSTANTIATE_TEST_SUITE_P(
    Words, BannedWord,
    testing::Values(Banned{"queue/a.cpp", "co_spawn(e, f(), asio::detached);"},
                    Banned{"tests/a.cpp", "std::chrono::system_clock::now()"},
                    Banned{"queue/a.cpp", "std::this_thread::sleep_for(1s);"},
                    Banned{"tests/queue/a.cpp", "usleep(10);"},
                    Banned{"queue/a.cpp", "::sleep(1);"},
                    Banned{"queue/a.cpp", "x = ::nanosleep(&t, nullptr);"},
                    Banned{"queue/a.cpp", "using namespace std;"},
                    Banned{"tests/a.cpp", "GTEST_SKIP();"},
                    Banned{"queue/a.hpp", "FRIEND_TEST(A, B);"},
                    Banned{"queue/a.hpp", "void reset_for_testing();"},
                    Banned{"queue/a.cpp", "std::thread t(f);"},
                    Banned{"queue/a.hpp", "std::shared_ptr<int> p;"},
                    Banned{"queue/a.cpp", "using awaitable_operators::operator||;"},
                    Banned{"queue/a.cpp", "auto f = [&]() -> asio::awaitable<void> {};"}));

class FairWord : public testing::TestWithParam<Banned> {};
TEST_P(FairWord, IsAccepted) { EXPECT_EQ(words(GetParam().path, GetParam().text), ""); }

INSTANTIATE_TEST_SUITE_P(
    Words, FairWord,
    testing::Values(Banned{"queue/a.cpp", "auto s = clock.sleep_for(Duration(5));"},
                    Banned{"tests/e2e/a.cpp", "std::this_thread::sleep_for(1s);"},
                    Banned{"tests/a.cpp", "using namespace std::chrono_literals;"},
                    Banned{"tests/a.cpp", "GTEST_SKIP() << \"no node\";"},
                    Banned{"base/json.cpp", "std::thread t(f);"},
                    Banned{"tests/a.cpp", "std::thread t(f);"},
                    Banned{"queue/a.cpp", "std::shared_ptr<int> p;"},
                    Banned{"queue/a.cpp", "auto f = []() -> asio::awaitable<void> {};"}));

TEST(TodoRule, FindsWhatCannotWait) {
  const std::string urgent = std::string("// TODO") + "(now): x\n";
  EXPECT_NE(words("queue/a.cpp", urgent), "");
  EXPECT_EQ(words("queue/a.cpp", "// TODO(someday): x\n"), "");
}

TEST(HeavyHeaderRule, KeepsHeavyLibrariesOutOfHeaders) {
  const auto heavy = [](const std::string& path, const std::string& include) {
    return to_string(check_heavy_headers(make_source(path, "#include <" + include + ">\n")));
  };
  EXPECT_NE(heavy("queue/a.hpp", "nlohmann/json.hpp"), "");
  EXPECT_NE(heavy("queue/a.hpp", "curl/curl.h"), "");
  EXPECT_NE(heavy("queue/a.cpp", "boost/asio.hpp"), "");
  EXPECT_EQ(heavy("queue/a.cpp", "nlohmann/json.hpp"), "");
  EXPECT_EQ(heavy("queue/a.hpp", "nlohmann/json_fwd.hpp"), "");
  EXPECT_EQ(heavy("functions/sdk/headrace/function.hpp", "nlohmann/json.hpp"), "");
}

TEST(LinkRule, FindsALinkThatLeadsNowhere) {
  const TemporaryDirectory root;
  std::filesystem::create_directories(root / "docs");
  const auto links = [&](const std::string& text) {
    return to_string(check_links(root.path(), "docs/a.md", text));
  };
  EXPECT_EQ(links("[up](..) [here](../docs#part) [web](https://example.com) [part](#part)"), "");
  EXPECT_EQ(links("```\n[x](absent.md)\n```\n"), "");
  EXPECT_EQ(links("text\n[x](absent.md)\n"),
            "docs/a.md:2: link to absent.md, which does not exist\n");
  EXPECT_NE(links("![picture](absent.png \"title\")"), "");
}

std::string rows(const std::string& cell) {
  const std::string table = "| Rule | Test |\n|---|---|\n| a | " + cell + " |\n";
  const auto tests = tests_in({make_source("tests/a.cpp", "TEST_F(Queue, KeepsOrder) {}\n")});
  return to_string(check_compatibility("docs/compatibility.md", table, tests, "'Sdk.sends'"));
}

TEST(CompatibilityRule, AcceptsTestsThatExist) {
  EXPECT_EQ(rows("`Queue.KeepsOrder`"), "");
  EXPECT_EQ(rows("`Queue.KeepsOrder`, `Sdk.sends`"), "");
  EXPECT_EQ(rows("-"), "");
}

TEST(CompatibilityRule, FindsTestsThatDoNot) {
  EXPECT_NE(rows("`Queue.LosesOrder`"), "");
  EXPECT_NE(rows("`Queue.KeepsOrder`, `Queue.LosesOrder`"), "");
  EXPECT_NE(rows("soon"), "");
  EXPECT_NE(rows(""), "");
}

TEST(CompatibilityRule, CountsRowsAndDifferences) {
  EXPECT_EQ(count_behaviours("| # | Test | Differs |\n|---|---|---|\n| 1 | a | |\n| 2 | b | so |\n"
                             "\n| Word | Meaning |\n|---|---|\n| a | b |\n"
                             "\n| # | Test |\n|---|---|\n| 3 | c |\n"),
            "3 behaviours, 1 of them with a difference");
}

}  // namespace
}  // namespace headrace::tidy

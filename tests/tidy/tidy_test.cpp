// The rules of the house, held over the whole tree.

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/tidy/co_await_rule.hpp"
#include "tests/tidy/document_rules.hpp"
#include "tests/tidy/house_rules.hpp"
#include "tests/tidy/size_rules.hpp"
#include "tests/tidy/source_text.hpp"
#include "tests/tidy/word_rules.hpp"

namespace headrace::tidy {
namespace {

const std::filesystem::path kRoot = HEADRACE_SOURCE_DIR;

const HouseRules& house() {
  static const HouseRules rules = parse_house_rules(read_text(kRoot / "tests/tidy/floors.txt"));
  return rules;
}

const std::vector<SourceFile>& sources() {
  static const std::vector<SourceFile> files =
      load_sources(kRoot, {"base", "queue", "functions", "runtime", "examples", "tests", "bench"});
  return files;
}

template <class Check>
std::string over_all_sources(Check check) {
  Findings findings;
  for (const SourceFile& file : sources()) {
    const Findings more = check(file);
    findings.insert(findings.end(), more.begin(), more.end());
  }
  return to_string(findings);
}

TEST(Tidy, FindsTheSources) { EXPECT_GT(sources().size(), 50U); }

TEST(Tidy, RoomsSeeOnlyWhatStandsBelowThem) {
  EXPECT_EQ(over_all_sources([](auto& file) { return check_rooms(file, house()); }), "");
}

TEST(Tidy, FilesIncludeOnlyTheFloorsBelow) {
  EXPECT_EQ(over_all_sources([](auto& file) { return check_floors(file, house()); }), "");
}

TEST(Tidy, NoTwoFoldersIncludeEachOther) {
  EXPECT_EQ(to_string(check_folders(sources(), house())), "");
}

TEST(Tidy, CoAwaitStandsAlone) { EXPECT_EQ(over_all_sources(check_co_await), ""); }

TEST(Tidy, FilesAreShort) { EXPECT_EQ(over_all_sources(check_file_size), ""); }

TEST(Tidy, FunctionsAreShort) { EXPECT_EQ(over_all_sources(check_function_sizes), ""); }

TEST(Tidy, NoBannedWords) {
  EXPECT_EQ(over_all_sources([](auto& file) { return check_words(file, house()); }), "");
}

TEST(Tidy, HeavyHeadersStayInSources) { EXPECT_EQ(over_all_sources(check_heavy_headers), ""); }

TEST(Tidy, LinksInDocumentsLeadSomewhere) {
  Findings findings;
  for (const std::string& path : list_documents(kRoot)) {
    const Findings more = check_links(kRoot, path, read_text(kRoot / path));
    findings.insert(findings.end(), more.begin(), more.end());
  }
  EXPECT_EQ(to_string(findings), "");
}

TEST(Tidy, CompatibilityRowsNameExistingTests) {
  std::string scripts;
  std::set<std::string> tests = tests_in(sources());
  tests.merge(scenarios_in(kRoot));
  const std::filesystem::path folder = kRoot / "tests/e2e";
  if (std::filesystem::exists(folder)) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.is_regular_file()) scripts += read_text(entry.path());
      // tests/e2e/CMakeLists.txt makes e2e.NAME of each NAME.test.mjs.
      const std::filesystem::path stem = entry.path().stem();
      if (stem.extension() == ".test") tests.insert("e2e." + stem.stem().string());
    }
  }
  const std::string path = "docs/compatibility.md";
  EXPECT_EQ(to_string(check_compatibility(path, read_text(kRoot / path), tests, scripts)), "");
}

TEST(Tidy, CompatibilitySaysHowMuchItHolds) {
  const std::string text = read_text(kRoot / "docs/compatibility.md");
  const std::string count = count_behaviours(text);
  EXPECT_NE(text.find(count), std::string::npos) << "it should say: " << count;
}

}  // namespace
}  // namespace headrace::tidy

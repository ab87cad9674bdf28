#include "tests/tidy/word_rules.hpp"

#include <array>
#include <regex>

namespace headrace::tidy {

namespace {

enum class Where { kEverywhere, kProduct, kHeaders, kNoSleeping };

struct Word {
  const char* pattern;
  const char* name;  // as floors.txt allows it
  const char* reason;
  Where where;
};

constexpr std::array kWords = {
    Word{"\\bdetached\\b", "detached", "swallows exceptions: spawn through a TaskGroup",
         Where::kEverywhere},
    Word{"\\bsystem_clock::now\\b", "system_clock::now", "time comes from a Clock",
         Where::kEverywhere},
    Word{"\\bthis_thread::sleep_|\\b(usleep|nanosleep)\\s*\\(|(^|[^\\w])::sleep\\s*\\(", "sleep",
         "wait on a Clock or for an event", Where::kNoSleeping},
    Word{"\\busing\\s+namespace\\s+(?!std::(literals|chrono_literals|string_literals)\\b)",
         "using namespace", "name what is used", Where::kEverywhere},
    Word{"\\bGTEST_SKIP\\s*\\(\\s*\\)\\s*;", "GTEST_SKIP", "say why: GTEST_SKIP() << reason",
         Where::kEverywhere},
    Word{"\\bFRIEND_TEST\\b|ForTest(ing)?\\b|_for_test(ing)?\\b", "FRIEND_TEST",
         "product headers know no tests", Where::kEverywhere},
    Word{"\\bstd::j?thread\\b", "std::thread", "threads belong to Offload", Where::kProduct},
    Word{"\\bshared_ptr\\b", "shared_ptr", "own by value or unique_ptr", Where::kHeaders},
    Word{"\\bawaitable_operators\\b", "operator||", "timeouts go through with_deadline",
         Where::kProduct},
    Word{"\\[[^\\[\\]]+\\]\\s*(\\([^()]*\\))?\\s*(mutable\\s*)?->\\s*[\\w:]*awaitable\\s*<",
         "capturing coroutine", "captures die with the lambda: use a member function",
         Where::kProduct},
};

bool is_product(const std::string& path) {
  return !is_below(path, "tests") && !is_below(path, "bench");
}

bool applies(const Word& word, const std::string& path) {
  switch (word.where) {
    case Where::kEverywhere: return true;
    case Where::kProduct: return is_product(path);
    case Where::kHeaders: return is_product(path) && path.ends_with(".hpp");
    case Where::kNoSleeping: return !is_below(path, "tests/e2e") && !is_below(path, "bench");
  }
  return true;
}

void find_all(const SourceFile& file, const std::string& text, const Word& word,
              Findings& findings) {
  const std::regex pattern(word.pattern);
  for (std::sregex_iterator found(text.begin(), text.end(), pattern), end; found != end; ++found) {
    const auto offset = static_cast<std::size_t>(found->position());
    findings.push_back(
        {file.path, line_at(text, offset), std::string(word.name) + ": " + word.reason});
  }
}

}  // namespace

Findings check_words(const SourceFile& file, const HouseRules& rules) {
  Findings findings;
  for (const Word& word : kWords) {
    if (!applies(word, file.path) || rules.allows(word.name, file.path)) continue;
    find_all(file, file.code, word, findings);
  }
  constexpr Word kNow = {"TODO\\(now\\)", "TODO", "do it now", Where::kEverywhere};
  find_all(file, file.text, kNow, findings);
  return findings;
}

Findings check_heavy_headers(const SourceFile& file) {
  Findings findings;
  const bool header = file.path.ends_with(".hpp") || file.path.ends_with(".h");
  for (const Include& include : includes_of(file)) {
    const bool heavy = include.path == "nlohmann/json.hpp" || include.path == "simdjson.h" ||
                       is_below(include.path, "curl") || is_below(include.path, "yaml-cpp") ||
                       is_below(include.path, "spdlog");
    const bool sdk = is_below(file.path, "functions/sdk");
    if (include.path != "boost/asio.hpp" && (!heavy || !header || sdk)) continue;
    findings.push_back({file.path, include.line, "includes heavy " + include.path});
  }
  return findings;
}

}  // namespace headrace::tidy

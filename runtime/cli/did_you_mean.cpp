#include "runtime/cli/did_you_mean.hpp"

#include <algorithm>
#include <numeric>

namespace headrace::runtime {

namespace {

constexpr std::size_t kMistakesMax = 2;
constexpr std::size_t kWordBytesMax = 32;  // verbs are shorter

// Levenshtein's distance, a swap of two neighbours counting as two.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::optional<std::string> did_you_mean(std::string_view given,
                                        const std::vector<std::string>& known) {
  if (given.size() > kWordBytesMax) return std::nullopt;
  std::optional<std::string> best;
  std::size_t fewest = kMistakesMax + 1;
  for (const std::string& word : known) {
    const std::size_t mistakes = distance(given, word);
    if (mistakes >= fewest || mistakes * 2 > word.size()) continue;
    fewest = mistakes;
    best = word;
  }
  return best;
}

}  // namespace headrace::runtime

#include "tests/tidy/size_rules.hpp"

#include <algorithm>
#include <set>

namespace headrace::tidy {

namespace {

using Tokens = std::vector<Token>;

enum class Brace { kScope, kFunction, kInitialiser };

// The index after the <...> that begins at `at`.
std::size_t past_angles(const Tokens& tokens, std::size_t at, std::size_t end) {
  int depth = 0;
  for (; at < end; ++at) {
    if (tokens[at].text == "<") ++depth;
    if (tokens[at].text == ">" && --depth == 0) return at + 1;
  }
  return end;
}

// True when `word` stands in the head outside parentheses.
bool has(const Tokens& tokens, std::size_t head, std::size_t open, std::string_view word) {
  int depth = 0;
  for (; head < open; ++head) {
    const std::string_view text = tokens[head].text;
    if (depth == 0 && text == word) return true;
    if (text == "(") ++depth;
    if (text == ")") --depth;
  }
  return false;
}

// What the `{` at `open` begins, from the tokens since the last statement ended at `head`.
Brace kind_of(const Tokens& tokens, std::size_t head, std::size_t open) {
  static const std::set<std::string_view> kTypes = {"namespace", "class", "struct",
                                                    "union",     "enum",  "extern"};
  static const std::set<std::string_view> kAfterParameters = {"const", "noexcept", "override",
                                                              "final", "mutable"};
  if (head < open && tokens[head].text == "template") head = past_angles(tokens, head, open);
  if (!has(tokens, head, open, "(")) {
    for (std::size_t i = head; i < open; ++i) {
      if (kTypes.contains(tokens[i].text)) return Brace::kScope;
    }
    return Brace::kInitialiser;
  }
  if (has(tokens, head, open, "=") && !has(tokens, head, open, "operator")) {
    return Brace::kInitialiser;
  }
  // Foo::Foo() : member_{1} {   the brace after a name is the member's, the one after it the body's
  const std::string_view before = tokens[open - 1].text;
  const bool after_name = (is_word(before) && !kAfterParameters.contains(before)) || before == ">";
  const bool member = after_name && has(tokens, head, open, ":") && !has(tokens, head, open, "->");
  return member ? Brace::kInitialiser : Brace::kFunction;
}

std::size_t closing_of(const Tokens& tokens, std::size_t open) {
  int depth = 0;
  for (std::size_t i = open; i < tokens.size(); ++i) {
    if (tokens[i].text == "{") ++depth;
    if (tokens[i].text == "}" && --depth == 0) return i;
  }
  return tokens.size() - 1;
}

}  // namespace

Findings check_file_size(const SourceFile& file) {
  const bool header = file.path.ends_with(".hpp") || file.path.ends_with(".h");
  const int most = header ? kHeaderLinesMax : kSourceLinesMax;
  const int lines = static_cast<int>(std::count(file.text.begin(), file.text.end(), '\n'));
  if (lines <= most) return {};
  return {{file.path, lines,
           "file of " + std::to_string(lines) + " lines, at most " + std::to_string(most)}};
}

Findings check_function_sizes(const SourceFile& file) {
  Findings findings;
  const Tokens tokens = tokens_of(file.code);
  std::size_t head = 0;
  int parentheses = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::string_view text = tokens[i].text;
    const bool access = text == "public" || text == "private" || text == "protected";
    if (access && i + 1 < tokens.size() && tokens[i + 1].text == ":") head = i + 2;
    if (text == "(") ++parentheses;
    if (text == ")") --parentheses;
    if (parentheses > 0) continue;
    if (text == ";" || text == "}") head = i + 1;
    if (text != "{") continue;
    const Brace kind = i == 0 ? Brace::kScope : kind_of(tokens, head, i);
    if (kind == Brace::kScope) {
      head = i + 1;
      continue;
    }
    i = closing_of(tokens, i);
    if (kind == Brace::kInitialiser) continue;
    const int lines = tokens[i].line - tokens[head].line + 1;
    if (lines > kFunctionLinesMax) {
      findings.push_back({file.path, tokens[head].line,
                          "function of " + std::to_string(lines) + " lines, at most " +
                              std::to_string(kFunctionLinesMax)});
    }
    head = i + 1;
  }
  return findings;
}

}  // namespace headrace::tidy

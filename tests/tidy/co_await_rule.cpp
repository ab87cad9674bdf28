#include "tests/tidy/co_await_rule.hpp"

#include <optional>
#include <set>

namespace headrace::tidy {

namespace {

using Tokens = std::vector<Token>;

bool is_one_of(std::string_view token, const std::set<std::string_view>& set) {
  return set.contains(token);
}

bool opens(std::string_view t) { return t == "(" || t == "[" || t == "{"; }
bool closes(std::string_view t) { return t == ")" || t == "]" || t == "}"; }

// The index of the bracket that `close` closes, or of the token before the text.
std::ptrdiff_t opening_of(const Tokens& tokens, std::ptrdiff_t close) {
  int depth = 0;
  for (std::ptrdiff_t i = close; i >= 0; --i) {
    const std::string_view text = tokens[static_cast<std::size_t>(i)].text;
    if (closes(text)) ++depth;
    if (opens(text) && --depth == 0) return i;
  }
  return -1;
}

std::string_view text_at(const Tokens& tokens, std::ptrdiff_t i) {
  const bool inside = i >= 0 && i < static_cast<std::ptrdiff_t>(tokens.size());
  return inside ? tokens[static_cast<std::size_t>(i)].text : std::string_view();
}

// True when the `{` at `open` begins statements, false when it begins an initialiser.
bool is_block(const Tokens& tokens, std::ptrdiff_t open) {
  static const std::set<std::string_view> kBefore = {
      ")", ";", "{", "}", ":", "else", "do", "try", "const", "noexcept", "override", "mutable"};
  const std::string_view before = text_at(tokens, open - 1);
  if (before.empty() || is_one_of(before, kBefore)) return true;
  // A trailing return type: ...) -> awaitable<Result<int>> {
  for (std::ptrdiff_t i = open - 1; i >= 0; --i) {
    const std::string_view text = text_at(tokens, i);
    if (text == "->") return true;
    if (!is_word(text) && !is_one_of(text, {"::", "<", ">", ",", "*", "&"})) return false;
  }
  return false;
}

// What surrounds one co_await within its statement.
struct Statement {
  std::ptrdiff_t first = 0;  // the first token of the statement, after if (...), while (...), else
  const char* nested_in = nullptr;
};

Statement statement_of(const Tokens& tokens, std::ptrdiff_t await) {
  std::ptrdiff_t i = await - 1;
  while (i >= 0) {
    const std::string_view text = text_at(tokens, i);
    if (text == ";" || text == "else" || text == "do") return {i + 1};
    if (text == "(") return {i + 1, "inside parentheses: a condition or an argument"};
    if (text == "[") return {i + 1, "inside brackets"};
    if (text == "{") {
      return {i + 1, is_block(tokens, i) ? nullptr : "inside a braced initialiser"};
    }
    if (!closes(text)) {
      --i;
      continue;
    }
    const std::ptrdiff_t open = opening_of(tokens, i);
    if (text == "}" && is_block(tokens, open)) return {i + 1};
    const std::string_view before = text_at(tokens, open - 1);
    if (text == ")" && is_one_of(before, {"if", "while", "for", "switch"})) return {i + 1};
    i = open - 1;
  }
  return {0};
}

// What may stand before co_await: nothing, or `x =` and `const auto x =` without other operators.
const char* fault_before(const Tokens& tokens, std::ptrdiff_t first, std::ptrdiff_t await) {
  if (first == await || text_at(tokens, await - 1) == ":") return nullptr;
  if (text_at(tokens, await - 1) == "co_return") return "name the value, then co_return it";
  if (text_at(tokens, await - 1) != "=") return "part of a larger expression";
  if (text_at(tokens, await - 2) == "]" && text_at(tokens, first) != "co_await") {
    const std::ptrdiff_t open = opening_of(tokens, await - 2);
    if (is_one_of(text_at(tokens, open - 1), {"auto", "&", "&&"})) {
      return "bound to a structured binding: name the value first";
    }
  }
  for (std::ptrdiff_t i = first; i < await; ++i) {
    if (is_one_of(text_at(tokens, i), {"?", "||", "co_await"}))
      return "part of a larger expression";
  }
  return nullptr;
}

// What may follow up to the semicolon: calls, names and moves of names.
const char* fault_after(const Tokens& tokens, std::ptrdiff_t await) {
  static const std::set<std::string_view> kOperators = {"==", "!=", "+", "/", "%", "<<", "="};
  int depth = 0;
  for (std::ptrdiff_t i = await + 1; i < static_cast<std::ptrdiff_t>(tokens.size()); ++i) {
    const std::string_view text = text_at(tokens, i);
    if (text == "co_await") return "two in one statement";
    if (text == "{") return "beside a braced temporary or a lambda: name it first";
    if (is_one_of(text, {"?", "&&", "||"})) return "with a condition in its operand: name it first";
    if (opens(text)) ++depth;
    if (closes(text)) --depth;
    if (depth < 0 || (depth == 0 && text == ";")) return nullptr;
    if (depth == 0 && is_one_of(text, kOperators)) return "part of a larger expression";
  }
  return nullptr;
}

}  // namespace

Findings check_co_await(const SourceFile& file) {
  Findings findings;
  const Tokens tokens = tokens_of(file.code);
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    if (tokens[at].text != "co_await") continue;
    const auto await = static_cast<std::ptrdiff_t>(at);
    const Statement statement = statement_of(tokens, await);
    const char* fault = statement.nested_in;
    if (fault == nullptr) fault = fault_before(tokens, statement.first, await);
    if (fault == nullptr) fault = fault_after(tokens, await);
    if (fault == nullptr) continue;
    findings.push_back({file.path, tokens[at].line, std::string("co_await ") + fault});
  }
  return findings;
}

}  // namespace headrace::tidy

// The tree's sources as the tidy rules see them: text, code without comments and strings, tokens.
#pragma once

#include <filesystem>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace headrace::tidy {

struct SourceFile {
  std::string path;  // from the root of the tree: "base/error.hpp"
  std::string text;
  std::string code;  // text with comments, strings and characters blanked, line for line
};

SourceFile make_source(std::string path, std::string text);

// Every C and C++ file below the given folders of the tree, by path.
std::vector<SourceFile> load_sources(const std::filesystem::path& root,
                                     const std::vector<std::string>& folders);

std::string read_text(const std::filesystem::path& path);

struct Token {
  std::string_view text;
  int line = 0;
};

// Words, numbers and operators; preprocessor lines are left out. The views point into `code`.
std::vector<Token> tokens_of(std::string_view code);
bool is_word(std::string_view token);

struct Include {
  std::string path;
  int line = 0;
  bool quoted = false;  // "path", not <path>
};
std::vector<Include> includes_of(const SourceFile& file);

struct Finding {
  std::string path;
  int line = 0;
  std::string text;
};
using Findings = std::vector<Finding>;

// One `path:line: text` per line; empty when there is nothing to say.
std::string to_string(const Findings& findings);

// True for path "queue/sqs/x.cpp" and folder "queue" or "queue/sqs".
bool is_below(std::string_view path, std::string_view folder);
int line_at(std::string_view text, std::size_t offset);

}  // namespace headrace::tidy

#include "tests/tidy/source_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fstream>
#include <set>
#include <sstream>

namespace headrace::tidy {

namespace {

bool is_word_char(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Copies `text`, blanking what is no code. Each skip_ function moves `at_` past one such piece.
class Blanker {
 public:
  explicit Blanker(std::string_view text) : text_(text), code_(text) {}

  std::string run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (text_.substr(at_, 2) == "//") {
        blank_to(text_.find('\n', at_));
      } else if (text_.substr(at_, 2) == "/*") {
        blank_to(past("*/", at_ + 2));
      } else if (is_word_char(c)) {
        skip_word();
      } else if (c == '"' || c == '\'') {
        skip_quoted(c);
      } else {
        ++at_;
      }
    }
    return std::move(code_);
  }

 private:
  std::size_t past(std::string_view end, std::size_t from) const {
    const std::size_t found = text_.find(end, from);
    return found == std::string_view::npos ? text_.size() : found + end.size();
  }

  void blank_to(std::size_t end) {
    for (end = std::min(end, text_.size()); at_ < end; ++at_) {
      if (text_[at_] != '\n') code_[at_] = ' ';
    }
  }

  // A word or a number with its digit separators; a word that ends in R may open a raw string.
  void skip_word() {
    const std::size_t start = at_;
    const bool number = std::isdigit(static_cast<unsigned char>(text_[at_])) != 0;
    while (at_ < text_.size() && (is_word_char(text_[at_]) || (number && text_[at_] == '\'')))
      ++at_;
    if (!text_.substr(start, at_ - start).ends_with('R') || text_.substr(at_, 1) != "\"") return;
    const std::size_t open = text_.find('(', at_);
    if (open == std::string_view::npos) return;
    const std::string close = ")" + std::string(text_.substr(at_ + 1, open - at_ - 1)) + "\"";
    ++at_;
    blank_to(past(close, open) - 1);
    ++at_;
  }

  void skip_quoted(char quote) {
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n') {
      end += text_[end] == '\\' ? 2 : 1;
    }
    ++at_;
    blank_to(end);
    ++at_;
  }

  std::string_view text_;
  std::string code_;
  std::size_t at_ = 0;
};

bool is_source(const std::filesystem::path& path) {
  static const std::set<std::string> kEndings = {".hpp", ".cpp", ".h", ".c"};
  return kEndings.contains(path.extension().string());
}

std::size_t operator_length(std::string_view code) {
  static constexpr std::array<std::string_view, 13> kLong = {
      "&&", "||", "->", "::", "==", "!=", "<=", ">=", "<<", "+=", "-=", "++", "--"};
  const auto found =
      std::find_if(kLong.begin(), kLong.end(), [&](auto op) { return code.starts_with(op); });
  return found == kLong.end() ? 1 : found->size();
}

}  // namespace

SourceFile make_source(std::string path, std::string text) {
  std::string code = Blanker(text).run();
  return SourceFile{std::move(path), std::move(text), std::move(code)};
}

std::string read_text(const std::filesystem::path& path) {
  const std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<SourceFile> load_sources(const std::filesystem::path& root,
                                     const std::vector<std::string>& folders) {
  std::vector<SourceFile> files;
  for (const std::string& folder : folders) {
    if (!std::filesystem::exists(root / folder)) continue;
    auto walk = std::filesystem::recursive_directory_iterator(root / folder);
    for (auto entry = begin(walk); entry != end(walk); ++entry) {
      if (entry->path().filename() == "node_modules") entry.disable_recursion_pending();
      if (!entry->is_regular_file() || !is_source(entry->path())) continue;
      const std::string path = std::filesystem::relative(entry->path(), root).string();
      files.push_back(make_source(path, read_text(entry->path())));
    }
  }
  std::sort(files.begin(), files.end(), [](auto& a, auto& b) { return a.path < b.path; });
  return files;
}

std::vector<Token> tokens_of(std::string_view code) {
  std::vector<Token> tokens;
  int line = 1;
  bool line_start = true;
  for (std::size_t at = 0; at < code.size();) {
    const char c = code[at];
    if (c == '\n') {
      ++line;
      ++at;
      line_start = true;
    } else if (std::isspace(static_cast<unsigned char>(c)) != 0) {
      ++at;
    } else if (c == '#' && line_start) {
      while (at < code.size() && code[at] != '\n') {
        const bool continued = code.substr(at, 2) == "\\\n";
        line += continued ? 1 : 0;
        at += continued ? 2 : 1;
      }
    } else {
      std::size_t length = 0;
      while (at + length < code.size() && is_word_char(code[at + length])) ++length;
      if (length == 0) length = operator_length(code.substr(at));
      tokens.push_back(Token{code.substr(at, length), line});
      at += length;
      line_start = false;
    }
  }
  return tokens;
}

bool is_word(std::string_view token) { return !token.empty() && is_word_char(token.front()); }

std::vector<Include> includes_of(const SourceFile& file) {
  std::vector<Include> includes;
  std::size_t start = 0;
  for (int line = 1; start < file.text.size(); ++line) {
    const std::size_t end = std::min(file.text.find('\n', start), file.text.size());
    // In `code` a string's inside is blank, so an include inside a raw string is none.
    const bool directive = std::string_view(file.code).substr(start).starts_with("#include ");
    const std::string_view text = std::string_view(file.text).substr(start, end - start);
    const std::size_t open = text.find_first_of("\"<");
    if (directive && open != std::string_view::npos) {
      const std::size_t close = text.find_first_of("\">", open + 1);
      includes.push_back(
          Include{std::string(text.substr(open + 1, close - open - 1)), line, text[open] == '"'});
    }
    start = end + 1;
  }
  return includes;
}

std::string to_string(const Findings& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += finding.path + ":" + std::to_string(finding.line) + ": " + finding.text + "\n";
  }
  return text;
}

bool is_below(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && path.substr(folder.size()).starts_with('/');
}

int line_at(std::string_view text, std::size_t offset) {
  return 1 + static_cast<int>(std::count(text.begin(),
                                         text.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
}

}  // namespace headrace::tidy

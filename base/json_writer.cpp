#include "base/json_writer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace headrace {

namespace {

// 0: as it is; 'u': \u00XX; anything else: the letter after the backslash.
constexpr std::array<char, 256> make_escapes() {
  std::array<char, 256> table{};
  for (int i = 0; i < 0x20; ++i) table[static_cast<std::size_t>(i)] = 'u';
  table['"'] = '"';
  table['\\'] = '\\';
  table['\n'] = 'n';
  table['\r'] = 'r';
  table['\t'] = 't';
  table['\b'] = 'b';
  table['\f'] = 'f';
  return table;
}

constexpr auto kEscapes = make_escapes();

constexpr std::size_t kWord = sizeof(std::uint64_t);

// The same byte eight times.
constexpr std::uint64_t spread(std::uint8_t byte) { return byte * UINT64_C(0x0101010101010101); }

// True when none of the eight bytes needs an escape: most text is taken a word at a time.
bool is_plain(const char* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, kWord);
  const std::uint64_t quote = word ^ spread('"');
  const std::uint64_t backslash = word ^ spread('\\');
  const std::uint64_t found = ((word - spread(0x20)) & ~word) | ((quote - spread(1)) & ~quote) |
                              ((backslash - spread(1)) & ~backslash);
  return (found & spread(0x80)) == 0;
}

// Calls `escape(position, letter)` for each byte that needs one.
template <class Escape>
void for_each_escape(std::string_view text, const Escape& escape) {
  for (std::size_t i = 0; i < text.size();) {
    if (i + kWord <= text.size() && is_plain(text.data() + i)) {
      i += kWord;
      continue;
    }
    for (const std::size_t end = std::min(i + kWord, text.size()); i < end; ++i) {
      if (const char letter = kEscapes[static_cast<std::uint8_t>(text[i])]) escape(i, letter);
    }
  }
}

}  // namespace

void json_append_string(std::string& out, std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  std::size_t copied = 0;
  for_each_escape(text, [&](std::size_t i, char letter) {
    out.append(text.data() + copied, i - copied);
    copied = i + 1;
    out += '\\';
    out += letter;
    if (letter == 'u') {
      const auto byte = static_cast<std::uint8_t>(text[i]);
      const char digits[4] = {'0', '0', kHex[byte >> 4], kHex[byte & 15]};
      out.append(digits, 4);
    }
  });
  out.append(text.data() + copied, text.size() - copied);
  out += '"';
}

std::size_t json_string_size(std::string_view text) {
  std::size_t size = text.size() + 2;
  for_each_escape(text, [&size](std::size_t, char letter) { size += letter == 'u' ? 5 : 1; });
  return size;
}

void JsonWriter::separate() {
  if (needs_comma_) out_ += ',';
  needs_comma_ = true;
}

JsonWriter& JsonWriter::open(char c) {
  separate();
  out_ += c;
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::close(char c) {
  out_ += c;
  needs_comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  json_append_string(out_, name);
  out_ += ':';
  needs_comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::string(std::string_view text) {
  separate();
  json_append_string(out_, text);
  return *this;
}

JsonWriter& JsonWriter::number(std::int64_t value) {
  separate();
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out_.append(digits.data(), end);
  return *this;
}

JsonWriter& JsonWriter::real(double value) {
  separate();
  std::array<char, 40> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out_.append(digits.data(), end);
  return *this;
}

JsonWriter& JsonWriter::boolean(bool value) {
  separate();
  out_ += value ? "true" : "false";
  return *this;
}

JsonWriter& JsonWriter::null() {
  separate();
  out_ += "null";
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

}  // namespace headrace

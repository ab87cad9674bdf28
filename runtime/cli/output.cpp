#include "runtime/cli/output.hpp"

#include <algorithm>
#include <cstdio>

namespace headrace::runtime {

namespace {

bool starts_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_character));
}

}  // namespace

std::string printable(std::string_view text) {
  std::string shown;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F are control characters too; in UTF-8 they begin with C2.
    const bool c1 =
        byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (text[i] == '\n') {
      shown += "\\n";
    } else if (text[i] == '\t') {
      shown += "\\t";
    } else if (byte < 0x20 || byte == 0x7f || c1) {
      char escaped[5];
      std::snprintf(escaped, sizeof escaped, "\\x%02x",
                    c1 ? static_cast<unsigned char>(text[++i]) : byte);
      shown += escaped;
    } else {
      shown += text[i];
    }
  }
  return shown;
}

std::string printable_line(std::string_view text) {
  std::string shown;
  for (;;) {
    const std::size_t tab = text.find('\t');
    shown += printable(text.substr(0, tab));
    if (tab == std::string_view::npos) return shown;
    shown += '\t';
    text.remove_prefix(tab + 1);
  }
}

std::string excerpt(std::string_view text, std::size_t characters) {
  std::string shown = printable(text);
  std::size_t seen = 0;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    if (starts_character(shown[i]) && seen++ == characters) return shown.substr(0, i) + "...";
  }
  return shown;
}

std::string show_age(std::int64_t milliseconds) {
  if (milliseconds < 1000) return std::to_string(milliseconds) + "ms";
  const std::int64_t seconds = milliseconds / 1000;
  if (seconds < 10) {
    return std::to_string(seconds) + "." + std::to_string(milliseconds % 1000 / 100) + "s";
  }
  if (seconds < 120) return std::to_string(seconds) + "s";
  if (seconds < 7200) return std::to_string(seconds / 60) + "m";
  if (seconds < 172'800) return std::to_string(seconds / 3600) + "h";
  return std::to_string(seconds / 86'400) + "d";
}

std::string counted(std::int64_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string Table::text() const {
  std::vector<std::vector<std::string>> lines(1);
  for (const Column& column : columns_) lines.front().push_back(column.title);
  lines.insert(lines.end(), rows_.begin(), rows_.end());
  std::vector<std::size_t> widths(columns_.size());
  for (const auto& line : lines) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      widths[i] = std::max(widths[i], width_of(line[i]));
    }
  }
  std::string text;
  for (const auto& line : lines) {
    std::string row;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const std::string padding(widths[i] - width_of(line[i]), ' ');
      if (i > 0) row += "  ";
      row += columns_[i].align == Align::kRight ? padding + line[i] : line[i] + padding;
    }
    row.erase(row.find_last_not_of(' ') + 1);
    text += row + "\n";
  }
  return text;
}

std::string text_of(const JsonValue& object, std::string_view member) {
  const auto value = object.find(member);
  return std::string(value ? value->as_string().value_or("") : "");
}

std::int64_t number_of(const JsonValue& object, std::string_view member) {
  const auto value = object.find(member);
  return value ? value->as_integer().value_or(0) : 0;
}

std::vector<JsonValue> list_of(const JsonValue& object, std::string_view member) {
  const auto value = object.find(member);
  return value ? value->elements() : std::vector<JsonValue>();
}

}  // namespace headrace::runtime

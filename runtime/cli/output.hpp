// What verbs print: aligned tables, and foreign text that cannot steer a terminal. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace headrace::runtime {

// The text with control characters as \n, \t or \xNN.
std::string printable(std::string_view text);

// As printable, but tabs stay: a log line has columns.
std::string printable_line(std::string_view text);

// At most `characters` of it, on one line, with "..." when it was longer.
std::string excerpt(std::string_view text, std::size_t characters);

// "850ms", "4.2s", "12m", "5h", "3d"
std::string show_age(std::int64_t milliseconds);

// "1 message", "2 messages"
std::string counted(std::int64_t count, std::string_view noun);

enum class Align { kLeft, kRight };

class Table {
 public:
  struct Column {
    std::string title;
    Align align = Align::kLeft;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}

  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  // Header and rows, each ended by a newline, two spaces between columns.
  std::string text() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// Members of an answer; empty, or zero, when absent or of another type.
std::string text_of(const JsonValue& object, std::string_view member);
std::int64_t number_of(const JsonValue& object, std::string_view member);
std::vector<JsonValue> list_of(const JsonValue& object, std::string_view member);

}  // namespace headrace::runtime

// Logging: one line per event, past tense, key=value, no secrets, no bodies above debug.
//   log_info("queue created queue={} fifo={}", name, fifo);
// Lines go to stderr. `format` is a constant; arguments are shown by operator<< rules of text and
// numbers, control characters escaped.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace headrace {

enum class LogLevel { kDebug, kInfo, kWarning, kError, kOff };

void set_log_level(LogLevel level);
bool log_enabled(LogLevel level);

// One argument of a line, already text.
class LogValue {
 public:
  LogValue(std::string_view text);  // NOLINT: implicit by design, as are the others
  LogValue(const char* text) : LogValue(std::string_view(text)) {}
  LogValue(const std::string& text) : LogValue(std::string_view(text)) {}
  template <class T>
  requires std::is_arithmetic_v<T> LogValue(T number) : text_(std::to_string(number)) {}

  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

void log_line(LogLevel level, std::string_view format, std::initializer_list<LogValue> values);

template <class... Args>
void log_debug(std::string_view format, const Args&... args) {
  if (log_enabled(LogLevel::kDebug)) log_line(LogLevel::kDebug, format, {LogValue(args)...});
}
template <class... Args>
void log_info(std::string_view format, const Args&... args) {
  if (log_enabled(LogLevel::kInfo)) log_line(LogLevel::kInfo, format, {LogValue(args)...});
}
template <class... Args>
void log_warning(std::string_view format, const Args&... args) {
  if (log_enabled(LogLevel::kWarning)) log_line(LogLevel::kWarning, format, {LogValue(args)...});
}
template <class... Args>
void log_error(std::string_view format, const Args&... args) {
  if (log_enabled(LogLevel::kError)) log_line(LogLevel::kError, format, {LogValue(args)...});
}

}  // namespace headrace

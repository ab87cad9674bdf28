#include "base/log.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace headrace {

namespace {

spdlog::level::level_enum native(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return spdlog::level::debug;
    case LogLevel::kInfo: return spdlog::level::info;
    case LogLevel::kWarning: return spdlog::level::warn;
    case LogLevel::kError: return spdlog::level::err;
    case LogLevel::kOff: return spdlog::level::off;
  }
  return spdlog::level::off;
}

spdlog::logger& logger() {
  static const std::shared_ptr<spdlog::logger> instance = [] {
    auto made = spdlog::stderr_color_mt("headrace");
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %v", spdlog::pattern_time_type::utc);
    made->flush_on(spdlog::level::info);
    return made;
  }();
  return *instance;
}

}  // namespace

LogValue::LogValue(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  text_.reserve(text.size());
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (byte >= 0x20 && byte != 0x7f) {
      text_ += c;
    } else {
      text_ += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
}

void set_log_level(LogLevel level) { logger().set_level(native(level)); }

bool log_enabled(LogLevel level) { return logger().should_log(native(level)); }

void log_line(LogLevel level, std::string_view format, std::initializer_list<LogValue> values) {
  std::string line;
  const LogValue* value = values.begin();
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format.substr(i, 2) == "{}" && value != values.end()) {
      line += (value++)->text();
      ++i;
    } else {
      line += format[i];
    }
  }
  logger().log(native(level), "{}", line);
}

}  // namespace headrace

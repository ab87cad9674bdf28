#include "runtime/config_builtin.hpp"

#include <map>

namespace headrace::runtime {

namespace {

constexpr Duration kSleepMax = std::chrono::minutes(15);  // as the longest timeout

std::optional<BuiltinKind> to_kind(const std::string& text) {
  static const std::map<std::string, BuiltinKind> kinds = {{"echo", BuiltinKind::kEcho},
                                                           {"fail", BuiltinKind::kFail},
                                                           {"sleep", BuiltinKind::kSleep},
                                                           {"forward", BuiltinKind::kForward}};
  const auto found = kinds.find(text);
  if (found == kinds.end()) return std::nullopt;
  return found->second;
}

}  // namespace

void read_builtin(ConfigSection& section, BuiltinConfig& builtin) {
  const auto value = section.take_required("builtin");
  const auto text = value ? value->text() : std::nullopt;
  const auto kind = text ? to_kind(*text) : std::nullopt;
  if (text && !kind) value->expected("echo | fail | sleep | forward");
  if (!kind) {
    for (const auto key : {"duration", "queue"}) section.take(key);  // which belongs, is unknown
    return;
  }
  builtin.kind = *kind;
  if (*kind == BuiltinKind::kSleep) {
    const auto duration = section.take_required("duration");
    if (duration)
      builtin.duration = duration->duration(Duration(0), kSleepMax).value_or(Duration(0));
  } else if (*kind == BuiltinKind::kForward) {
    const auto queue = section.take_required("queue");
    if (queue) builtin.queue = queue->text().value_or("");
  }
}

}  // namespace headrace::runtime

#include "tests/sim/settings.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include "base/check.hpp"

namespace headrace::sim {

namespace {

constexpr const char* kDigits = "0123456789";

// The number a text ends with, but for a closing brace.
std::int64_t number_in(const std::string& text) {
  const std::size_t last = text.find_last_of(kDigits);
  if (last == std::string::npos) return std::numeric_limits<std::int64_t>::max();
  const std::size_t first = text.find_last_not_of(kDigits, last) + 1;
  std::int64_t number = 0;
  std::from_chars(text.data() + first, text.data() + last + 1, number);
  return number;
}

}  // namespace

void Settings::define(const std::string& queue, const queue::AttributeMap& values) {
  for (const auto& [name, value] : values) queues_[queue].emplace(name, Register(value));
}

void Settings::asked(const std::string& queue, const queue::AttributeMap& values, Moment call) {
  for (const auto& [name, value] : values) queues_.at(queue).at(name).asked(value, call);
}

void Settings::answered(const std::string& queue, Moment call, Moment answer) {
  for (auto& [name, values] : queues_.at(queue)) values.answered(call, answer);
}

void Settings::refused(const std::string& queue, Moment call) {
  for (auto& [name, values] : queues_.at(queue)) values.refused(call);
}

void Settings::server_died(Moment moment) {
  for (auto& [queue, attributes] : queues_) {
    for (auto& [name, values] : attributes) values.server_died(moment);
  }
}

bool Settings::may_have_been(const std::string& queue, const std::string& name,
                             const std::string& value, Moment call, Moment answer) const {
  return queues_.at(queue).at(name).may_have_been(value, call, answer);
}

bool Settings::may_have_differed(const std::string& queue, const std::string& name,
                                 const std::string& value, Moment call, Moment answer) const {
  const auto values = queues_.at(queue).at(name).possible(call, answer);
  return std::any_of(values.begin(), values.end(),
                     [&value](const std::string& one) { return one != value; });
}

Settings::Range Settings::range(const std::string& queue, const std::string& name, Moment call,
                                Moment answer) const {
  const auto values = queues_.at(queue).at(name).possible(call, answer);
  HR_CHECK(!values.empty());
  Range range{number_in(values.front()), number_in(values.front())};
  for (const std::string& value : values) {
    range.least = std::min(range.least, number_in(value));
    range.most = std::max(range.most, number_in(value));
  }
  return range;
}

}  // namespace headrace::sim

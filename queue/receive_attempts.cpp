#include "queue/receive_attempts.hpp"

#include <algorithm>

#include "queue/limits.hpp"

namespace headrace::queue {

namespace {

constexpr Duration kInterval = std::chrono::seconds(kReceiveAttemptSeconds);

}  // namespace

const ReceiveAttempt* ReceiveAttempts::find(std::string_view id, TimePoint now) const {
  const auto found = attempts_.find(id);
  if (found == attempts_.end() || now - found->second.time >= kInterval) return nullptr;
  return &found->second;
}

void ReceiveAttempts::add(const std::string& id, ReceiveAttempt attempt) {
  by_time_.emplace_back(attempt.time, id);
  attempts_[id] = std::move(attempt);
}

void ReceiveAttempts::extend(std::string_view id, TimePoint until) {
  if (const auto found = attempts_.find(id); found != attempts_.end()) found->second.until = until;
}

std::size_t ReceiveAttempts::expire(TimePoint now, std::size_t budget) {
  std::size_t over = 0;
  while (over < std::min(budget, by_time_.size()) && now - by_time_[over].first >= kInterval) {
    ++over;
  }
  return drop(over);
}

std::size_t ReceiveAttempts::drop(std::size_t budget) {
  const std::size_t dropped = std::min(budget, by_time_.size());
  for (std::size_t i = 0; i < dropped; ++i) {
    const auto& [time, id] = by_time_.front();
    const auto found = attempts_.find(id);
    if (found != attempts_.end() && found->second.time == time) attempts_.erase(found);
    by_time_.pop_front();
  }
  return dropped;
}

TimePoint ReceiveAttempts::all_over() const {
  return by_time_.empty() ? kForever : by_time_.back().first + kInterval;
}

}  // namespace headrace::queue

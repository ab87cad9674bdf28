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
  if (const auto earlier = attempts_.find(id); earlier != attempts_.end()) {
    by_time_.erase({earlier->second.time, id});
  }
  by_time_.emplace(attempt.time, id);
  attempts_[id] = std::move(attempt);
}

const ReceiveAttempt* ReceiveAttempts::after(Place& place) const {
  const auto next = by_time_.upper_bound(place);
  if (next == by_time_.end()) return nullptr;
  place = *next;
  return &attempts_.find(place.second)->second;
}

void ReceiveAttempts::extend(std::string_view id, TimePoint until) {
  if (const auto found = attempts_.find(id); found != attempts_.end()) found->second.until = until;
}

std::size_t ReceiveAttempts::expire(TimePoint now, std::size_t budget) {
  std::size_t dropped = 0;
  while (dropped < budget && !by_time_.empty() && now - by_time_.begin()->first >= kInterval) {
    dropped += drop(1);
  }
  return dropped;
}

std::size_t ReceiveAttempts::drop(std::size_t budget) {
  const std::size_t dropped = std::min(budget, by_time_.size());
  for (std::size_t i = 0; i < dropped; ++i) {
    attempts_.erase(by_time_.begin()->second);
    by_time_.erase(by_time_.begin());
  }
  return dropped;
}

TimePoint ReceiveAttempts::all_over() const {
  return by_time_.empty() ? kForever : by_time_.rbegin()->first + kInterval;
}

}  // namespace headrace::queue

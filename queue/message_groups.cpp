#include "queue/message_groups.hpp"

#include <cmath>

#include "base/check.hpp"

namespace headrace::queue {

namespace {

// AWS, "How Amazon SQS fair queues work" (spec 7.5).
constexpr double kNoisyShare = 0.1;
constexpr std::uint32_t kNoisyInFlightMin = 30;
constexpr Duration kNoisySilence = std::chrono::minutes(5);

constexpr double kUsedHalfLifeMs = 60'000;

}  // namespace

void RecentTime::add(Duration used, TimePoint now) {
  milliseconds_ = at(now) + static_cast<double>(used.count());
  as_of_ = now;
}

double RecentTime::at(TimePoint now) const {
  if (milliseconds_ == 0) return 0;
  return milliseconds_ * std::exp2(-static_cast<double>((now - as_of_).count()) / kUsedHalfLifeMs);
}

MessageGroups::MessageGroups() { groups_.emplace_back(); }

GroupNumber MessageGroups::enter(std::string_view name, std::uint64_t hash) {
  if (name.empty()) return kUngrouped;
  for (GroupNumber number = by_name_.first(hash); number != HashIndex::kNone;
       number = groups_[number].next_same_bucket) {
    if (groups_[number].hash == hash && groups_[number].name == name) return number;
  }
  GroupNumber number = free_;
  if (number == kNoGroup) {
    number = static_cast<GroupNumber>(groups_.size());
    groups_.emplace_back();
  } else {
    free_ = groups_[number].ready_next;
    groups_[number] = MessageGroup{};
  }
  groups_[number].name = name;
  groups_[number].hash = hash;
  Chain chain{groups_};
  by_name_.insert(chain, number);
  ++used_;
  return number;
}

void MessageGroups::leave(GroupNumber number) {
  if (number == kUngrouped) return;
  MessageGroup& group = groups_[number];
  HR_CHECK(group.messages == 0 && !group.ready);
  if (group.noisy) set_noisy(number, false);
  Chain chain{groups_};
  by_name_.erase(chain, number);
  group.name = std::string();
  group.ready_next = free_;
  free_ = number;
  --used_;
}

void MessageGroups::offer(GroupNumber number, const Offer& offer, bool served) {
  MessageGroup& group = groups_[number];
  offered_.messages += offer.messages - group.offer.messages;
  offered_.event_bytes += offer.event_bytes - group.offer.event_bytes;
  group.offer = offer;
  const bool ready = offer.messages > 0;
  if (group.ready && (!ready || served)) step_out(number);
  if (!group.ready && ready) line_up(number);
}

void MessageGroups::line_up(GroupNumber number) {
  MessageGroup& group = groups_[number];
  group.ready = true;
  if (group.noisy) {
    noisy_ready_.emplace(group.in_flight, number);
    return;
  }
  group.ready_previous = ready_back_;
  group.ready_next = kNoGroup;
  (ready_back_ == kNoGroup ? ready_front_ : groups_[ready_back_].ready_next) = number;
  ready_back_ = number;
}

void MessageGroups::step_out(GroupNumber number) {
  MessageGroup& group = groups_[number];
  group.ready = false;
  if (group.noisy) {
    noisy_ready_.erase({group.in_flight, number});
    return;
  }
  const GroupNumber previous = group.ready_previous;
  const GroupNumber next = group.ready_next;
  (previous == kNoGroup ? ready_front_ : groups_[previous].ready_next) = next;
  (next == kNoGroup ? ready_back_ : groups_[next].ready_previous) = previous;
}

GroupNumber MessageGroups::first_ready() const {
  if (ready_front_ != kNoGroup) return ready_front_;
  return noisy_ready_.empty() ? kNoGroup : noisy_ready_.begin()->second;
}

GroupNumber MessageGroups::next_ready(GroupNumber number) const {
  const MessageGroup& group = groups_[number];
  if (!group.noisy) {
    if (group.ready_next != kNoGroup) return group.ready_next;
    return noisy_ready_.empty() ? kNoGroup : noisy_ready_.begin()->second;
  }
  const auto next = noisy_ready_.upper_bound({group.in_flight, number});
  return next == noisy_ready_.end() ? kNoGroup : next->second;
}

void MessageGroups::set_noisy(GroupNumber number, bool noisy) {
  MessageGroup& group = groups_[number];
  if (group.noisy == noisy) return;
  const bool ready = group.ready;
  if (ready) step_out(number);
  group.noisy = noisy;
  if (noisy) {
    noisy_by_send_.emplace(group.last_sent, number);
  } else {
    noisy_by_send_.erase({group.last_sent, number});
  }
  if (ready) line_up(number);
}

void MessageGroups::sent(GroupNumber number, TimePoint now) {
  MessageGroup& group = groups_[number];
  if (group.noisy) {
    noisy_by_send_.erase({group.last_sent, number});
    noisy_by_send_.emplace(now, number);
  }
  group.last_sent = now;
}

void MessageGroups::in_flight_changed(GroupNumber number, std::uint32_t in_flight) {
  MessageGroup& group = groups_[number];
  const bool stands_by_count = group.noisy && group.ready;
  if (stands_by_count) noisy_ready_.erase({group.in_flight, number});
  group.in_flight = in_flight;
  if (stands_by_count) noisy_ready_.emplace(in_flight, number);
}

void MessageGroups::leased(GroupNumber number, std::uint64_t in_flight_of_queue, TimePoint now) {
  forgive_silent(now);
  if (number == kUngrouped) return;
  const MessageGroup& group = groups_[number];
  if (group.visible == 0) {
    set_noisy(number, false);  // its backlog is gone
  } else if (now - group.last_sent <= kNoisySilence && group.in_flight >= kNoisyInFlightMin &&
             group.in_flight > kNoisyShare * static_cast<double>(in_flight_of_queue)) {
    set_noisy(number, true);
  }
}

void MessageGroups::processed(GroupNumber number, Duration used, TimePoint now) {
  used_by_all_.add(used, now);
  if (number == kUngrouped) return;
  MessageGroup& group = groups_[number];
  group.used.add(used, now);
  if (group.visible > 0 && now - group.last_sent <= kNoisySilence &&
      group.used.at(now) > kNoisyShare * used_by_all_.at(now)) {
    set_noisy(number, true);
  }
}

// A group that nobody has sent to for long is quiet again.
void MessageGroups::forgive_silent(TimePoint now) {
  while (!noisy_by_send_.empty() && now - noisy_by_send_.begin()->first > kNoisySilence) {
    set_noisy(noisy_by_send_.begin()->second, false);
  }
}

}  // namespace headrace::queue

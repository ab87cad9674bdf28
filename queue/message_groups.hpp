// MessageGroups: the live groups of one queue (MessageGroupId), and whose turn it is.
//
// A group has its turn when it is ready: it holds a message a receive may take. Ready groups stand
// in a row; one that was served goes to its end. On a standard queue groups may be noisy (fair
// queues, spec 7.5): those stand behind all quiet ones, the one with fewer messages in flight
// first. Messages without a group form the group kUngrouped, which is never noisy.
#pragma once

#include <cstdint>
#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "queue/entry.hpp"
#include "queue/hash_index.hpp"

namespace headrace::queue {

inline constexpr GroupNumber kUngrouped = 0;
inline constexpr GroupNumber kNoGroup = UINT32_MAX;

// What a receive could take of a group now: never more than there is, and something if there is.
struct Offer {
  std::uint64_t messages = 0;
  std::uint64_t event_bytes = 0;
};

// Consumer time used of late: halves with every minute.
class RecentTime {
 public:
  void add(Duration used, TimePoint now);
  double at(TimePoint now) const;

 private:
  double milliseconds_ = 0;
  TimePoint as_of_;
};

struct MessageGroup {
  std::string name;
  std::uint64_t hash = 0;
  Slot first = kNoSlot;  // the list of its messages; MessageStore says which
  Slot last = kNoSlot;
  std::uint32_t messages = 0;  // live, in any state
  std::uint32_t visible = 0;
  std::uint32_t in_flight = 0;
  std::uint64_t visible_bytes = 0;
  Offer offer;

  // Of MessageGroups.
  GroupNumber next_same_bucket = kNoGroup;
  GroupNumber ready_previous = kNoGroup;
  GroupNumber ready_next = kNoGroup;  // or the next free number
  bool ready = false;
  bool noisy = false;
  TimePoint last_sent;
  RecentTime used;
};

class MessageGroups {
 public:
  MessageGroups();

  // The group of that name, made when there is none. `hash` is always the same for the same name.
  GroupNumber enter(std::string_view name, std::uint64_t hash);
  // Forgets a group without messages.
  void leave(GroupNumber number);

  MessageGroup& operator[](GroupNumber number) { return groups_[number]; }
  const MessageGroup& operator[](GroupNumber number) const { return groups_[number]; }

  // What the group offers now; nothing: it is not ready. `served` sends it to the end of the row.
  void offer(GroupNumber number, const Offer& offer, bool served);
  const Offer& offered() const { return offered_; }

  // The ready groups in the order of their turns; kNoGroup at the end.
  GroupNumber first_ready() const;
  GroupNumber next_ready(GroupNumber number) const;

  // Fair queues. To be told of each send, lease and delete in a group.
  void sent(GroupNumber number, TimePoint now);
  void leased(GroupNumber number, std::uint64_t in_flight_of_queue, TimePoint now);
  void processed(GroupNumber number, Duration used, TimePoint now);
  void in_flight_changed(GroupNumber number, std::uint32_t in_flight);
  std::size_t noisy_count() const { return noisy_by_send_.size(); }

  std::size_t size() const { return used_; }  // without kUngrouped

 private:
  struct Chain {
    std::deque<MessageGroup>& groups;
    std::uint64_t hash_of(std::uint32_t number) const { return groups[number].hash; }
    std::uint32_t& next_of(std::uint32_t number) { return groups[number].next_same_bucket; }
  };

  void line_up(GroupNumber number);
  void step_out(GroupNumber number);
  void set_noisy(GroupNumber number, bool noisy);
  void forgive_silent(TimePoint now);

  std::deque<MessageGroup> groups_;
  GroupNumber free_ = kNoGroup;
  std::size_t used_ = 0;
  HashIndex by_name_;
  Offer offered_;

  GroupNumber ready_front_ = kNoGroup;  // quiet and ready
  GroupNumber ready_back_ = kNoGroup;
  std::set<std::pair<std::uint32_t, GroupNumber>> noisy_ready_;  // by messages in flight
  std::set<std::pair<TimePoint, GroupNumber>> noisy_by_send_;    // all noisy groups
  RecentTime used_by_all_;
};

}  // namespace headrace::queue

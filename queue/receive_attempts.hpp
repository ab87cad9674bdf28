// ReceiveAttempts: what a FIFO queue's receives with a ReceiveRequestAttemptId got, so that a
// caller who lost the answer gets it again (spec 7.3).
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "queue/message.hpp"

namespace headrace::queue {

struct ReceiveAttempt {
  struct Message {
    Sequence sequence;
    std::uint32_t receive_number = 0;
  };
  TimePoint time;   // of the receive, not of its repetitions
  TimePoint until;  // of its leases
  std::vector<Message> messages;
};

class ReceiveAttempts {
 public:
  // Null when there is none of the last five minutes.
  const ReceiveAttempt* find(std::string_view id, TimePoint now) const;

  // A receive; it takes the place of one with the same id.
  void add(const std::string& id, ReceiveAttempt attempt);
  // A repetition extended its leases.
  void extend(std::string_view id, TimePoint until);

  // Drops at most `budget` attempts whose time is over; returns how many.
  std::size_t expire(TimePoint now, std::size_t budget);
  // The same of any age.
  std::size_t drop(std::size_t budget);
  // When the youngest is over; kForever when there is none.
  TimePoint all_over() const;

  std::size_t size() const { return attempts_.size(); }

  // For a snapshot: the first attempt behind `place`, in the order of their times.
  using Place = std::pair<TimePoint, std::string>;
  const ReceiveAttempt* after(Place& place) const;

 private:
  std::map<std::string, ReceiveAttempt, std::less<>> attempts_;
  std::set<Place> by_time_;
};

}  // namespace headrace::queue

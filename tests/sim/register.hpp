// Register: a value that clients set and read. It tells which values a reader may have seen.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace headrace::sim {

// Counts calls and answers, in the order they happened.
using Moment = std::uint64_t;

class Register {
 public:
  explicit Register(std::string first) { sets_.push_back({std::move(first), 0, 0, Set::kDone}); }

  void asked(std::string value, Moment call) {
    sets_.push_back({std::move(value), call, 0, Set::kOpen});
  }
  void answered(Moment call, Moment answer) { end(call, answer, Set::kDone); }
  void refused(Moment call) {
    std::erase_if(sets_, [call](const Set& set) { return set.call == call; });
  }
  // The server died: what is open happened before this moment or never.
  void server_died(Moment moment) {
    for (Set& set : sets_) {
      if (set.state == Set::kOpen) end(set.call, moment, Set::kUnknown);
    }
  }

  // False when a reader whose call and answer are these cannot have seen the value: everything that
  // set it was certainly overwritten before the call.
  bool may_have_been(const std::string& value, Moment call, Moment answer) const {
    return std::any_of(sets_.begin(), sets_.end(), [&](const Set& set) {
      return set.value == value && set.call < answer && !overwritten(set, call);
    });
  }
  // All such values.
  std::vector<std::string> possible(Moment call, Moment answer) const {
    std::vector<std::string> values;
    for (const Set& set : sets_) {
      if (set.call < answer && !overwritten(set, call)) values.push_back(set.value);
    }
    return values;
  }

 private:
  struct Set {
    std::string value;
    Moment call;
    Moment end;
    enum State { kOpen, kDone, kUnknown } state;
  };

  void end(Moment call, Moment moment, Set::State state) {
    for (Set& set : sets_) {
      if (set.call != call || set.state != Set::kOpen) continue;
      set.end = moment;
      set.state = state;
    }
  }
  bool overwritten(const Set& set, Moment before) const {
    if (set.state == Set::kOpen) return false;
    return std::any_of(sets_.begin(), sets_.end(), [&](const Set& later) {
      return later.state == Set::kDone && later.call > set.end && later.end < before;
    });
  }

  std::vector<Set> sets_;
};

}  // namespace headrace::sim

// Leases: for how long each message is certainly hidden, as its receives and changes of visibility
// tell. Where an answer leaves room, the shortest lease there may be.
#pragma once

#include <map>
#include <vector>

#include "tests/sim/history.hpp"

namespace headrace::sim {

class Leases {
 public:
  void handed_out(const Delivery& delivery);
  void change_asked(const Uuid& id, const Span& span, std::int64_t asked);
  void changed(const Uuid& id, const Span& span, std::int64_t asked);
  // What is open then happened before or never will.
  void server_died();
  // Leases of standard queues may have ended early.
  void forget_standard();

  // Until when the message is hidden from a call that begins at `call`; the beginning of time when
  // nothing is known.
  TimePoint held_until(const Uuid& id, Moment call) const;
  // True when a later receive of the message was answered before this one.
  bool is_late(const Delivery& delivery) const;
  // The newest handle that was answered before `call`; empty when a newer one is under way.
  std::string holder(const Uuid& id, Moment call) const;

 private:
  struct Change {
    Span span;
    std::int64_t asked;
    TimePoint end() const;
  };
  struct Lease {
    bool fifo = false;
    TimePoint not_before;  // the next delivery cannot come earlier
    TimePoint extended_until;
    Moment extended_at = 0;
    std::uint32_t count = 0;
    std::string handle;
    Moment answered = 0;
    Moment last_event = 0;
    std::vector<Change> changes;  // that may come after a receive that is under way
  };
  std::map<Uuid, Lease> leases_;
};

}  // namespace headrace::sim

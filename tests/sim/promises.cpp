#include "tests/sim/promises.hpp"

#include <algorithm>
#include <chrono>

#include "tests/sim/fifo_promises.hpp"
#include "tests/sim/leases.hpp"

namespace headrace::sim {

std::string describe(const Delivery& d) {
  return "letter " + std::to_string(d.letter) + " id " +
         to_string(d.message.message_id).substr(0, 8) + " from " + d.queue + ", receive " +
         std::to_string(d.message.receive_count);
}

namespace {

Duration seconds(std::int64_t count) { return std::chrono::seconds(count); }

// S1: what was acknowledged and is not deleted, purged or expired is there.
class NothingIsLost final : public Promise {
 public:
  explicit NothingIsLost(const History& history) : history_(history) {}
  const char* name() const override { return "S1 nothing acknowledged is lost"; }

  void on_inventory(const Inventory& inventory) override {
    std::vector<std::size_t> found(history_.letters.size());
    for (const auto& [queue, seen] : inventory.queues) {
      for (const Inventory::Item& item : seen.items) {
        if (item.letter >= 0) ++found[static_cast<std::size_t>(item.letter)];
      }
    }
    for (std::size_t i = 0; i < found.size(); ++i) {
      const int number = static_cast<int>(i);
      Sum sum;
      if (!add(number, found, inventory.now, sum)) continue;
      // An answer for one of two twins may have told of the other's message.
      const bool scope_changes = history_.home(number).scope_changes;
      const std::optional<int> twin = scope_changes ? history_.twin(number) : std::nullopt;
      if (twin && !add(*twin, found, inventory.now, sum)) continue;
      if (sum.stored.size() > sum.there + sum.deleted) broken("letter " + std::to_string(i));
    }
  }

 private:
  struct Sum {
    std::set<Uuid> stored;
    std::size_t there = 0;
    std::size_t deleted = 0;
  };
  // False when its messages need not be there.
  bool add(int number, const std::vector<std::size_t>& found, TimePoint now, Sum& sum) const {
    const Letter& letter = *history_.letter(number);
    if (letter.may_be_gone || may_have_expired(letter, now)) return false;
    for (const auto& [id, span] : letter.stored) sum.stored.insert(id);
    sum.there += found[static_cast<std::size_t>(number)];
    sum.deleted += letter.deletes.size();
    return true;
  }
  bool may_have_expired(const Letter& letter, TimePoint now) const {
    const QueueSetup& home = history_.queues.at(letter.queue);
    std::int64_t retention = home.retention;
    if (!home.dead_letter_queue.empty()) {
      retention = std::min(retention, history_.queues.at(home.dead_letter_queue).retention);
    }
    return now - letter.first_call > seconds(retention);
  }

  const History& history_;
};

// S2, D2: no message appears that nobody sent, and none is in two places.
class NothingIsInvented final : public Promise {
 public:
  explicit NothingIsInvented(const History& history) : history_(history) {}
  const char* name() const override { return "S2 D2 nothing is invented or doubled"; }

  void on_delivered(const Delivery& delivery) override {
    if (delivery.letter >= 0 && letter(delivery.letter).attempts == 0) broken(describe(delivery));
  }
  void on_inventory(const Inventory& inventory) override {
    std::map<int, int> copies;
    std::set<Uuid> ids;
    for (const auto& [queue, seen] : inventory.queues) {
      for (const Inventory::Item& item : seen.items) {
        if (item.letter < 0) continue;
        if (++copies[item.letter] > letter(item.letter).attempts) {
          broken("letter " + std::to_string(item.letter) + " has too many copies");
        }
        if (!ids.insert(item.seen.message.message_id).second) {
          broken("letter " + std::to_string(item.letter) + " is in two places");
        }
      }
    }
  }

 private:
  const Letter& letter(int number) const {
    return history_.letters[static_cast<std::size_t>(number)];
  }
  const History& history_;
};

// S3: body, attributes and digest come back as they were sent.
class BodiesAreIntact final : public Promise {
 public:
  const char* name() const override { return "S3 bodies come back as sent"; }
  void on_delivered(const Delivery& delivery) override {
    if (delivery.letter < 0) broken(describe(delivery));
  }
  void on_inventory(const Inventory& inventory) override {
    for (const auto& [queue, seen] : inventory.queues) {
      for (const Inventory::Item& item : seen.items) {
        if (item.letter < 0) broken("a message in " + queue);
      }
    }
  }
};

// S4: while a lease runs nobody else gets the message. A power cut may end the lease of a standard
// receive early (design 2).
class LeasesAreExclusive final : public Promise {
 public:
  const char* name() const override { return "S4 one consumer at a time"; }

  void on_delivered(const Delivery& delivery) override {
    const TimePoint held_until =
        leases_.held_until(delivery.message.message_id, delivery.span.call);
    // A repetition gives the same receive to the same caller.
    const bool another = !delivery.again && !leases_.is_late(delivery);
    if (another && delivery.span.answered < held_until) {
      broken(describe(delivery) + " within the lease of another");
    }
    leases_.handed_out(delivery);
  }
  void on_change_asked(const Uuid& id, const Span& span, std::int64_t asked) override {
    leases_.change_asked(id, span, asked);
  }
  void on_changed(const Uuid& id, const Span& span, std::int64_t asked) override {
    leases_.changed(id, span, asked);
  }
  void on_server_died() override { leases_.server_died(); }
  void on_power_cut() override { leases_.forget_standard(); }

 private:
  Leases leases_;
};

// S5: the receive count rises by one with each receive and the first receive's time stays. A power
// cut may take back receives of a standard queue that were not durable.
class ReceiveCountsRise final : public Promise {
 public:
  const char* name() const override { return "S5 the receive count rises by one"; }

  void on_delivered(const Delivery& delivery) override {
    if (delivery.again) return;  // no receive of its own
    Counted& counted = counts_[delivery.message.message_id];
    counted.fifo = delivery.message.sequence.has_value();
    const std::uint32_t count = delivery.message.receive_count;
    if (!counted.seen.emplace(count, delivery.span.answer).second) {
      broken(describe(delivery) + " for the second time");
    }
    if (count <= counted.floor) broken(describe(delivery) + ": the count went back");
    // A receive leaves out what was dead-lettered before it could read it: such counts are not
    // seen.
    const bool moved = !delivery.message.dead_letter_source_arn.empty();
    if (!moved && count > counted.highest + 1 + delivery.unanswered) {
      broken(describe(delivery) + ": the count jumped from " + std::to_string(counted.highest));
    }
    const TimePoint first = delivery.message.first_received;
    if (counted.floor > 0 && counted.first != first) broken(describe(delivery) + ": first time");
    counted.first = first;
    counted.highest = std::max(counted.highest, count);
  }
  void on_durable(Moment call) override { durable_ = std::max(durable_, call); }
  void on_power_cut() override {
    for (auto& [id, counted] : counts_) {
      std::uint32_t highest = counted.floor;
      for (const auto& [count, moment] : counted.seen) {
        if (counted.fifo || moment < durable_) highest = std::max(highest, count);
      }
      counted.floor = highest;
      counted.seen.erase(counted.seen.upper_bound(highest), counted.seen.end());
    }
  }

 private:
  struct Counted {
    bool fifo = false;
    std::uint32_t highest = 0;
    std::uint32_t floor = 0;  // certainly durable
    TimePoint first;
    std::map<std::uint32_t, Moment> seen;
  };
  std::map<Uuid, Counted> counts_;
  Moment durable_ = 0;
};

// S6: each receive has a handle of its own.
class HandlesAreFresh final : public Promise {
 public:
  const char* name() const override { return "S6 every receive has a new handle"; }
  void on_delivered(const Delivery& delivery) override {
    if (delivery.again) return;
    std::set<std::string>& handles = delivery.message.sequence ? of_fifo_ : of_standard_;
    if (!handles.insert(delivery.message.receipt_handle).second) broken(describe(delivery));
  }
  // A receive taken back gives its number back; one of a FIFO queue was durable when answered.
  void on_power_cut() override { of_standard_.clear(); }

 private:
  std::set<std::string> of_standard_;
  std::set<std::string> of_fifo_;
};

// What is gone from a queue is never seen there again.
class GoneStaysGone : public Promise {
 public:
  void on_delivered(const Delivery& delivery) override {
    if (is_gone(delivery.queue, delivery.message.message_id, delivery.span)) {
      broken(describe(delivery));
    }
  }
  void on_inventory(const Inventory& inventory) override {
    for (const auto& [queue, seen] : inventory.queues) {
      for (const Inventory::Item& item : seen.items) {
        if (!gone_.contains({queue, item.seen.message.message_id})) continue;
        broken("letter " + std::to_string(item.letter) + " is back in " + queue);
      }
    }
  }

 protected:
  bool is_gone(const std::string& queue, const Uuid& id, const Span& span) const {
    const auto found = gone_.find({queue, id});
    return found != gone_.end() && found->second < span.call;
  }
  void note_gone(const std::string& queue, const Uuid& id, Moment when) {
    gone_.emplace(std::pair(queue, id), when);
  }

 private:
  std::map<std::pair<std::string, Uuid>, Moment> gone_;
};

// S7, S8: deleted by the newest handle or an older one.
class DeletedStaysDeleted final : public GoneStaysGone {
 public:
  const char* name() const override { return "S7 S8 deleted stays deleted"; }
  void on_deleted(const std::string& queue, const Uuid& id, const Span& span) override {
    note_gone(queue, id, span.answer);
  }
};

// S9: no delivery before the delay is over.
class DelaysHold final : public Promise {
 public:
  explicit DelaysHold(const History& history) : history_(history) {}
  const char* name() const override { return "S9 delays hold"; }
  void on_delivered(const Delivery& delivery) override {
    if (delivery.letter < 0) return;
    const Letter& letter = history_.letters[static_cast<std::size_t>(delivery.letter)];
    if (delivery.span.answered < letter.first_call + seconds(least_delay(letter, delivery))) {
      broken(describe(delivery));
    }
  }

 private:
  // The delay of a FIFO queue may change, also for what waits (spec 4.1).
  std::int64_t least_delay(const Letter& letter, const Delivery& delivery) const {
    if (!history_.queues.at(letter.queue).fifo) return letter.delay_seconds;
    return history_.settings
        .range(letter.queue, "DelaySeconds", letter.first_moment, delivery.span.answer)
        .least;
  }

  const History& history_;
};

// S10: no delivery after the retention period, which counts from the send, also in a standard
// dead-letter queue; in a FIFO one it counts from the arrival (spec 8.2). The time of the send
// never changes.
class RetentionHolds final : public Promise {
 public:
  explicit RetentionHolds(const History& history) : history_(history) {}
  const char* name() const override { return "S10 retention counts from the send"; }
  void on_stored(const Stored& stored) override {
    stored_.emplace(stored.id, std::pair(stored.not_before, stored.span.answered));
  }
  void on_delivered(const Delivery& delivery) override {
    const QueueSetup& setup = history_.queues.at(delivery.queue);
    const TimePoint sent = delivery.message.sent;
    const Uuid& id = delivery.message.message_id;
    TimePoint begin = sent;
    if (setup.fifo && !setup.takes_sends) {
      begin = seen_.emplace(std::pair(delivery.queue, id), delivery.span.answered).first->second;
    }
    if (delivery.span.called - begin > seconds(setup.retention)) {
      broken(describe(delivery) + ": expired");
    }
    const auto known = stored_.find(id);
    if (known != stored_.end() && (sent < known->second.first || sent > known->second.second)) {
      broken(describe(delivery) + ": not the time of the send");
    }
    const auto [place, fresh] = sent_.emplace(id, sent);
    if (!fresh && place->second != sent) broken(describe(delivery) + ": another time of the send");
  }

 private:
  const History& history_;
  std::map<Uuid, std::pair<TimePoint, TimePoint>> stored_;
  std::map<Uuid, TimePoint> sent_;
  std::map<std::pair<std::string, Uuid>, TimePoint> seen_;  // in a FIFO dead-letter queue
};

// S12: the counts of a quiet queue are those of its messages.
class CountersAgree final : public Promise {
 public:
  const char* name() const override { return "S12 counters are exact when quiet"; }
  void on_inventory(const Inventory& inventory) override {
    for (const auto& [queue, seen] : inventory.queues) {
      std::array<std::uint64_t, 3> counts{};
      for (const Inventory::Item& item : seen.items) {
        ++counts[static_cast<std::size_t>(item.seen.state)];
      }
      const std::array<std::uint64_t, 3> told = {
          seen.description.visible, seen.description.in_flight, seen.description.delayed};
      if (counts != told) broken(queue + ": the counts are not those of the messages");
    }
  }
};

// D1: the receive that would exceed maxReceiveCount moves the message, and no earlier one does. The
// count goes on in the dead-letter queue.
class DeadLettersInTime final : public Promise {
 public:
  explicit DeadLettersInTime(const History& history) : history_(history) {
    for (const auto& [name, setup] : history.queues) {
      if (!setup.dead_letter_queue.empty()) sources_[setup.dead_letter_queue] = name;
    }
  }
  const char* name() const override { return "D1 dead letters move at maxReceiveCount"; }
  void on_delivered(const Delivery& delivery) override {
    const std::int64_t count = delivery.message.receive_count;
    const Moment answer = delivery.span.answer;
    if (!history_.queues.at(delivery.queue).dead_letter_queue.empty()) {
      // A repetition gives what the policy of its first receive allowed.
      const Moment call = std::min(delivery.first_call, delivery.span.call);
      if (count > limits(delivery.queue, call, answer).most) {
        broken(describe(delivery) + ": too late");
      }
      at_home_[delivery.message.message_id] = call;
      return;
    }
    const auto source = sources_.find(delivery.queue);
    if (source == sources_.end()) return;
    // It moved after it was received at home for the last time, which nobody need have seen.
    const Moment earliest = at_home_[delivery.message.message_id];
    if (count <= limits(source->second, earliest, answer).least) {
      broken(describe(delivery) + ": too early");
    }
    if (!delivery.message.dead_letter_source_arn.ends_with(":" + source->second)) {
      broken(describe(delivery) + ": the source is not told");
    }
  }

 private:
  Settings::Range limits(const std::string& queue, Moment call, Moment answer) const {
    return history_.settings.range(queue, "RedrivePolicy", call, answer);
  }

  const History& history_;
  std::map<std::string, std::string> sources_;  // by dead-letter queue
  std::map<Uuid, Moment> at_home_;              // call of the last receive there
};

// D3: what a redrive took out of a queue, and was acknowledged, does not come back to it.
class RedrivesStay final : public Promise {
 public:
  const char* name() const override { return "D3 an acknowledged redrive stays done"; }
  void on_redriven(const std::string& queue, const std::set<std::uint64_t>& sequences) override {
    gone_[queue].insert(sequences.begin(), sequences.end());
  }
  void on_inventory(const Inventory& inventory) override {
    for (const auto& [queue, sequences] : gone_) {
      const auto seen = inventory.queues.find(queue);
      if (seen == inventory.queues.end()) continue;
      for (const std::uint64_t sequence : seen->second.sequences) {
        if (sequences.contains(sequence)) {
          broken("message " + std::to_string(sequence) + " is back in " + queue);
        }
      }
    }
  }

 private:
  std::map<std::string, std::set<std::uint64_t>> gone_;
};

// P1, Q1: what was acknowledged before a purge or before the queue was deleted is gone after it,
// and forgotten: no send is told of it. That later sends survive is S1's.
class EmptiedStaysEmpty final : public GoneStaysGone {
 public:
  explicit EmptiedStaysEmpty(const History& history) : history_(history) {}
  const char* name() const override { return "P1 Q1 a purge or a deletion takes all there was"; }
  void on_stored(const Stored& stored) override {
    if (is_gone(stored.queue, stored.id, stored.span)) {
      broken("letter " + std::to_string(stored.letter) + " is taken for one that is gone");
    }
  }
  void on_emptied(const std::string& queue, const Span& span) override {
    for (const Letter& letter : history_.letters) {
      if (letter.queue != queue) continue;
      for (const auto& [id, stored] : letter.stored) {
        if (stored.answer < span.call) note_gone(queue, id, span.answer);
      }
    }
  }

 private:
  const History& history_;
};

template <class T, class... Arguments>
std::unique_ptr<Promise> make(Arguments&... arguments) {
  return std::make_unique<T>(arguments...);
}

}  // namespace

Promises::Promises(
    const History& history,
    const std::function<void(const std::string& promise, const std::string& what)>& broken) {
  all_.push_back(make<NothingIsLost>(history));
  all_.push_back(make<NothingIsInvented>(history));
  all_.push_back(make<BodiesAreIntact>());
  all_.push_back(make<LeasesAreExclusive>());
  all_.push_back(make<ReceiveCountsRise>());
  all_.push_back(make<HandlesAreFresh>());
  all_.push_back(make<DeletedStaysDeleted>());
  all_.push_back(make<DelaysHold>(history));
  all_.push_back(make<RetentionHolds>(history));
  all_.push_back(make<CountersAgree>());
  all_.push_back(make<DeadLettersInTime>(history));
  all_.push_back(make<RedrivesStay>());
  all_.push_back(make<EmptiedStaysEmpty>(history));
  add_fifo_promises(history, all_);
  add_memory_promises(history, all_);
  for (const auto& promise : all_) {
    promise->broken = [broken, who = promise.get()](const std::string& what) {
      broken(who->name(), what);
    };
  }
}

}  // namespace headrace::sim

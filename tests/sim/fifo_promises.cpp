#include "tests/sim/fifo_promises.hpp"

#include <algorithm>
#include <chrono>

#include "tests/sim/leases.hpp"

namespace headrace::sim {

namespace {

// A queue that is made anew is another one.
using QueueLife = std::pair<std::string, std::uint64_t>;
using GroupName = std::pair<QueueLife, std::string>;

std::uint64_t sequence_of(const Delivery& delivery) { return delivery.message.sequence->value(); }

GroupName group_of(const Delivery& delivery) {
  return {{delivery.queue, delivery.span.life}, delivery.message.content.group_id};
}

// S3 for what only FIFO queues have. In a dead-letter queue the deduplication id is the message id
// (spec 8.2).
class GroupsAreIntact final : public Promise {
 public:
  explicit GroupsAreIntact(const History& history) : history_(history) {}
  const char* name() const override { return "S3 groups and deduplication ids come back as sent"; }

  void on_delivered(const Delivery& delivery) override {
    check(delivery.queue, delivery.letter, delivery.message);
  }
  void on_inventory(const Inventory& inventory) override {
    for (const auto& [queue, seen] : inventory.queues) {
      for (const Inventory::Item& item : seen.items) check(queue, item.letter, item.seen.message);
    }
  }

 private:
  void check(const std::string& queue, int letter, const queue::ReceivedMessage& message) {
    if (letter < 0) return;  // S3 of all queues
    const QueueSetup& setup = history_.queues.at(queue);
    const bool dead = setup.fifo && !setup.takes_sends;
    const std::string id = dead ? to_string(message.message_id) : history_.deduplication_id(letter);
    const queue::MessageContent& content = message.content;
    if (content.group_id != history_.group(letter) || content.deduplication_id != id ||
        message.sequence.has_value() != setup.fifo) {
      broken("letter " + std::to_string(letter) + " from " + queue);
    }
  }
  const History& history_;
};

// F1, F3: a receive takes the oldest messages of a group there are, and all of one group before the
// next. So what is handed out was not passed by in an earlier receive that took a later message of
// its group, be it for the first time, after a lease or after half a batch was deleted.
class GroupsKeepTheirOrder final : public Promise {
 public:
  const char* name() const override { return "F1 F3 groups keep their order"; }

  void on_received(const Received& received) override {
    if (received.span.life == 0) return;
    std::map<GroupName, Taken> taken;
    const GroupName* last = nullptr;
    for (const Delivery& delivery : received.deliveries) {
      if (!delivery.message.sequence) return;
      const auto [group, fresh] = taken.try_emplace(group_of(delivery));
      if (!fresh && last != &group->first) broken(describe(delivery) + " behind another group");
      last = &group->first;
      std::vector<std::uint64_t>& sequences = group->second.sequences;
      if (!fresh && sequences.back() >= sequence_of(delivery)) {
        broken(describe(delivery) + " behind a later one");
      }
      sequences.push_back(sequence_of(delivery));
      if (was_passed_by(delivery)) broken(describe(delivery) + " was passed by before");
    }
    for (auto& [group, what] : taken) {
      what.answer = received.span.answer;
      taken_[group].push_back(std::move(what));
    }
  }

 private:
  struct Taken {
    Moment answer = 0;
    std::vector<std::uint64_t> sequences;  // rising
  };

  // Sequences are given when a message comes: one that is lower than another's was there before.
  bool was_passed_by(const Delivery& delivery) {
    const std::uint64_t sequence = sequence_of(delivery);
    const std::vector<Taken>& earlier = taken_[group_of(delivery)];
    return std::any_of(earlier.begin(), earlier.end(), [&](const Taken& taken) {
      return taken.answer < delivery.span.call && taken.sequences.back() > sequence &&
             !std::binary_search(taken.sequences.begin(), taken.sequences.end(), sequence);
    });
  }

  std::map<GroupName, std::vector<Taken>> taken_;
};

// F2: while a message is in flight nobody gets a later one of its group. Earlier ones may go out
// again (spec 7.1).
class GroupsAreBlocked final : public Promise {
 public:
  explicit GroupsAreBlocked(const History& history) : history_(history) {}
  const char* name() const override { return "F2 a message in flight blocks its group"; }

  void on_received(const Received& received) override {
    std::set<Uuid> together;
    for (const Delivery& delivery : received.deliveries) {
      if (!delivery.message.sequence) return;
      if (received.span.life == 0) continue;
      together.insert(delivery.message.message_id);
      for (const auto& [sequence, before] : known_[group_of(delivery)]) {
        if (sequence >= sequence_of(delivery)) break;
        const bool apart = !together.contains(before.message.message_id);
        if (apart && is_held(before, delivery.span)) {
          broken(describe(delivery) + " while " + describe(before) + " is in flight");
        }
      }
    }
    for (const Delivery& delivery : received.deliveries) {
      leases_.handed_out(delivery);
      known_[group_of(delivery)].insert_or_assign(sequence_of(delivery), delivery);
    }
  }
  void on_change_asked(const Uuid& id, const Span& span, std::int64_t asked) override {
    leases_.change_asked(id, span, asked);
  }
  void on_changed(const Uuid& id, const Span& span, std::int64_t asked) override {
    leases_.changed(id, span, asked);
  }
  void on_server_died() override { leases_.server_died(); }

 private:
  bool is_held(const Delivery& delivery, const Span& span) const {
    const Uuid& id = delivery.message.message_id;
    return leases_.holder(id, span.call) == delivery.message.receipt_handle &&
           span.answered < leases_.held_until(id, span.call) &&
           history_.is_certainly_there(delivery, span.answered);
  }

  const History& history_;
  Leases leases_;
  std::map<GroupName, std::map<std::uint64_t, Delivery>> known_;  // by sequence
};

// F2: a FIFO queue takes a handle while its lease runs, and refuses it from then on (spec 6.4).
class HandlesExpire final : public Promise {
 public:
  explicit HandlesExpire(const History& history) : history_(history) {}
  const char* name() const override { return "F2 handles expire with their leases"; }

  void on_received(const Received& received) override {
    for (const Delivery& delivery : received.deliveries) {
      if (!delivery.message.sequence) return;
      if (!leases_.is_late(delivery)) {
        newest_.insert_or_assign(delivery.message.message_id, delivery);
        // A repetition whose answer nobody has seen may have begun the lease anew.
        over_[delivery.message.message_id] =
            received.attempt_id.empty()
                ? received.span.answered + std::chrono::seconds(received.visibility.most)
                : kForever;
      }
      leases_.handed_out(delivery);
    }
  }
  void on_change_asked(const Uuid& id, const Span& span, std::int64_t asked) override {
    leases_.change_asked(id, span, asked);
    over_[id] = kForever;
  }
  void on_changed(const Uuid& id, const Span& span, std::int64_t asked) override {
    leases_.changed(id, span, asked);
  }
  void on_server_died() override { leases_.server_died(); }

  void on_handle_used(const HandleUse& use) override {
    const auto newest = newest_.find(use.id);
    if (newest == newest_.end() || newest->second.queue != use.queue) return;
    const bool held = use.span.answered < leases_.held_until(use.id, use.span.call);
    const std::string holder = leases_.holder(use.id, use.span.call);
    if (holder.empty()) return;
    const bool older = holder != use.handle;
    const std::string what = "of " + describe(newest->second);
    if (use.accepted) {
      const bool expired = older || over_[use.id] < use.span.called;
      if (expired && is_there(newest->second, use, held)) broken("an old handle " + what);
    } else if (!older && held && is_there(newest->second, use, held)) {
      broken("refused the newest handle " + what);
    }
  }

 private:
  // A delete of what is gone is a success by any handle, a change of it a refusal.
  bool is_there(const Delivery& delivery, const HandleUse& use, bool held) const {
    const Letter& letter = *history_.letter(delivery.letter);
    const auto deletes = letter.deletes.find(use.id);
    const int others = deletes == letter.deletes.end() ? 0 : deletes->second;
    const bool own = use.what == HandleUse::What::kDelete;
    if (letter.may_be_gone || others > (own ? 1 : 0)) return false;
    const QueueSetup& setup = history_.queues.at(use.queue);
    if (use.span.answered - delivery.message.sent >= std::chrono::seconds(setup.retention)) {
      return false;
    }
    // What is visible may be dead-lettered, or redriven.
    return held || (setup.takes_sends && setup.dead_letter_queue.empty());
  }

  const History& history_;
  Leases leases_;
  std::map<Uuid, Delivery> newest_;
  std::map<Uuid, TimePoint> over_;  // the lease of the newest, at the latest
};

// S10 for a FIFO dead-letter queue: what arrived there stays for the whole retention period,
// however old it was (spec 8.2).
class DeadLettersStay final : public Promise {
 public:
  explicit DeadLettersStay(const History& history) : history_(history) {}
  const char* name() const override { return "S10 a FIFO dead-letter queue counts from arrival"; }

  void on_delivered(const Delivery& delivery) override {
    if (!delivery.message.sequence || delivery.letter < 0) return;
    const Uuid& id = delivery.message.message_id;
    if (history_.queues.at(delivery.queue).takes_sends) {
      at_home_[id] = delivery.span.called;
    } else if (!history_.home(delivery.letter).fed_by_redrives && at_home_.contains(id)) {
      arrived_.insert_or_assign(id, delivery);
    }
  }
  void on_inventory(const Inventory& inventory) override {
    std::set<Uuid> there;
    for (const auto& [queue, seen] : inventory.queues) {
      for (const Inventory::Item& item : seen.items) there.insert(item.seen.message.message_id);
    }
    for (const auto& [id, delivery] : arrived_) {
      const Letter& letter = *history_.letter(delivery.letter);
      if (letter.may_be_gone || letter.deletes.contains(id) || there.contains(id)) continue;
      const std::chrono::seconds retention(history_.queues.at(delivery.queue).retention);
      if (inventory.now - at_home_[id] < retention) broken(describe(delivery) + " expired");
    }
  }

 private:
  const History& history_;
  std::map<Uuid, TimePoint> at_home_;  // received there for the last time
  std::map<Uuid, Delivery> arrived_;
};

// F7: sequence numbers rise with each accepted send and belong to one message for ever.
class SequencesRise final : public Promise {
 public:
  const char* name() const override { return "F7 sequence numbers rise"; }

  void on_stored(const Stored& stored) override {
    if (!stored.sequence) return;
    if (stored.span.life == 0) {
      of_some_life_.insert(stored.id);
      return;
    }
    const QueueLife queue(stored.queue, stored.span.life);
    if (!check(queue, stored.id, *stored.sequence)) return;
    keep(queue, stored.id, *stored.sequence);
    if (of_some_life_.contains(stored.id)) return;               // it may be as old as that
    std::map<Moment, std::uint64_t>& highest = highest_[queue];  // by the answer that told
    // Of an entry that this call certainly stored, those before it in the same answer are earlier.
    const bool own = stored.not_before_call == stored.span.call;
    const bool batch = own && !highest.empty() && highest.rbegin()->first == stored.span.answer;
    const auto after = batch ? highest.end() : highest.lower_bound(stored.not_before_call);
    if (after != highest.begin() && std::prev(after)->second >= *stored.sequence) {
      broken(place(stored.queue, *stored.sequence) + " is not above an earlier one");
    }
    const std::uint64_t so_far = highest.empty() ? 0 : highest.rbegin()->second;
    highest[stored.span.answer] = std::max(so_far, *stored.sequence);
  }
  void on_delivered(const Delivery& delivery) override {
    if (!delivery.message.sequence || delivery.span.life == 0) return;
    const QueueLife queue(delivery.queue, delivery.span.life);
    check(queue, delivery.message.message_id, sequence_of(delivery));
    keep(queue, delivery.message.message_id, sequence_of(delivery));
  }
  void on_inventory(const Inventory& inventory) override {
    for (const auto& [queue, seen] : inventory.queues) {
      for (const Inventory::Item& item : seen.items) {
        const queue::ReceivedMessage& message = item.seen.message;
        if (!message.sequence) continue;
        check({queue, seen.life}, message.message_id, message.sequence->value());
      }
    }
  }

 private:
  static std::string place(const std::string& queue, std::uint64_t sequence) {
    return std::to_string(sequence) + " of " + queue;
  }
  void keep(const QueueLife& queue, const Uuid& id, std::uint64_t sequence) {
    owners_.emplace(std::pair(queue, sequence), id);
    sequences_.emplace(std::pair(queue, id), sequence);
  }
  // True when nothing is known of the message yet.
  bool check(const QueueLife& queue, const Uuid& id, std::uint64_t sequence) {
    const auto owner = owners_.find({queue, sequence});
    if (owner != owners_.end() && owner->second != id) {
      broken(place(queue.first, sequence) + " was another message's");
    }
    const auto known = sequences_.find({queue, id});
    if (known == sequences_.end()) return true;
    if (known->second != sequence) broken(place(queue.first, sequence) + " had another number");
    return false;
  }

  std::map<std::pair<QueueLife, std::uint64_t>, Uuid> owners_;
  std::map<std::pair<QueueLife, Uuid>, std::uint64_t> sequences_;
  std::map<QueueLife, std::map<Moment, std::uint64_t>> highest_;
  std::set<Uuid> of_some_life_;  // told to a send during which the queue was deleted or made
};

}  // namespace

void add_fifo_promises(const History& history, std::vector<std::unique_ptr<Promise>>& promises) {
  promises.push_back(std::make_unique<GroupsAreIntact>(history));
  promises.push_back(std::make_unique<GroupsKeepTheirOrder>());
  promises.push_back(std::make_unique<GroupsAreBlocked>(history));
  promises.push_back(std::make_unique<HandlesExpire>(history));
  promises.push_back(std::make_unique<DeadLettersStay>(history));
  promises.push_back(std::make_unique<SequencesRise>());
}

}  // namespace headrace::sim

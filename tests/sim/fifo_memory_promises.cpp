// What a FIFO queue remembers for five minutes: sends and receive attempts.
#include <algorithm>
#include <chrono>

#include "tests/sim/fifo_promises.hpp"

namespace headrace::sim {

namespace {

constexpr Duration kRemembered = std::chrono::minutes(5);  // spec 7.2 and 7.3

// F4: sends accepted with one deduplication id are at least five minutes apart, whatever became of
// the first, unless a purge came between them or the queue was made anew; and each is told by its
// own id only for five minutes. Where clients change the DeduplicationScope, twins share an id: at
// times they are each other's duplicates, at times not.
class DuplicatesAreOne final : public Promise {
 public:
  explicit DuplicatesAreOne(const History& history) : history_(history) {}
  const char* name() const override { return "F4 a duplicate is the message it repeats"; }

  void on_stored(const Stored& stored) override {
    if (!stored.sequence) return;
    const int kin = kin_of(stored.letter);
    const auto [owner, fresh] = kin_.emplace(stored.id, kin);
    if (owner->second != kin) return broken(text_of(stored.letter) + " is taken for another");
    const Accepted accepted{stored.twin ? kEither : stored.letter, stored.not_before,
                            stored.span.answered,
                            life_at(stored.letter, stored.queue, stored.span.life)};
    const auto known = copies_[kin].find(stored.id);
    if (known == copies_[kin].end()) {
      check(kin, stored.id, accepted, copies_[kin], scope_of(stored));
      copies_[kin].emplace(stored.id, accepted);
      return;
    }
    Accepted& first = known->second;
    if (stored.span.called - first.latest >= kRemembered) {
      broken(text_of(stored.letter) + " is a duplicate after five minutes");
    }
    if (first.letter != kEither && !stored.twin && first.letter != stored.letter) {
      broken(text_of(stored.letter) + " is taken for its twin");
    }
    if (first.letter == kEither) first.letter = accepted.letter;
    if (first.life == 0) first.life = accepted.life;
  }
  void on_delivered(const Delivery& delivery) override {
    const queue::ReceivedMessage& message = delivery.message;
    if (!is_sent(delivery.letter, message)) return;
    const int kin = kin_of(delivery.letter);
    const Accepted accepted =
        accepted_of(delivery.letter, message, delivery.queue, delivery.span.life);
    check(kin, message.message_id, accepted, copies_[kin], Scope::kEither);
    Accepted& known = copies_[kin].emplace(message.message_id, accepted).first->second;
    known = Accepted{accepted.letter, accepted.earliest, accepted.latest,
                     accepted.life == 0 ? known.life : accepted.life};
  }
  // Of a state a crash may leave nothing is kept.
  void on_inventory(const Inventory& inventory) override {
    std::map<int, Copies> there;
    for (const auto& [queue, seen] : inventory.queues) {
      for (const Inventory::Item& item : seen.items) {
        const queue::ReceivedMessage& message = item.seen.message;
        if (!is_sent(item.letter, message)) continue;
        const Accepted accepted = accepted_of(item.letter, message, queue, seen.life);
        const int kin = kin_of(item.letter);
        check(kin, message.message_id, accepted, copies_[kin], Scope::kEither);
        check(kin, message.message_id, accepted, there[kin], Scope::kEither);
        there[kin].emplace(message.message_id, accepted);
      }
    }
  }

 private:
  static constexpr int kEither = -1;  // of two twins
  struct Accepted {
    int letter;
    TimePoint earliest;
    TimePoint latest;
    std::uint64_t life;  // of its queue; 0 when it is not known
  };
  using Copies = std::map<Uuid, Accepted>;
  // Whether ids counted in all groups when a message was accepted.
  enum class Scope { kAllGroups, kEither };

  static std::string text_of(int letter) { return "letter " + std::to_string(letter); }
  // What stands for the letter and, where they can be duplicates, for its twin.
  int kin_of(int letter) const {
    if (!history_.home(letter).scope_changes) return letter;
    return std::min(letter, history_.twin(letter).value_or(letter));
  }
  std::uint64_t life_at(int letter, const std::string& queue, std::uint64_t life) const {
    if (!history_.home(letter).comes_and_goes) return 1;
    return queue == history_.letter(letter)->queue ? life : 0;
  }
  Accepted accepted_of(int letter, const queue::ReceivedMessage& message, const std::string& queue,
                       std::uint64_t life) const {
    return {letter, message.sent, message.sent, life_at(letter, queue, life)};
  }
  Scope scope_of(const Stored& stored) const {
    const bool by_group =
        history_.settings.may_have_been(stored.queue, "DeduplicationScope", "messageGroup",
                                        stored.not_before_call, stored.span.answer);
    return by_group ? Scope::kEither : Scope::kAllGroups;
  }
  // False for a message that a redrive may have made.
  bool is_sent(int letter, const queue::ReceivedMessage& message) const {
    if (!message.sequence || letter < 0) return false;
    return kin_.contains(message.message_id) || !history_.home(letter).fed_by_redrives;
  }
  // Against the others of its kin. `scope`: when it was accepted.
  void check(int kin, const Uuid& id, const Accepted& accepted, const Copies& others, Scope scope) {
    if (may_be_forgotten(kin)) return;
    for (const auto& [other_id, other] : others) {
      if (other_id == id || other.life != accepted.life || accepted.life == 0) continue;
      const bool same = accepted.letter != kEither && other.letter == accepted.letter;
      const bool counted = scope == Scope::kAllGroups && other.latest < accepted.earliest;
      const Duration apart =
          std::max(accepted.latest - other.earliest, other.latest - accepted.earliest);
      if ((same || counted) && apart < kRemembered) {
        broken("message " + to_string(id) + " was accepted beside " + to_string(other_id));
      }
    }
  }
  bool may_be_forgotten(int kin) const {
    const std::optional<int> twin = history_.twin(kin);
    return history_.letter(kin)->may_be_purged || (twin && history_.letter(*twin)->may_be_purged);
  }

  const History& history_;
  std::map<Uuid, int> kin_;  // of what sends were told
  std::map<int, Copies> copies_;
};

// F6: a receive repeated with its attempt id within five minutes, while its leases run and nothing
// changed, gives the same messages under the same handles; otherwise it is a receive of its own.
class AttemptsRepeat final : public Promise {
 public:
  explicit AttemptsRepeat(const History& history) : history_(history) {}
  const char* name() const override { return "F6 a repeated receive gives the same"; }

  void on_received(const Received& received) override {
    if (received.attempt_id.empty() || !history_.queues.at(received.queue).fifo) return;
    const auto known = attempts_.find(received.attempt_id);
    if (known != attempts_.end()) check(known->second, received);
    if (received.deliveries.empty()) return;  // not remembered
    const bool again = known != attempts_.end() && repeats(received);
    Attempt& attempt = again ? known->second : attempts_[received.attempt_id];
    if (!again) attempt = Attempt{received, {}, {}, {}, false};
    attempt.leases = received.span;
    attempt.visibility = received.visibility;
  }
  void on_change_asked(const Uuid& id, const Span&, std::int64_t) override {
    for (auto& [name, attempt] : attempts_) attempt.may_have_changed |= holds(attempt, id);
  }
  // A change to the moment at which the lease ends anyway changes nothing.
  void on_changed(const Uuid& id, const Span& span, std::int64_t asked) override {
    for (auto& [name, attempt] : attempts_) {
      if (!holds(attempt, id)) continue;
      const std::chrono::seconds more(asked);
      const std::chrono::seconds least(attempt.visibility.least);
      const std::chrono::seconds most(attempt.visibility.most);
      const bool alike = span.called + more <= attempt.leases.answered + most &&
                         span.answered + more >= attempt.leases.called + least;
      if (alike) {
        attempt.changed.erase(id);
      } else {
        attempt.changed.emplace(id, span.answer);
      }
    }
  }
  // A delete where the message is no longer is a success too, and changes nothing.
  void on_deleted(const std::string& queue, const Uuid& id, const Span& span) override {
    for (auto& [name, attempt] : attempts_) {
      const bool here = queue == attempt.first.queue && holds(attempt, id);
      if (here) attempt.changed.emplace(id, span.answer);
    }
  }

 private:
  struct Attempt {
    Received first;
    Span leases;  // of the receive that began them, the first or a repetition
    Settings::Range visibility;
    std::map<Uuid, Moment> changed;
    bool may_have_changed = false;
  };

  static bool holds(const Attempt& attempt, const Uuid& id) {
    const std::vector<Delivery>& all = attempt.first.deliveries;
    return std::any_of(all.begin(), all.end(),
                       [&id](const Delivery& one) { return one.message.message_id == id; });
  }
  static bool repeats(const Received& received) {
    return std::any_of(received.deliveries.begin(), received.deliveries.end(),
                       [](const Delivery& delivery) { return delivery.again; });
  }
  static bool same(const Received& a, const Received& b) {
    return std::equal(a.deliveries.begin(), a.deliveries.end(), b.deliveries.begin(),
                      b.deliveries.end(), [](const Delivery& one, const Delivery& other) {
                        return one.message.receipt_handle == other.message.receipt_handle;
                      });
  }
  // The first answer left out what had expired since it was received: so there be no such thing.
  bool is_unchanged(const Attempt& attempt, TimePoint now) const {
    if (history_.queues.at(attempt.first.queue).expires_soon()) return false;
    const std::vector<Delivery>& all = attempt.first.deliveries;
    return !attempt.may_have_changed && std::all_of(all.begin(), all.end(), [&](const Delivery& d) {
      return history_.is_certainly_there(d, now);
    });
  }
  void check(const Attempt& attempt, const Received& received) {
    const Span& span = received.span;
    const bool changed =
        std::any_of(attempt.changed.begin(), attempt.changed.end(),
                    [&span](const auto& change) { return change.second < span.call; });
    if (repeats(received) &&
        (changed || span.called - attempt.first.span.answered >= kRemembered)) {
      broken("attempt " + received.attempt_id + " is repeated although it is over");
    }
    const bool remembered = span.answered - attempt.first.span.called < kRemembered;
    const bool runs =
        span.answered < attempt.leases.called + std::chrono::seconds(attempt.visibility.least);
    if (!remembered || !runs || !is_unchanged(attempt, span.answered)) return;
    if (!same(attempt.first, received)) broken("attempt " + received.attempt_id + " got another");
  }

  const History& history_;
  std::map<std::string, Attempt> attempts_;
};

}  // namespace

void add_memory_promises(const History& history, std::vector<std::unique_ptr<Promise>>& promises) {
  promises.push_back(std::make_unique<DuplicatesAreOne>(history));
  promises.push_back(std::make_unique<AttemptsRepeat>(history));
}

}  // namespace headrace::sim

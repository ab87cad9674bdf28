// Queue: one queue, standard or FIFO. Pure: time is an argument, nothing is read, written or
// awaited. decide_* looks and changes nothing; apply changes and never refuses.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "queue/deduplication.hpp"
#include "queue/message_store.hpp"
#include "queue/receipt_handle.hpp"
#include "queue/receive_attempts.hpp"
#include "queue/record.hpp"

namespace headrace::queue {

struct ReceiveOrder {
  std::size_t max_messages = 1;
  std::uint64_t event_bytes_max = UINT64_MAX;
  Duration visibility{};
  std::string attempt_id{};  // FIFO; empty when the caller gave none
};

// All a queue held, to be freed in slices.
struct PurgedQueue {
  MessageStore messages;
  DeduplicationTable deduplication;
  ReceiveAttempts attempts;
};

// A queue without its messages as it was at one moment, for a snapshot.
struct QueueImage {
  QueueId id;
  QueueAddress address;
  AttributeMap attributes;
  TagMap tags;
  TimePoint created;
  TimePoint last_modified;
  TimePoint dead_before;
  Sequence next_sequence;
};

class Queue {
 public:
  // The slab and the hasher outlive it.
  Queue(const CreateQueueRecord& record, Slab& slab, const TextHasher& hasher);
  Queue(const QueueImage& image, Slab& slab, const TextHasher& hasher);

  QueueId id() const { return id_; }
  const QueueAddress& address() const { return address_; }
  const TagMap& tags() const { return tags_; }
  const QueueAttributes& attributes() const { return attributes_; }
  bool is_fifo() const { return attributes_.fifo_queue; }
  QueueType type() const { return is_fifo() ? QueueType::kFifo : QueueType::kStandard; }
  MessageStore& messages() { return messages_; }
  const DeduplicationTable& deduplication() const { return deduplication_; }
  const ReceiveAttempts& attempts() const { return attempts_; }
  Sequence next_sequence() const { return next_sequence_; }
  QueueDescription describe();

  // What a receive would lease and dead-letter now, in AWS's order of checks. `dead_letter` is the
  // queue the redrive policy names; null when there is none, or it is gone (messages then stay).
  // Empty when it would take nothing.
  std::optional<ReceiveRecord> decide_receive(const ReceiveOrder& order, TimePoint now,
                                              Queue* dead_letter);

  // FIFO: the accepted send that makes one with these ids a duplicate now.
  std::optional<Deduplication> find_duplicate(std::string_view deduplication_id,
                                              std::string_view group_id, TimePoint now) const;

  // True when the receipt is of the message's last receive and that still hides it: what a FIFO
  // queue asks of a handle (spec 6.4).
  bool holds(const Entry& entry, const Receipt& receipt, TimePoint now) const;

  // The message a receipt speaks of; null when deleted, moved or expired.
  Entry* find_live(const Receipt& receipt, TimePoint now);

  // True when retention is over for a message sent at that moment.
  bool expired(const Entry& entry, TimePoint now) const;

  // Stands before every change a record makes to the queue itself, as MessageStore::touch does for
  // messages.
  void touch() {
    if (round_ != slab_.round()) keep_image();
  }
  // The queue as it was when the snapshot began; empty when it was made since, or was taken.
  std::optional<QueueImage> take_image();

  // Take back what a snapshot held, in its order.
  void restore(const MessageImage& message);
  void restore(const Deduplication& sent) { deduplication_.add(sent); }
  void restore(const std::string& attempt_id, const ReceiveAttempt& attempt) {
    attempts_.add(attempt_id, attempt);
  }

  void apply(const SetAttributesRecord& record);
  void apply(const SetTagsRecord& record);
  Entry& apply_send(const SendRecord& record, BodyRef body, Lsn lsn);
  void apply_lease(const ReceiveRecord& record);
  void apply_change(Entry& entry, const ChangeVisibilityRecord& record);
  // Takes a message out, for a delete or a move; its entry is copied first.
  Entry take(Entry& entry);
  // Adds a message that left another queue; it is visible at once.
  Entry& arrive(Entry entry, Sequence sequence, std::string_view group, TimePoint now, Lsn lsn);
  // Gives up everything and starts empty; the caller frees what is returned in slices.
  PurgedQueue purge();

  // Ends delays and leases due at `now`, drops expired messages and what is over of deduplication
  // and receive attempts; at most `budget` of them.
  struct Progress {
    std::size_t shown = 0;
    std::vector<BodyRef> dropped;
    std::size_t forgotten = 0;
    bool more = false;
  };
  Progress advance_to(TimePoint now, std::size_t budget);
  // When advance_to will have something to do. May be early, never late.
  TimePoint next_deadline();

  // A consumer is done with the message; `now` is zero when the time is not known.
  void count_deleted(const Entry& entry, TimePoint now);

  // The engine's notes on this queue: when it advances it next, and that it has listed it among the
  // queues with arrivals.
  TimePoint scheduled_for = kForever;
  bool arrival_noted = false;

 private:
  void keep_image();
  Duration retention() const { return std::chrono::seconds(attributes_.message_retention_period); }
  std::optional<ReceiveRecord> decide_repetition(const ReceiveOrder& order, TimePoint now);
  void remember_attempt(const ReceiveRecord& record);

  QueueId id_;
  QueueAddress address_;
  QueueAttributes attributes_;
  TagMap tags_;
  TimePoint created_;
  TimePoint last_modified_;
  Slab& slab_;
  const TextHasher& hasher_;
  MessageStore messages_;
  DeduplicationTable deduplication_;  // FIFO
  ReceiveAttempts attempts_;          // FIFO
  Sequence next_sequence_;
  bool round_;                         // Slab::round(), as Entry::round
  std::unique_ptr<QueueImage> image_;  // kept since a snapshot began
  TimePoint dead_before_;  // sent before this: expired under an earlier, shorter retention
  std::uint64_t sent_total_ = 0;
  std::uint64_t received_total_ = 0;
  std::uint64_t deleted_total_ = 0;
};

}  // namespace headrace::queue

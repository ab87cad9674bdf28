// MessageStore: the live messages of one queue and where each is in its life:
//
//        add ---> delayed ----\                       /----> erased
//          \                   v     lease           /
//           \------------> visible ---------> in flight
//                              ^----- due -------/
//
// A message belongs to a group. A standard queue keeps each group's visible messages, in the order
// in which they became visible; a FIFO queue keeps all of a group's messages in the order of their
// sequences, and offers the visible ones at its front: the first invisible one stops the group
// (spec 7.1). In-flight messages stand in a heap by the moment that ends it, and delayed ones of a
// standard queue too. Those of a FIFO queue need none: all wait equally long, so they end in the
// order of their sequences. Every operation is O(1) or O(log n).
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <queue>
#include <unordered_map>
#include <utility>
#include <vector>

#include "queue/entry.hpp"
#include "queue/message_groups.hpp"
#include "queue/sequence_index.hpp"

namespace headrace::queue {

enum class QueueType : std::uint8_t { kStandard, kFifo };

// What a moved message was before, where its entry cannot tell.
struct Origin {
  std::optional<Uuid> message_id;  // redriven: its id is not the stored one
  // Dead-lettered to a FIFO queue, where retention counts anew and the deduplication id is the
  // message id (spec 8.2).
  std::optional<TimePoint> sent;
  TimePoint first_received;
};

// A message as it was when a snapshot began.
struct MessageImage {
  Entry entry;
  std::string group;
  std::optional<Origin> origin;
};

class MessageStore {
 public:
  MessageStore(Slab& slab, QueueType type) : slab_(&slab), type_(type) {}
  MessageStore(MessageStore&&) = default;
  MessageStore& operator=(MessageStore&&) = default;

  // Adds a message; visible at once, or delayed when its due time is after `now`. `hash` is that
  // of the group's name.
  Entry& add(const Entry& entry, std::string_view group, std::uint64_t hash, TimePoint now);

  // Hides a visible, delayed or in-flight message until `until`, in flight.
  void lease(Entry& entry, TimePoint until);

  void show(Entry& entry);

  // Frees the entry. The caller has taken its body.
  void erase(Entry& entry);

  Entry* find(Sequence sequence);

  // Snapshots (queue/snapshot.hpp). touch() stands before every change that a record makes to a
  // message: it keeps the message as it was when the snapshot began.
  using Images = std::map<Sequence, MessageImage>;
  void touch(Entry& entry) {
    if (entry.round != slab_->round()) keep_image(entry);
  }
  // Captures the message with the lowest sequence in [from, end), as it was when the snapshot
  // began. Empty when none is left.
  std::optional<MessageImage> take_image(Sequence from, Sequence end);
  // What was kept for the snapshot and is not taken yet; for a store that ends.
  Images take_images() { return std::exchange(images_, {}); }
  void give_images(Images images) { images_ = std::move(images); }
  // Adds a message as a snapshot knew it. Sequences rise. `hash` is that of its group's name.
  void restore(const MessageImage& image, std::uint64_t hash);

  // What a receive may take, in the order in which it takes it: group by group.
  Entry* first_deliverable();
  Entry* next_deliverable(const Entry& entry);
  // How much that is: never more, and something when there is something.
  const Offer& deliverable() const { return groups_.offered(); }

  // The live message with the lowest sequence >= `from`.
  Entry* first_from(Sequence from) { return at(index_.first_from(from)); }

  // Shows the message whose delay or lease ends first, if it ends at or before `now`.
  bool show_next_due(TimePoint now);
  TimePoint next_due();

  // The live message with the oldest sent time; null when empty.
  Entry* oldest();

  // FIFO: how long messages are delayed from now on, also those that wait already. A delay that was
  // over at `now` stays over.
  void set_delay(Duration delay, TimePoint now);

  // Null when the entry tells everything.
  const Origin* origin(const Entry& entry) const;
  void set_origin(Entry& entry, const Origin& origin);

  MessageGroups& groups() { return groups_; }
  const std::string& group_name(const Entry& entry) const { return groups_[entry.group].name; }

  std::uint64_t count(MessageState state) const { return counts_[static_cast<std::size_t>(state)]; }
  bool empty() const { return count_all() == 0; }
  std::uint64_t count_all() const { return counts_[0] + counts_[1] + counts_[2]; }

 private:
  using Age = std::pair<std::int64_t, std::uint64_t>;  // sent_ms, sequence

  void keep_image(Entry& entry);
  MessageImage capture(Entry& entry);
  Entry* at(Slot slot) { return slot == kNoSlot ? nullptr : &(*slab_)[slot]; }
  Slot slot_of(const Entry& entry) const { return index_.find(entry.sequence); }
  bool is_fifo() const { return type_ == QueueType::kFifo; }
  Entry& place_new(const Entry& entry, std::string_view group, std::uint64_t hash,
                   MessageState state);
  // Changes an entry's state: out of what held it, into what holds it now.
  void take_out(Entry& entry);
  void enter(Entry& entry, MessageState state);
  bool stands_in_heap(const Entry& entry) const;
  void link(Entry& entry);
  void unlink(Entry& entry);
  Entry* front(GroupNumber group);
  void renew_offer(GroupNumber number, bool served = false);
  Entry* first_delayed();
  void heap_push(Slot slot);
  void heap_remove(std::uint32_t position);
  std::uint32_t sift_up(std::uint32_t position);
  void sift_down(std::uint32_t position);
  bool ends_before(Slot a, Slot b) const;
  void place(std::uint32_t position, Slot slot);

  Slab* slab_;
  QueueType type_;
  SequenceIndex index_;
  MessageGroups groups_;
  std::deque<Slot> heap_;   // a deque grows without moving: no slow turn
  Sequence oldest_from_{};  // no message sent here lives below it
  // Messages moved in, whose sent times do not follow the sequence. Checked against the index when
  // read.
  std::priority_queue<Age, std::vector<Age>, std::greater<>> moved_in_;
  std::unordered_map<std::uint64_t, Origin> origins_;
  Images images_;  // of messages changed since a snapshot began that has not come to them
  std::uint64_t counts_[3] = {0, 0, 0};
  Duration delay_{};         // FIFO
  Sequence delayed_from_{};  // FIFO: no delayed message lives below it
};

}  // namespace headrace::queue

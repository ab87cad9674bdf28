// MessageStore: the live messages of one queue and where each is in its life:
//
//        add ---> delayed ----\                       /----> erased
//          \                   v     lease           /
//           \------------> visible ---------> in flight
//                              ^----- due -------/
//
// Visible messages stand in a list, oldest arrival first. Delayed and in-flight ones stand in a
// heap by the moment that ends it. Every operation is O(1) or O(log of the messages in the heap).
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
#include "queue/sequence_index.hpp"

namespace headrace::queue {

class MessageStore {
 public:
  explicit MessageStore(Slab& slab) : slab_(&slab) {}
  MessageStore(MessageStore&&) = default;
  MessageStore& operator=(MessageStore&&) = default;

  // Adds a message; visible at once, or delayed when its due time is after `now`.
  Entry& add(Entry entry, TimePoint now);

  // Hides a visible, delayed or in-flight message until `until`, in flight.
  void lease(Entry& entry, TimePoint until);

  // Puts a message at the end of the visible list.
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
  // Adds a message as a snapshot knew it. Sequences rise.
  void restore(const MessageImage& image);

  // The visible list, front to back.
  Entry* first_visible() { return at(visible_front_); }
  Entry* next_visible(const Entry& entry) { return at(entry.next); }

  // The live message with the lowest sequence >= `from`.
  Entry* first_from(Sequence from) { return at(index_.first_from(from)); }

  // Shows the message whose delay or lease ends first, if it ends at or before `now`.
  bool show_next_due(TimePoint now);
  TimePoint next_due() const;

  // The live message with the oldest sent time; null when empty.
  Entry* oldest();

  const Uuid* new_identity(Sequence sequence) const;
  void set_new_identity(Entry& entry, const Uuid& id);

  std::uint64_t count(MessageState state) const { return counts_[static_cast<std::size_t>(state)]; }
  // The event_size() of all visible messages together.
  std::uint64_t visible_event_bytes() const { return visible_event_bytes_; }
  bool empty() const { return count_all() == 0; }
  std::uint64_t count_all() const { return counts_[0] + counts_[1] + counts_[2]; }

 private:
  using Age = std::pair<std::int64_t, std::uint64_t>;  // sent_ms, sequence

  void keep_image(Entry& entry);
  MessageImage capture(Entry& entry);
  Entry* at(Slot slot) { return slot == kNoSlot ? nullptr : &(*slab_)[slot]; }
  Slot slot_of(const Entry& entry) const { return index_.find(entry.sequence); }
  void take_out(Entry& entry);  // from the list or the heap
  void enter(Entry& entry, MessageState state);
  void unlink(Entry& entry);
  void heap_push(Slot slot);
  void heap_remove(std::uint32_t position);
  std::uint32_t sift_up(std::uint32_t position);
  void sift_down(std::uint32_t position);
  bool ends_before(Slot a, Slot b) const;
  void place(std::uint32_t position, Slot slot);

  Slab* slab_;
  SequenceIndex index_;
  Slot visible_front_ = kNoSlot;
  Slot visible_back_ = kNoSlot;
  std::deque<Slot> heap_;   // a deque grows without moving: no slow turn
  Sequence oldest_from_{};  // no message sent here lives below it
  // Messages moved in, whose sent times do not follow the sequence. Checked against the index when
  // read.
  std::priority_queue<Age, std::vector<Age>, std::greater<>> moved_in_;
  std::unordered_map<std::uint64_t, Uuid> new_identities_;
  Images images_;  // of messages changed since a snapshot began that has not come to them
  std::uint64_t counts_[3] = {0, 0, 0};
  std::uint64_t visible_event_bytes_ = 0;
};

}  // namespace headrace::queue

#include "queue/message_store.hpp"

#include "base/check.hpp"
#include "base/mutant.hpp"

namespace headrace::queue {

Entry& MessageStore::add(Entry entry, TimePoint now) {
  const Slot slot = slab_->take();
  Entry& stored = (*slab_)[slot];
  stored = entry;
  index_.insert(stored.sequence, slot);
  if (stored.moved_in) moved_in_.emplace(stored.sent_ms, stored.sequence.value());
  enter(stored, stored.due() > now ? MessageState::kDelayed : MessageState::kVisible);
  return stored;
}

void MessageStore::lease(Entry& entry, TimePoint until) {
  take_out(entry);
  entry.due_ms = to_epoch_ms(until);
  enter(entry, MessageState::kInFlight);
}

void MessageStore::show(Entry& entry) {
  take_out(entry);
  enter(entry, MessageState::kVisible);
}

void MessageStore::erase(Entry& entry) {
  take_out(entry);
  if (entry.new_identity) new_identities_.erase(entry.sequence.value());
  const Slot slot = slot_of(entry);
  index_.erase(entry.sequence);
  slab_->give_back(slot);
}

Entry* MessageStore::find(Sequence sequence) { return at(index_.find(sequence)); }

bool MessageStore::show_next_due(TimePoint now) {
  if (heap_.empty() || next_due() > now) return false;
  Entry& due = (*slab_)[heap_.front()];
  if (HR_MUTANT(23) && due.state == MessageState::kInFlight) {
    ++counts_[static_cast<std::size_t>(MessageState::kInFlight)];
  }
  show(due);
  return true;
}

TimePoint MessageStore::next_due() const {
  return heap_.empty() ? kForever : (*slab_)[heap_.front()].due();
}

Entry* MessageStore::oldest() {
  while (!moved_in_.empty() && find(Sequence(moved_in_.top().second)) == nullptr) moved_in_.pop();
  Entry* first = first_from(oldest_from_);
  if (first != nullptr) oldest_from_ = first->sequence;
  if (moved_in_.empty()) return first;
  Entry* moved = find(Sequence(moved_in_.top().second));
  return first == nullptr || moved->sent_ms < first->sent_ms ? moved : first;
}

const Uuid* MessageStore::new_identity(Sequence sequence) const {
  const auto found = new_identities_.find(sequence.value());
  return found == new_identities_.end() ? nullptr : &found->second;
}

void MessageStore::set_new_identity(Entry& entry, const Uuid& id) {
  entry.new_identity = true;
  new_identities_[entry.sequence.value()] = id;
}

void MessageStore::enter(Entry& entry, MessageState state) {
  const Slot slot = slot_of(entry);
  entry.state = state;
  ++counts_[static_cast<std::size_t>(state)];
  if (state != MessageState::kVisible) {
    heap_push(slot);
    return;
  }
  visible_event_bytes_ += entry.event_bytes;
  entry.previous = visible_back_;
  entry.next = kNoSlot;
  if (visible_back_ == kNoSlot) {
    visible_front_ = slot;
  } else {
    (*slab_)[visible_back_].next = slot;
  }
  visible_back_ = slot;
}

void MessageStore::take_out(Entry& entry) {
  --counts_[static_cast<std::size_t>(entry.state)];
  if (entry.state == MessageState::kVisible) {
    unlink(entry);
  } else {
    heap_remove(entry.heap_position);
  }
}

void MessageStore::unlink(Entry& entry) {
  visible_event_bytes_ -= entry.event_bytes;
  if (entry.previous == kNoSlot) {
    visible_front_ = entry.next;
  } else {
    (*slab_)[entry.previous].next = entry.next;
  }
  if (entry.next == kNoSlot) {
    visible_back_ = entry.previous;
  } else {
    (*slab_)[entry.next].previous = entry.previous;
  }
  entry.previous = kNoSlot;
  entry.next = kNoSlot;
}

bool MessageStore::ends_before(Slot a, Slot b) const {
  const Entry& left = (*slab_)[a];
  const Entry& right = (*slab_)[b];
  if (left.due_ms != right.due_ms) return left.due_ms < right.due_ms;
  return left.sequence < right.sequence;
}

void MessageStore::place(std::uint32_t position, Slot slot) {
  heap_[position] = slot;
  (*slab_)[slot].heap_position = position;
}

void MessageStore::heap_push(Slot slot) {
  heap_.push_back(slot);
  const auto last = static_cast<std::uint32_t>(heap_.size() - 1);
  place(last, slot);
  sift_up(last);
}

void MessageStore::heap_remove(std::uint32_t position) {
  HR_CHECK(position < heap_.size());
  const Slot last = heap_.back();
  heap_.pop_back();
  if (position == heap_.size()) return;
  place(position, last);
  sift_down(sift_up(position));
}

std::uint32_t MessageStore::sift_up(std::uint32_t position) {
  const Slot slot = heap_[position];
  while (position > 0) {
    const std::uint32_t parent = (position - 1) / 2;
    if (!ends_before(slot, heap_[parent])) break;
    place(position, heap_[parent]);
    position = parent;
  }
  place(position, slot);
  return position;
}

void MessageStore::sift_down(std::uint32_t position) {
  const Slot slot = heap_[position];
  const auto size = static_cast<std::uint32_t>(heap_.size());
  for (;;) {
    std::uint32_t child = position * 2 + 1;
    if (child >= size) break;
    if (child + 1 < size && ends_before(heap_[child + 1], heap_[child])) ++child;
    if (!ends_before(heap_[child], slot)) break;
    place(position, heap_[child]);
    position = child;
  }
  place(position, slot);
}

}  // namespace headrace::queue

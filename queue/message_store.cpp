#include "queue/message_store.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/mutant.hpp"

namespace headrace::queue {

Entry& MessageStore::add(const Entry& entry, std::string_view group, std::uint64_t hash,
                         TimePoint now) {
  const bool delayed = entry.due() > now;
  return place_new(entry, group, hash, delayed ? MessageState::kDelayed : MessageState::kVisible);
}

Entry& MessageStore::place_new(const Entry& entry, std::string_view group, std::uint64_t hash,
                               MessageState state) {
  const Slot slot = slab_->take();
  Entry& stored = (*slab_)[slot];
  stored = entry;
  stored.round = slab_->round();
  stored.group = groups_.enter(group, hash);
  ++groups_[stored.group].messages;
  index_.insert(stored.sequence, slot);
  if (stored.moved_in) moved_in_.emplace(stored.sent_ms, stored.sequence.value());
  if (is_fifo()) link(stored);
  const bool first_delayed = state == MessageState::kDelayed && count(state) == 0;
  if (first_delayed) delayed_from_ = stored.sequence;
  enter(stored, state);
  renew_offer(stored.group);
  return stored;
}

void MessageStore::lease(Entry& entry, TimePoint until) {
  take_out(entry);
  entry.due_ms = to_epoch_ms(until);
  enter(entry, MessageState::kInFlight);
  renew_offer(entry.group, true);
}

void MessageStore::show(Entry& entry) {
  const bool served = entry.state == MessageState::kVisible;  // received with VisibilityTimeout 0
  take_out(entry);
  if (HR_MUTANT(28) && is_fifo()) {
    unlink(entry);
    link(entry);
  }
  enter(entry, MessageState::kVisible);
  renew_offer(entry.group, served);
}

void MessageStore::erase(Entry& entry) {
  take_out(entry);
  if (is_fifo()) unlink(entry);
  if (entry.has_origin) origins_.erase(entry.sequence.value());
  const GroupNumber group = entry.group;
  const Slot slot = slot_of(entry);
  index_.erase(entry.sequence);
  slab_->give_back(slot);
  --groups_[group].messages;
  renew_offer(group);
  if (groups_[group].messages == 0) groups_.leave(group);
}

MessageImage MessageStore::capture(Entry& entry) {
  entry.round = slab_->round();
  MessageImage image{entry, group_name(entry), std::nullopt};
  if (const Origin* known = origin(entry)) image.origin = *known;
  return image;
}

void MessageStore::keep_image(Entry& entry) { images_.emplace(entry.sequence, capture(entry)); }

std::optional<MessageImage> MessageStore::take_image(Sequence from, Sequence end) {
  Entry* entry = first_from(from);
  const bool in_range = entry != nullptr && entry->sequence < end;
  if (!images_.empty() && (!in_range || images_.begin()->first <= entry->sequence)) {
    return images_.extract(images_.begin()).mapped();
  }
  if (!in_range) return std::nullopt;
  HR_CHECK(entry->round != slab_->round());
  return capture(*entry);
}

void MessageStore::restore(const MessageImage& image, std::uint64_t hash) {
  place_new(image.entry, image.group, hash, image.entry.state);
  if (image.origin) set_origin(*find(image.entry.sequence), *image.origin);
}

Entry* MessageStore::find(Sequence sequence) { return at(index_.find(sequence)); }

Entry* MessageStore::first_deliverable() {
  const GroupNumber group = groups_.first_ready();
  return group == kNoGroup ? nullptr : front(group);
}

// Its oldest message there is; of a standard queue, its oldest visible one.
Entry* MessageStore::front(GroupNumber group) {
  Entry* first = at(groups_[group].first);
  while (HR_MUTANT(14) && first != nullptr && first->state == MessageState::kInFlight) {
    first = at(first->next);
  }
  return first;
}

Entry* MessageStore::next_deliverable(const Entry& entry) {
  Entry* next = at(entry.next);
  if (next != nullptr && next->state == MessageState::kVisible) return next;
  const GroupNumber group = groups_.next_ready(entry.group);
  return group == kNoGroup ? nullptr : front(group);
}

bool MessageStore::show_next_due(TimePoint now) {
  Entry* delayed = first_delayed();
  if (delayed != nullptr && delayed->sent() + delay_ <= now) {
    show(*delayed);
    return true;
  }
  if (heap_.empty() || (*slab_)[heap_.front()].due() > now) return false;
  Entry& due = (*slab_)[heap_.front()];
  if (HR_MUTANT(23) && due.state == MessageState::kInFlight) {
    ++counts_[static_cast<std::size_t>(MessageState::kInFlight)];
  }
  show(due);
  return true;
}

TimePoint MessageStore::next_due() {
  TimePoint next = heap_.empty() ? kForever : (*slab_)[heap_.front()].due();
  if (const Entry* delayed = first_delayed()) next = std::min(next, delayed->sent() + delay_);
  return next;
}

void MessageStore::set_delay(Duration delay, TimePoint now) {
  for (Entry* entry = first_delayed(); entry != nullptr && entry->sent() + delay_ <= now;
       entry = first_delayed()) {
    show(*entry);
  }
  delay_ = delay;
}

// FIFO: the message whose delay ends first.
Entry* MessageStore::first_delayed() {
  if (!is_fifo() || count(MessageState::kDelayed) == 0) return nullptr;
  for (;;) {
    Entry* entry = first_from(delayed_from_);
    HR_CHECK(entry != nullptr);
    if (entry->state == MessageState::kDelayed) return entry;
    delayed_from_ = entry->sequence.next();
  }
}

Entry* MessageStore::oldest() {
  while (!moved_in_.empty() && find(Sequence(moved_in_.top().second)) == nullptr) moved_in_.pop();
  Entry* first = first_from(oldest_from_);
  if (first != nullptr) oldest_from_ = first->sequence;
  if (moved_in_.empty()) return first;
  Entry* moved = find(Sequence(moved_in_.top().second));
  return first == nullptr || moved->sent_ms < first->sent_ms ? moved : first;
}

const Origin* MessageStore::origin(const Entry& entry) const {
  return entry.has_origin ? &origins_.at(entry.sequence.value()) : nullptr;
}

void MessageStore::set_origin(Entry& entry, const Origin& origin) {
  entry.has_origin = true;
  origins_[entry.sequence.value()] = origin;
}

bool MessageStore::stands_in_heap(const Entry& entry) const {
  return entry.state == MessageState::kInFlight ||
         (entry.state == MessageState::kDelayed && !is_fifo());
}

void MessageStore::enter(Entry& entry, MessageState state) {
  MessageGroup& group = groups_[entry.group];
  entry.state = state;
  ++counts_[static_cast<std::size_t>(state)];
  if (state == MessageState::kVisible) {
    ++group.visible;
    group.visible_bytes += entry.event_bytes;
    if (!is_fifo()) link(entry);
  } else if (state == MessageState::kInFlight) {
    groups_.in_flight_changed(entry.group, group.in_flight + 1);
  }
  if (stands_in_heap(entry)) heap_push(slot_of(entry));
}

void MessageStore::take_out(Entry& entry) {
  MessageGroup& group = groups_[entry.group];
  --counts_[static_cast<std::size_t>(entry.state)];
  if (entry.state == MessageState::kVisible) {
    --group.visible;
    group.visible_bytes -= entry.event_bytes;
    if (!is_fifo()) unlink(entry);
  } else if (entry.state == MessageState::kInFlight) {
    groups_.in_flight_changed(entry.group, group.in_flight - 1);
  }
  if (stands_in_heap(entry)) heap_remove(entry.heap_position);
}

// What a receive may take of the group changed. `served`: it had its turn.
void MessageStore::renew_offer(GroupNumber number, bool served) {
  const MessageGroup& group = groups_[number];
  Offer offer;
  if (!is_fifo() || group.visible == group.messages) {
    offer = Offer{group.visible, group.visible_bytes};
  } else if (const Entry* first = front(number);
             first != nullptr && first->state == MessageState::kVisible) {
    offer = Offer{1, first->event_bytes};  // something behind it is hidden: at least the first
  }
  groups_.offer(number, offer, served);
}

void MessageStore::link(Entry& entry) {
  MessageGroup& group = groups_[entry.group];
  const Slot slot = slot_of(entry);
  entry.previous = group.last;
  entry.next = kNoSlot;
  (group.last == kNoSlot ? group.first : (*slab_)[group.last].next) = slot;
  group.last = slot;
}

void MessageStore::unlink(Entry& entry) {
  MessageGroup& group = groups_[entry.group];
  (entry.previous == kNoSlot ? group.first : (*slab_)[entry.previous].next) = entry.next;
  (entry.next == kNoSlot ? group.last : (*slab_)[entry.next].previous) = entry.previous;
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

#include "queue/queue.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/mutant.hpp"
#include "queue/limits.hpp"

namespace headrace::queue {

namespace {

// Dead-letter moves in one receive; what is left moves in the next decision of the same call.
constexpr std::size_t kMovesPerReceiveMax = 256;
// Expired messages one decision looks past. Time is about to remove them.
constexpr std::size_t kExpiredPerReceiveMax = 1000;

QueueAttributes attributes_from(const AttributeMap& map) {
  QueueAttributes attributes;
  const Status status = attributes.set(map);
  HR_CHECK(status.has_value());  // they were checked when the record was decided
  return attributes;
}

}  // namespace

Queue::Queue(const CreateQueueRecord& record, Slab& slab)
    : id_(record.queue),
      address_(record.address),
      attributes_(attributes_from(record.attributes)),
      tags_(record.tags),
      created_(record.time),
      last_modified_(record.time),
      slab_(slab),
      messages_(slab) {}

QueueDescription Queue::describe() {
  QueueDescription description;
  description.address = address_;
  description.attributes = attributes_;
  description.tags = tags_;
  description.created = created_;
  description.last_modified = last_modified_;
  description.visible = messages_.count(MessageState::kVisible);
  description.in_flight = messages_.count(MessageState::kInFlight);
  description.delayed = messages_.count(MessageState::kDelayed);
  if (const Entry* oldest = messages_.oldest()) description.oldest_sent = oldest->sent();
  description.sent_total = sent_total_;
  description.received_total = received_total_;
  description.deleted_total = deleted_total_;
  return description;
}

bool Queue::expired(const Entry& entry, TimePoint now) const {
  return entry.sent() < dead_before_ || now - entry.sent() > retention();
}

std::optional<ReceiveRecord> Queue::decide_receive(const ReceiveOrder& order, TimePoint now,
                                                   Queue* dead_letter) {
  ReceiveRecord record{};
  record.queue = id_;
  record.time = now;
  record.until = now + order.visibility;
  const std::uint32_t max_receives =
      dead_letter != nullptr ? attributes_.redrive_policy->max_receive_count : UINT32_MAX;
  const std::uint64_t in_flight = messages_.count(MessageState::kInFlight);
  const std::size_t room = in_flight >= kInFlightMax ? 0 : kInFlightMax - in_flight;
  const std::size_t wanted = std::min(order.max_messages, room);
  std::uint64_t bytes = 0;
  std::size_t expired_seen = 0;
  for (Entry* entry = messages_.first_visible(); entry != nullptr && record.leased.size() < wanted;
       entry = messages_.next_visible(*entry)) {
    if (expired(*entry, now)) {
      if (++expired_seen == kExpiredPerReceiveMax) break;
      continue;
    }
    const std::uint32_t received = entry->receive_number + (HR_MUTANT(11) ? 0 : 1);
    if (received > max_receives) {  // spec 8.2: this receive would exceed the count
      if (record.moved.size() == kMovesPerReceiveMax) break;
      const Sequence to(dead_letter->next_sequence().value() + record.moved.size());
      record.moved.push_back(DeadLetterMove{entry->sequence, to});
      continue;
    }
    bytes += entry->event_bytes;
    if (bytes > order.event_bytes_max && !record.leased.empty()) break;
    record.leased.push_back(entry->sequence);
  }
  if (!record.moved.empty()) record.dead_letter_queue = dead_letter->id();
  if (record.leased.empty() && record.moved.empty()) return std::nullopt;
  return record;
}

Entry* Queue::find_live(const Receipt& receipt, TimePoint now) {
  Entry* entry = messages_.find(receipt.sequence);
  if (HR_MUTANT(4) && entry != nullptr && entry->receive_number != receipt.receive_number) {
    return nullptr;
  }
  return entry == nullptr || expired(*entry, now) ? nullptr : entry;
}

void Queue::apply(const SetAttributesRecord& record) {
  // What is expired under the old retention stays expired under a longer one.
  dead_before_ = std::max(dead_before_, record.time - retention());
  attributes_ = attributes_from(record.attributes);
  last_modified_ = record.time;
}

Entry& Queue::apply_send(const SendRecord& record, BodyRef body, Lsn lsn) {
  HR_CHECK(record.sequence >= next_sequence_);
  next_sequence_ = record.sequence.next();
  ++sent_total_;
  Entry entry;
  entry.sequence = record.sequence;
  entry.body_place = body.place;
  entry.body_size = body.size;
  entry.sent_ms = to_epoch_ms(record.sent);
  entry.due_ms = to_epoch_ms(record.available);
  entry.event_bytes = record.event_bytes;
  entry.lsn_low = static_cast<std::uint32_t>(lsn.value());
  return messages_.add(entry, record.sent);
}

void Queue::apply_lease(const ReceiveRecord& record) {
  for (const Sequence sequence : record.leased) {
    Entry* entry = messages_.find(sequence);
    HR_CHECK(entry != nullptr);
    const auto after_ms = static_cast<std::uint32_t>(
        std::max<std::int64_t>(0, (record.time - entry->sent()).count()));
    if (entry->receive_count == 0) entry->first_received_after_ms = after_ms;
    entry->last_received_after_ms = after_ms;
    ++entry->receive_count;
    ++entry->receive_number;
    if (record.until > record.time) {
      messages_.lease(*entry, record.until);
    } else {
      messages_.show(*entry);  // VisibilityTimeout 0: visible again at once, the receive counts
    }
  }
  received_total_ += record.leased.size();
}

void Queue::apply_change(Entry& entry, const ChangeVisibilityRecord& record) {
  if (record.until > record.time) {
    messages_.lease(entry, record.until);
  } else {
    messages_.show(entry);
  }
}

Entry Queue::take(Entry& entry) {
  const Entry copy = entry;
  messages_.erase(entry);
  return copy;
}

Entry& Queue::arrive(Entry entry, Sequence sequence, TimePoint now, Lsn lsn) {
  HR_CHECK(sequence >= next_sequence_);
  next_sequence_ = sequence.next();
  entry.sequence = sequence;
  entry.due_ms = to_epoch_ms(now);
  entry.receive_number = 0;
  entry.lsn_low = static_cast<std::uint32_t>(lsn.value());
  entry.new_identity = false;
  return messages_.add(entry, now);
}

MessageStore Queue::purge() {
  MessageStore old = std::move(messages_);
  messages_ = MessageStore(slab_);
  return old;
}

Queue::Progress Queue::advance_to(TimePoint now, std::size_t budget) {
  Progress progress;
  std::size_t steps = 0;
  while (steps < budget && messages_.show_next_due(now)) {
    ++steps;
    ++progress.shown;
  }
  for (Entry* oldest = messages_.oldest(); oldest != nullptr && expired(*oldest, now);
       oldest = messages_.oldest()) {
    if (steps++ == budget) break;
    progress.dropped.push_back(oldest->body());
    messages_.erase(*oldest);
  }
  progress.more = steps >= budget;
  return progress;
}

TimePoint Queue::next_deadline() {
  TimePoint next = messages_.next_due();
  if (const Entry* oldest = messages_.oldest()) {
    const TimePoint end = oldest->sent() + retention() + Duration(1);
    next = std::min(next, oldest->sent() < dead_before_ ? oldest->sent() : end);
  }
  return next;
}

}  // namespace headrace::queue

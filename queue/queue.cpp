#include "queue/queue.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "base/mutant.hpp"
#include "queue/limits.hpp"

namespace headrace::queue {

namespace {

// Dead-letter moves in one receive; what is left moves in the next decision of the same call.
constexpr std::size_t kMovesPerReceiveMax = 256;
// Expired messages one decision looks past. Time is about to remove them.
constexpr std::size_t kExpiredPerReceiveMax = 1000;

constexpr Sequence kFirstSequence{1};

// Remembered sends that each new one helps to forget.
constexpr std::size_t kForgottenPerSend = 2;

QueueAttributes attributes_from(const AttributeMap& map) {
  QueueAttributes attributes;
  const Status status = attributes.set_at_creation(map);
  HR_CHECK(status.has_value());  // they were checked when the record was decided
  return attributes;
}

}  // namespace

Queue::Queue(const CreateQueueRecord& record, Slab& slab, const TextHasher& hasher)
    : Queue(QueueImage{record.queue, record.address, record.attributes, record.tags, record.time,
                       record.time, TimePoint(), kFirstSequence},
            slab, hasher) {}

Queue::Queue(const QueueImage& image, Slab& slab, const TextHasher& hasher)
    : id_(image.id),
      address_(image.address),
      attributes_(attributes_from(image.attributes)),
      tags_(image.tags),
      created_(image.created),
      last_modified_(image.last_modified),
      slab_(slab),
      hasher_(hasher),
      messages_(slab, type()),
      next_sequence_(image.next_sequence),
      round_(slab.round()),
      dead_before_(image.dead_before) {
  messages_.set_delay(std::chrono::seconds(attributes_.delay_seconds), created_);
}

void Queue::keep_image() {
  round_ = slab_.round();
  image_ =
      std::make_unique<QueueImage>(QueueImage{id_, address_, attributes_.to_map(), tags_, created_,
                                              last_modified_, dead_before_, next_sequence_});
}

std::optional<QueueImage> Queue::take_image() {
  touch();
  if (image_ == nullptr) return std::nullopt;
  return std::move(*std::exchange(image_, nullptr));
}

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
  if (auto repetition = decide_repetition(order, now)) return repetition;
  ReceiveRecord record{};
  record.queue = id_;
  record.time = now;
  record.until = now + order.visibility;
  if (is_fifo()) record.attempt_id = order.attempt_id;
  const std::uint32_t max_receives =
      dead_letter != nullptr ? attributes_.redrive_policy->max_receive_count : UINT32_MAX;
  const std::uint64_t in_flight = messages_.count(MessageState::kInFlight);
  const std::size_t room = in_flight >= kInFlightMax ? 0 : kInFlightMax - in_flight;
  const std::size_t wanted = std::min(order.max_messages, room);
  std::uint64_t bytes = 0;
  std::size_t expired_seen = 0;
  for (Entry* entry = messages_.first_deliverable();
       entry != nullptr && record.leased.size() < wanted;
       entry = messages_.next_deliverable(*entry)) {
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

// A receive whose answer was lost gets the same messages again, unless one of them was deleted or
// had its visibility changed (spec 7.3).
std::optional<ReceiveRecord> Queue::decide_repetition(const ReceiveOrder& order, TimePoint now) {
  if (!is_fifo() || order.attempt_id.empty()) return std::nullopt;
  const ReceiveAttempt* attempt = attempts_.find(order.attempt_id, now);
  if (attempt == nullptr) return std::nullopt;
  ReceiveRecord record{};
  record.queue = id_;
  record.time = now;
  record.until = now + order.visibility;
  record.attempt_id = order.attempt_id;
  record.repeats = true;
  for (const ReceiveAttempt::Message& message : attempt->messages) {
    const Receipt receipt{id_, message.sequence, message.receive_number};
    const Entry* entry = find_live(receipt, now);
    const bool unchanged = entry != nullptr && holds(*entry, receipt, now) &&
                           (entry->due() == attempt->until || HR_MUTANT(26));
    if (!unchanged) return std::nullopt;
    record.leased.push_back(message.sequence);
  }
  return record;
}

std::optional<Deduplication> Queue::find_duplicate(std::string_view deduplication_id,
                                                   std::string_view group_id, TimePoint now) const {
  return deduplication_.find(hasher_.key_of(deduplication_id, group_id),
                             !attributes_.deduplicates_per_group || HR_MUTANT(32), now);
}

bool Queue::holds(const Entry& entry, const Receipt& receipt, TimePoint now) const {
  return entry.receive_number == receipt.receive_number && entry.state == MessageState::kInFlight &&
         entry.due() > now;
}

Entry* Queue::find_live(const Receipt& receipt, TimePoint now) {
  Entry* entry = messages_.find(receipt.sequence);
  if (HR_MUTANT(4) && entry != nullptr && entry->receive_number != receipt.receive_number) {
    return nullptr;
  }
  return entry == nullptr || expired(*entry, now) ? nullptr : entry;
}

void Queue::restore(const MessageImage& message) {
  messages_.restore(message, hasher_.hash(message.group));
}

void Queue::apply(const SetAttributesRecord& record) {
  touch();
  // What is expired under the old retention stays expired under a longer one.
  dead_before_ = std::max(dead_before_, record.time - retention());
  attributes_ = attributes_from(record.attributes);
  messages_.set_delay(std::chrono::seconds(attributes_.delay_seconds), record.time);
  last_modified_ = record.time;
}

void Queue::apply(const SetTagsRecord& record) {
  touch();
  tags_ = record.tags;
}

Entry& Queue::apply_send(const SendRecord& record, BodyRef body, Lsn lsn) {
  touch();
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
  if (is_fifo()) {
    deduplication_.expire(record.sent, kForgottenPerSend);
    deduplication_.add({hasher_.key_of(record.deduplication_id, record.group_id), record.message_id,
                        record.sequence, record.sent});
  }
  Entry& added = messages_.add(entry, record.group_id, hasher_.hash(record.group_id), record.sent);
  messages_.groups().sent(added.group, record.sent);
  return added;
}

void Queue::apply_lease(const ReceiveRecord& record) {
  for (const Sequence sequence : record.leased) {
    Entry* entry = messages_.find(sequence);
    HR_CHECK(entry != nullptr);
    messages_.touch(*entry);
    const auto after_ms = static_cast<std::uint32_t>(
        std::max<std::int64_t>(0, (record.time - entry->sent()).count()));
    entry->last_received_after_ms = after_ms;
    if (!record.repeats) {
      if (entry->receive_count == 0) entry->first_received_after_ms = after_ms;
      ++entry->receive_count;
      ++entry->receive_number;
    }
    if (record.until > record.time) {
      messages_.lease(*entry, record.until);
      if (!is_fifo()) {
        messages_.groups().leased(entry->group, messages_.count(MessageState::kInFlight),
                                  record.time);
      }
    } else {
      messages_.show(*entry);  // VisibilityTimeout 0: visible again at once, the receive counts
    }
  }
  if (!record.repeats) received_total_ += record.leased.size();
  if (!record.attempt_id.empty()) remember_attempt(record);
}

void Queue::remember_attempt(const ReceiveRecord& record) {
  if (record.repeats) {
    attempts_.extend(record.attempt_id, record.until);
    return;
  }
  if (record.leased.empty()) return;
  ReceiveAttempt attempt{record.time, record.until, {}};
  for (const Sequence sequence : record.leased) {
    attempt.messages.push_back({sequence, messages_.find(sequence)->receive_number});
  }
  attempts_.add(record.attempt_id, std::move(attempt));
}

void Queue::count_deleted(const Entry& entry, TimePoint now) {
  ++deleted_total_;
  if (now == TimePoint() || entry.receive_number == 0) return;
  const TimePoint received = entry.sent() + Duration(entry.last_received_after_ms);
  messages_.groups().processed(entry.group, now - received, now);
}

void Queue::apply_change(Entry& entry, const ChangeVisibilityRecord& record) {
  messages_.touch(entry);
  if (record.until > record.time) {
    messages_.lease(entry, record.until);
  } else {
    messages_.show(entry);
  }
}

Entry Queue::take(Entry& entry) {
  messages_.touch(entry);
  const Entry copy = entry;
  messages_.erase(entry);
  return copy;
}

Entry& Queue::arrive(Entry entry, Sequence sequence, std::string_view group, TimePoint now,
                     Lsn lsn) {
  touch();
  HR_CHECK(sequence >= next_sequence_);
  next_sequence_ = sequence.next();
  entry.sequence = sequence;
  entry.due_ms = to_epoch_ms(now);
  entry.receive_number = 0;
  entry.lsn_low = static_cast<std::uint32_t>(lsn.value());
  entry.has_origin = false;
  return messages_.add(entry, group, hasher_.hash(group), now);
}

PurgedQueue Queue::purge() {
  PurgedQueue old{std::move(messages_), std::move(deduplication_), std::move(attempts_)};
  messages_ = MessageStore(slab_, type());
  messages_.set_delay(std::chrono::seconds(attributes_.delay_seconds), created_);
  messages_.give_images(old.messages.take_images());
  deduplication_ = HR_MUTANT(31) ? std::move(old.deduplication) : DeduplicationTable();
  attempts_ = ReceiveAttempts();
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
  progress.forgotten = deduplication_.expire(now, budget - std::min(budget, steps));
  progress.forgotten += attempts_.expire(now, budget - std::min(budget, steps));
  steps += progress.forgotten;
  progress.more = steps >= budget;
  return progress;
}

TimePoint Queue::next_deadline() {
  TimePoint next = std::min(deduplication_.all_over(), attempts_.all_over());
  next = std::min(next, messages_.next_due());
  if (const Entry* oldest = messages_.oldest()) {
    const TimePoint end = oldest->sent() + retention() + Duration(1);
    next = std::min(next, oldest->sent() < dead_before_ ? oldest->sent() : end);
  }
  return next;
}

}  // namespace headrace::queue

// The half of Engine that changes state: apply, and the passing of time.
#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "base/mutant.hpp"
#include "queue/engine.hpp"
#include "queue/limits.hpp"

namespace headrace::queue {

void Engine::apply(const Record& record, BodyRef body, Lsn lsn) {
  std::visit([&](const auto& fields) { apply_record(fields, body, lsn); }, record);
}

void Engine::apply_record(const CreateQueueRecord& record, BodyRef, Lsn lsn) {
  HR_CHECK(record.queue > last_queue_id_);
  HR_CHECK(record.queue.value() <= UINT32_MAX);  // entries remember it in 32 bits
  last_queue_id_ = record.queue;
  control_lsn_ = lsn;
  addresses_[record.address] = record.queue;
  arns_[record.queue] = to_arn(record.address);
  queues_[record.queue] = std::make_unique<Queue>(record, slab_);
}

void Engine::apply_record(const SetAttributesRecord& record, BodyRef, Lsn lsn) {
  Queue& queue = existing(record.queue);
  queue.apply(record);
  control_lsn_ = lsn;
  deadline_may_be_earlier(queue);
}

void Engine::apply_record(const DeleteQueueRecord& record, BodyRef, Lsn lsn) {
  Queue& queue = existing(record.queue);
  control_lsn_ = lsn;
  purged_.push_back(queue.purge());
  schedule(queue, kForever);
  std::erase(arrivals_, record.queue);
  addresses_.erase(queue.address());
  queues_.erase(record.queue);
  deleted_.push_back(record.queue);
  if (HR_MUTANT(18)) last_queue_id_ = QueueId(record.queue.value() - 1);
}

void Engine::apply_record(const PurgeQueueRecord& record, BodyRef, Lsn) {
  purged_.push_back(existing(record.queue).purge());
}

void Engine::apply_record(const SendRecord& record, BodyRef body, Lsn lsn) {
  Queue& queue = existing(record.queue);
  const Entry& entry = queue.apply_send(record, body, lsn);
  if (entry.state == MessageState::kVisible) note_arrival(queue);
  deadline_may_be_earlier(queue);
}

void Engine::apply_record(const ReceiveRecord& record, BodyRef, Lsn lsn) {
  Queue& queue = existing(record.queue);
  queue.apply_lease(record);
  if (!record.moved.empty()) {
    Queue& dead_letter = existing(record.dead_letter_queue);
    for (const DeadLetterMove& move : record.moved) {
      Entry* entry = queue.messages().find(move.from);
      HR_CHECK(entry != nullptr);
      const Uuid* identity = queue.messages().new_identity(move.from);
      const std::optional<Uuid> kept = identity ? std::optional<Uuid>(*identity) : std::nullopt;
      Entry moved = HR_MUTANT(2) ? Entry(*entry) : queue.take(*entry);
      if (HR_MUTANT(17)) moved.sent_ms = to_epoch_ms(record.time);
      moved.moved_in = true;  // keeps its enqueue time (spec 8.2)
      moved.source_queue = static_cast<std::uint32_t>(record.queue.value());
      Entry& arrived = dead_letter.arrive(moved, move.to, record.time, lsn);
      if (kept) dead_letter.messages().set_new_identity(arrived, *kept);
    }
    note_arrival(dead_letter);
    deadline_may_be_earlier(dead_letter);
  }
  if (record.until <= record.time && !record.leased.empty()) note_arrival(queue);
  deadline_may_be_earlier(queue);
}

void Engine::apply_record(const DeleteRecord& record, BodyRef, Lsn) {
  Queue& queue = existing(record.queue);
  Entry* entry = queue.messages().find(record.sequence);
  HR_CHECK(entry != nullptr);
  const bool was_full = queue.messages().count(MessageState::kInFlight) >= kInFlightMax;
  bodies_.release(queue.take(*entry).body());
  queue.count_deleted();
  if (was_full) note_arrival(queue);  // what is visible may be received again
}

void Engine::apply_record(const ChangeVisibilityRecord& record, BodyRef, Lsn) {
  Queue& queue = existing(record.queue);
  Entry* entry = queue.messages().find(record.sequence);
  HR_CHECK(entry != nullptr);
  queue.apply_change(*entry, record);
  if (entry->state == MessageState::kVisible) note_arrival(queue);
  deadline_may_be_earlier(queue);
}

void Engine::apply_record(const MoveRecord& record, BodyRef, Lsn lsn) {
  Queue& source = existing(record.queue);
  for (const Redrive& move : record.moves) {
    Entry* entry = source.messages().find(move.from);
    HR_CHECK(entry != nullptr);
    Entry moved = source.take(*entry);
    moved.moved_in = false;  // spec 8.3: a new message, with a new enqueue time and no receives
    moved.sent_ms = to_epoch_ms(record.time);
    moved.receive_count = 0;
    moved.first_received_after_ms = 0;
    moved.last_received_after_ms = 0;
    moved.source_queue = 0;
    Queue& destination = existing(move.destination);
    Entry& arrived = destination.arrive(moved, move.to, record.time, lsn);
    destination.messages().set_new_identity(arrived, move.message_id);
    note_arrival(destination);
    deadline_may_be_earlier(destination);
  }
}

void Engine::apply_record(const DocumentRecord& record, BodyRef, Lsn lsn) {
  control_lsn_ = lsn;
  if (record.bytes.empty()) {
    documents_.erase(record.key);
  } else {
    documents_[record.key] = record.bytes;
  }
}

void Engine::apply_record(const BodyCopyRecord& record, BodyRef body, Lsn) {
  Queue* queue = find(record.queue);
  Entry* entry = queue != nullptr ? queue->messages().find(record.sequence) : nullptr;
  if (entry == nullptr) return;  // deleted meanwhile: a copy never creates a message
  bodies_.release(entry->body());
  entry->body_place = body.place;
  entry->body_size = body.size;
}

// Format 1 defines slices; this build writes none, so finding one means a later build wrote here.
void Engine::apply_record(const SnapshotSliceRecord&, BodyRef, Lsn) { HR_CHECK(false); }

void Engine::note_arrival(Queue& queue) {
  if (std::exchange(queue.arrival_noted, true)) return;
  arrivals_.push_back(queue.id());
}

void Engine::deadline_may_be_earlier(Queue& queue) {
  const TimePoint next = queue.next_deadline();
  if (next < queue.scheduled_for) schedule(queue, next);
}

void Engine::schedule(Queue& queue, TimePoint when) {
  if (queue.scheduled_for != kForever) deadlines_.erase({queue.scheduled_for, queue.id()});
  queue.scheduled_for = when;
  if (when != kForever) deadlines_.emplace(when, queue.id());
}

bool Engine::advance_to(TimePoint now, std::size_t budget) {
  while (budget > 0 && !deadlines_.empty() && deadlines_.begin()->first <= now) {
    Queue& queue = existing(deadlines_.begin()->second);
    const Queue::Progress progress = queue.advance_to(now, budget);
    for (const BodyRef body : progress.dropped) bodies_.release(body);
    // Expired messages may have stood in front of what a receive can take.
    const bool arrived = progress.shown > 0 || !progress.dropped.empty();
    if (arrived && !HR_MUTANT(12)) note_arrival(queue);
    if (progress.more) return true;
    budget -= std::min(budget, progress.shown + progress.dropped.size() + 1);
    schedule(queue, queue.next_deadline());
  }
  return free_purged(budget) > 0 || budget == 0;
}

// Frees purged messages in slices; returns how many stores are left.
std::size_t Engine::free_purged(std::size_t budget) {
  while (!purged_.empty() && budget > 0) {
    MessageStore& store = purged_.back();
    Entry* entry = store.first_from(Sequence(0));
    if (entry == nullptr) {
      purged_.pop_back();
      continue;
    }
    bodies_.release(entry->body());
    store.erase(*entry);
    --budget;
  }
  return purged_.size();
}

TimePoint Engine::next_deadline() const {
  if (!purged_.empty()) return TimePoint::min();
  return deadlines_.empty() ? kForever : deadlines_.begin()->first;
}

std::vector<QueueId> Engine::take_arrivals() {
  for (const QueueId id : arrivals_) existing(id).arrival_noted = false;
  return std::exchange(arrivals_, {});
}

std::vector<QueueId> Engine::take_deleted() { return std::exchange(deleted_, {}); }

}  // namespace headrace::queue

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
  auto queue = std::make_unique<Queue>(record, slab_, hasher_);
  name_dead_letter_queue(*queue, true);
  queues_[record.queue] = std::move(queue);
}

void Engine::apply_record(const SetAttributesRecord& record, BodyRef, Lsn lsn) {
  Queue& queue = existing(record.queue);
  name_dead_letter_queue(queue, false);
  queue.apply(record);
  name_dead_letter_queue(queue, true);
  control_lsn_ = lsn;
  deadline_may_be_earlier(queue);
}

void Engine::apply_record(const DeleteQueueRecord& record, BodyRef, Lsn lsn) {
  Queue& queue = existing(record.queue);
  control_lsn_ = lsn;
  keep_for_snapshot(queue);
  purged_.push_back(queue.purge());
  name_dead_letter_queue(queue, false);
  purged_at_.erase(record.queue);
  if (cooldowns_.create) {
    std::erase_if(deleted_at_, [&record](const auto& deleted) {
      return deleted.second + std::chrono::seconds(kRecreateIntervalSeconds) <= record.time;
    });
    deleted_at_[queue.address()] = record.time;
  }
  schedule(queue, kForever);
  std::erase(arrivals_, record.queue);
  addresses_.erase(queue.address());
  queues_.erase(record.queue);
  deleted_.push_back(record.queue);
  const bool newest = record.queue == last_queue_id_;
  if (HR_MUTANT(18) && newest) last_queue_id_ = QueueId(record.queue.value() - 1);
}

void Engine::apply_record(const PurgeQueueRecord& record, BodyRef, Lsn) {
  purged_.push_back(existing(record.queue).purge());
  if (cooldowns_.purge) purged_at_[record.queue] = record.time;
}

void Engine::apply_record(const SetTagsRecord& record, BodyRef, Lsn lsn) {
  existing(record.queue).apply(record);
  control_lsn_ = lsn;
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
    Queue& to = existing(record.dead_letter_queue);
    for (const DeadLetterMove& move : record.moved) {
      dead_letter(queue, to, move, record.time, lsn);
    }
    note_arrival(to);
    deadline_may_be_earlier(to);
  }
  if (record.until <= record.time && !record.leased.empty()) note_arrival(queue);
  deadline_may_be_earlier(queue);
}

// Identity, send time and receives stay. Retention goes on in a standard dead-letter queue and
// begins anew in a FIFO one (spec 8.2).
void Engine::dead_letter(Queue& from, Queue& to, const DeadLetterMove& move, TimePoint now,
                         Lsn lsn) {
  Entry* entry = from.messages().find(move.from);
  HR_CHECK(entry != nullptr);
  const Lease before = view_of(from, *entry);
  const std::string group = from.messages().group_name(*entry);
  Entry moved = HR_MUTANT(2) ? Entry(*entry) : from.take(*entry);
  if (HR_MUTANT(17)) moved.sent_ms = to_epoch_ms(now);
  moved.source_queue = static_cast<std::uint32_t>(from.id().value());
  moved.moved_in = !to.is_fifo();  // sent before its neighbours
  if (to.is_fifo() && !HR_MUTANT(30)) moved.sent_ms = to_epoch_ms(now);
  Entry& arrived = to.arrive(moved, move.to, group, now, lsn);
  if (to.is_fifo()) {
    to.messages().set_origin(arrived, {before.new_identity, before.sent, before.first_received});
  } else if (before.new_identity) {
    to.messages().set_origin(arrived, {before.new_identity, std::nullopt, {}});
  }
}

void Engine::apply_record(const DeleteRecord& record, BodyRef, Lsn) {
  Queue& queue = existing(record.queue);
  Entry* entry = queue.messages().find(record.sequence);
  HR_CHECK(entry != nullptr);
  const bool was_full = queue.messages().count(MessageState::kInFlight) >= kInFlightMax;
  queue.count_deleted(*entry, record.time);
  bodies_.release(queue.take(*entry).body());
  // What is visible may be received again; on a FIFO queue the group may go on.
  if (was_full || queue.is_fifo()) note_arrival(queue);
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
    const std::string group = source.messages().group_name(*entry);
    Entry moved = source.take(*entry);
    moved.moved_in = false;  // spec 8.3: a new message, with a new enqueue time and no receives
    moved.sent_ms = to_epoch_ms(record.time);
    moved.receive_count = 0;
    moved.first_received_after_ms = 0;
    moved.last_received_after_ms = 0;
    moved.source_queue = 0;
    Queue& destination = existing(move.destination);
    Entry& arrived = destination.arrive(moved, move.to, group, record.time, lsn);
    destination.messages().set_origin(arrived, {move.message_id, std::nullopt, {}});
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
  if (entry == nullptr) return bodies_.release(body);  // a copy never creates a message
  queue->messages().touch(*entry);
  bodies_.release(entry->body());
  entry->body_place = body.place;
  entry->body_size = body.size;
}

void Engine::name_dead_letter_queue(const Queue& queue, bool names) {
  if (!queue.attributes().redrive_policy) return;
  const std::string& arn = queue.attributes().redrive_policy->dead_letter_target_arn;
  if (names) {
    sources_[arn].insert(queue.address());
  } else if (auto& sources = sources_[arn]; sources.erase(queue.address()), sources.empty()) {
    sources_.erase(arn);
  }
}

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
    const std::size_t steps = progress.shown + progress.dropped.size() + progress.forgotten + 1;
    budget -= std::min(budget, steps);
    schedule(queue, queue.next_deadline());
  }
  return free_purged(budget) > 0 || budget == 0;
}

// Frees purged messages in slices; returns how many stores are left.
std::size_t Engine::free_purged(std::size_t budget) {
  while (!purged_.empty() && budget > 0) {
    PurgedQueue& purged = purged_.back();
    Entry* entry = purged.messages.first_from(Sequence(0));
    std::size_t forgotten = 0;
    if (entry != nullptr) {
      bodies_.release(entry->body());
      purged.messages.erase(*entry);
      forgotten = 1;
    } else {
      forgotten = purged.deduplication.drop(budget) + purged.attempts.drop(budget);
    }
    if (forgotten == 0) purged_.pop_back();
    budget -= std::min(budget, forgotten);
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

// The part of Engine that gives its state to a snapshot and takes it back.
//
// The snapshot begins at one moment and is handed out in slices, queue by queue, while the engine
// goes on. What a record changes before its slice came is kept as it was (Queue::touch,
// MessageStore::touch). Four things need no keeping, because the records after the snapshot's LSN
// are applied on top, and the snapshot counts only once all of them up to its end are durable:
//  - what a FIFO queue remembers of sends and receives: applying a record again remembers the same,
//    and what is forgotten meanwhile was over, or a purge that follows forgets it;
//  - the messages of a queue purged or deleted meanwhile that no record touched: none will, and the
//    purge removes them;
//  - messages that expired meanwhile: no record names them again, and time removes them;
//  - documents: applying a record again gives the same document.
#include <algorithm>

#include "base/check.hpp"
#include "base/mutant.hpp"
#include "queue/engine.hpp"
#include "queue/snapshot.hpp"

namespace headrace::queue {

void Engine::begin_snapshot() {
  HR_CHECK(!walk_);
  slab_.begin_round();
  walk_ = Walk();
  walk_->last_queue = last_queue_id_;
  walk_->queue = QueueId(1);
}

bool Engine::snapshot_slice(SnapshotEncoder& out, std::size_t budget) {
  HR_CHECK(walk_.has_value());
  for (; budget > 0 && out.size() < kSnapshotChunkBytes; --budget) {
    if (walk_->queue <= walk_->last_queue) {
      walk_queue(out);
    } else if (!walk_document(out)) {
      walk_.reset();
      return false;
    }
  }
  return true;
}

// One step: the queue itself, one message, or on to the next queue.
void Engine::walk_queue(SnapshotEncoder& out) {
  Walk& walk = *walk_;
  Queue* queue = find(walk.queue);
  const auto gone = walk.gone.find(walk.queue);
  if (!walk.inside) {
    walk.inside = true;
    walk.from = Sequence();
    walk.remembered_from = Sequence();
    walk.attempt = {TimePoint::min(), ""};
    std::optional<QueueImage> image;
    if (queue != nullptr) image = queue->take_image();
    if (gone != walk.gone.end()) image = std::exchange(gone->second.queue, std::nullopt);
    if (image) {
      walk.end = image->next_sequence;
      out.add(*image);
    } else if (const auto arn = arns_.find(walk.queue); arn != arns_.end()) {
      walk.end = Sequence();
      out.add(DeletedQueueImage{walk.queue, arn->second});
    }
    return;
  }
  std::optional<MessageImage> message;
  if (queue != nullptr) {
    message = queue->messages().take_image(walk.from, walk.end);
  } else if (gone != walk.gone.end() && !gone->second.messages.empty()) {
    auto& images = gone->second.messages;
    message = images.extract(images.begin()).mapped();
  }
  if (message) {
    walk.from = message->entry.sequence.next();
    out.add(walk.queue, *message);
    return;
  }
  if (queue != nullptr && walk_remembered(*queue, out)) return;
  if (gone != walk.gone.end()) walk.gone.erase(gone);
  walk.queue = walk.queue.next();
  walk.inside = false;
}

// One remembered send or receive; false when there is no more.
bool Engine::walk_remembered(const Queue& queue, SnapshotEncoder& out) {
  Walk& walk = *walk_;
  const auto sent = queue.deduplication().from(walk.remembered_from);
  if (sent && sent->sequence < walk.end && !HR_MUTANT(10)) {
    walk.remembered_from = sent->sequence.next();
    out.add(walk.queue, *sent);
    return true;
  }
  const ReceiveAttempt* attempt = queue.attempts().after(walk.attempt);
  if (attempt == nullptr) return false;
  out.add(walk.queue, walk.attempt.second, *attempt);
  return true;
}

bool Engine::walk_document(SnapshotEncoder& out) {
  const auto next = walk_->document ? documents_.upper_bound(*walk_->document) : documents_.begin();
  if (next == documents_.end()) return false;
  out.add(DocumentImage{next->first, next->second});
  walk_->document = next->first;
  return true;
}

// A queue is about to go; the snapshot under way still needs what it was.
void Engine::keep_for_snapshot(Queue& queue) {
  if (!walk_ || queue.id() < walk_->queue || queue.id() > walk_->last_queue) return;
  const bool inside = walk_->inside && queue.id() == walk_->queue;
  Walk::Gone& gone = walk_->gone[queue.id()];
  if (!inside) gone.queue = queue.take_image();
  gone.messages = queue.messages().take_images();
}

void Engine::restore(const SnapshotItem& item, Lsn lsn) {
  if (const auto* message = std::get_if<QueuedMessage>(&item)) {
    MessageImage image = message->image;
    image.entry.lsn_low = static_cast<std::uint32_t>(lsn.value());
    existing(message->queue).restore(image);
  } else if (const auto* sent = std::get_if<RememberedSend>(&item)) {
    existing(sent->queue).restore(sent->sent);
  } else if (const auto* received = std::get_if<RememberedReceive>(&item)) {
    existing(received->queue).restore(received->attempt_id, received->attempt);
  } else if (const auto* queue = std::get_if<QueueImage>(&item)) {
    addresses_[queue->address] = queue->id;
    arns_[queue->id] = to_arn(queue->address);
    auto restored = std::make_unique<Queue>(*queue, slab_, hasher_);
    name_dead_letter_queue(*restored, true);
    queues_[queue->id] = std::move(restored);
  } else if (const auto* deleted = std::get_if<DeletedQueueImage>(&item)) {
    arns_[deleted->id] = deleted->arn;
  } else if (const auto* document = std::get_if<DocumentImage>(&item)) {
    documents_[document->key] = document->bytes;
  } else if (const auto* end = std::get_if<SnapshotEnd>(&item)) {
    HR_CHECK(end->messages == slab_.size());
    last_queue_id_ = end->last_queue;
    control_lsn_ = lsn;
    for (auto& [id, queue_now] : queues_) deadline_may_be_earlier(*queue_now);
  }
}

bool Engine::find_bodies(BodySearch& search, std::size_t budget, std::vector<Located>& found) {
  for (; budget > 0 && search.queue <= last_queue_id_; --budget) {
    Queue* queue = find(search.queue);
    const Entry* entry = queue != nullptr ? queue->messages().first_from(search.from) : nullptr;
    if (entry == nullptr) {
      search.queue = search.queue.next();
      search.from = Sequence();
      continue;
    }
    search.from = entry->sequence.next();
    if (search.everywhere || search.segments.contains(entry->body_place >> 32)) {
      found.push_back(Located{search.queue, entry->sequence, entry->body()});
    }
  }
  return search.queue <= last_queue_id_;
}

std::optional<BodyRef> Engine::body_of(QueueId id, Sequence sequence) {
  Queue* queue = find(id);
  const Entry* entry = queue != nullptr ? queue->messages().find(sequence) : nullptr;
  return entry != nullptr ? std::optional(entry->body()) : std::nullopt;
}

void Engine::visit_bodies(const std::function<void(BodyRef body)>& visit) {
  const auto visit_store = [&visit](MessageStore& store) {
    for (Entry* entry = store.first_from(Sequence()); entry != nullptr;
         entry = store.first_from(entry->sequence.next())) {
      visit(entry->body());
    }
  };
  for (auto& [id, queue] : queues_) visit_store(queue->messages());
  for (PurgedQueue& purged : purged_) visit_store(purged.messages);
}

}  // namespace headrace::queue

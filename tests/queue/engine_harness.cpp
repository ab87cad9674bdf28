#include "tests/queue/engine_harness.hpp"

#include <gtest/gtest.h>

#include "base/check.hpp"

namespace headrace::queue {

MessageContent content_with(std::string body) {
  MessageContent content;
  content.body_md5 = md5(body);
  content.body = std::move(body);
  content.sender_id = "AKIA";
  return content;
}

std::string redrive_policy(const std::string& dead_letter, int max_receive_count) {
  return R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:)" + dead_letter +
         R"(","maxReceiveCount":)" + std::to_string(max_receive_count) + "}";
}

EngineHarness::EngineHarness() : engine_(HandleKey{1, 2, 3}, *this) {}
EngineHarness::~EngineHarness() { ending_ = true; }

void EngineHarness::apply(const std::string& frame, TimePoint decided) {
  auto decoded = decode_record(frame);
  HR_CHECK(decoded.has_value() && decoded->bytes == frame.size());
  last_ = last_.next();
  frames_.push_back(frame);
  if (decoded->stored.size > 0) ++bodies_alive_;
  // The place of a body is its frame and its offset in it.
  const BodyRef body{last_.value() << 16 | decoded->stored.offset,
                     static_cast<std::uint32_t>(decoded->stored.size)};
  if (auto* removed = std::get_if<DeleteRecord>(&decoded->record)) removed->time = decided;
  engine_.apply(decoded->record, body, last_);
}

void EngineHarness::commit(const Record& record) {
  std::string frame;
  encode_record(frame, record);
  apply(frame, now_);
}

void EngineHarness::release(BodyRef) {
  if (ending_) return;
  HR_CHECK(bodies_alive_ > 0);
  --bodies_alive_;
}

Queue& EngineHarness::queue(const std::string& name) {
  Queue* queue = engine_.find(address_of(name));
  HR_CHECK(queue != nullptr);
  return *queue;
}

Result<std::optional<CreateQueueRecord>> EngineHarness::create(const std::string& name,
                                                               const AttributeMap& attributes) {
  auto record = engine_.decide_create({address_of(name), attributes, {}}, now_);
  if (record && record->has_value()) commit(**record);
  return record;
}

Status EngineHarness::set(const std::string& name, const AttributeMap& attributes) {
  const auto record = engine_.decide_set_attributes(queue(name), attributes, now_);
  if (!record) return record.error();
  commit(*record);
  return {};
}

void EngineHarness::remove_queue(const std::string& name) {
  commit(DeleteQueueRecord{queue(name).id(), now_});
}

void EngineHarness::purge(const std::string& name) {
  commit(PurgeQueueRecord{queue(name).id(), now_});
}

Uuid EngineHarness::send(const std::string& name, const std::string& body,
                         std::optional<std::int64_t> delay) {
  const SendEntry entry{content_with(body), delay};
  const auto decision = engine_.decide_send(queue(name), entry, ids_.uuid(), now_);
  HR_CHECK(decision.has_value() && decision->record.has_value());
  commit(*decision->record);
  return decision->result.message_id;
}

Result<SendResult> EngineHarness::send_to_group(const std::string& name, const std::string& group,
                                                const std::string& body,
                                                const std::string& deduplication_id) {
  std::vector<SendEntry> entries(1);
  entries[0].content = content_with(body);
  entries[0].content.group_id = group;
  entries[0].content.deduplication_id = deduplication_id;
  const Status complete = engine_.complete_sends(queue(name), entries);
  if (!complete) return complete.error();
  const auto decision = engine_.decide_send(queue(name), entries[0], ids_.uuid(), now_);
  if (!decision) return decision.error();
  if (decision->record) commit(*decision->record);
  return decision->result;
}

Delivery EngineHarness::delivery_of(const Lease& lease) const {
  const std::string& frame = frames_[(lease.body.place >> 16) - 1];
  const auto stored =
      decode_stored(std::string_view(frame).substr(lease.body.place & 0xffff, lease.body.size));
  HR_CHECK(stored.has_value());
  Delivery delivery;
  delivery.id = lease.new_identity.value_or(stored->message_id);
  delivery.body = stored->content.body;
  delivery.handle = engine_.handles().encode(lease.receipt);
  delivery.sent = lease.sent;
  delivery.first_received = lease.first_received;
  delivery.receive_count = lease.receive_count;
  delivery.source_arn = lease.dead_letter_source_arn;
  delivery.group_id = stored->content.group_id;
  delivery.deduplication_id =
      lease.deduplicates_by_id ? to_string(delivery.id) : stored->content.deduplication_id;
  return delivery;
}

std::vector<Delivery> EngineHarness::receive(const std::string& name, std::size_t max,
                                             std::optional<std::int64_t> visibility,
                                             std::uint64_t event_bytes_max,
                                             const std::string& attempt_id) {
  Queue& from = queue(name);
  ReceiveOrder order;
  order.max_messages = max;
  order.event_bytes_max = event_bytes_max;
  order.attempt_id = attempt_id;
  order.visibility =
      std::chrono::seconds(visibility.value_or(from.attributes().visibility_timeout));
  std::vector<Delivery> deliveries;
  while (deliveries.empty()) {
    const auto record = engine_.decide_receive(from, order, now_);
    if (!record) break;
    commit(*record);
    for (const Sequence sequence : record->leased) {
      deliveries.push_back(delivery_of(engine_.lease_of(from, sequence)));
    }
  }
  return deliveries;
}

Status EngineHarness::remove(const std::string& name, const std::string& handle) {
  const auto record = engine_.decide_delete(queue(name), handle, now_);
  if (!record) return record.error();
  if (record->has_value()) commit(**record);
  return {};
}

Status EngineHarness::change(const std::string& name, const std::string& handle,
                             std::int64_t seconds) {
  const auto record = engine_.decide_change_visibility(queue(name), {handle, seconds}, now_);
  if (!record) return record.error();
  commit(*record);
  return {};
}

std::uint64_t EngineHarness::redrive(const std::string& from,
                                     const std::optional<std::string>& to) {
  std::uint64_t without_source = 0;
  Queue* destination = to ? &queue(*to) : nullptr;
  const auto record =
      engine_.decide_move(queue(from), destination, 100, now_, ids_, without_source);
  if (!record) return 0;
  commit(*record);
  return record->moves.size();
}

void EngineHarness::put(const std::string& key, const std::string& bytes) {
  commit(DocumentRecord{key, bytes});
}

void EngineHarness::copy_body(const std::string& name) {
  Queue& from = queue(name);
  const Entry* entry = from.messages().first_from(Sequence(0));
  if (entry == nullptr) return;
  const std::string& frame = frames_[(entry->body_place >> 16) - 1];
  commit(BodyCopyRecord{from.id(), entry->sequence,
                        frame.substr(entry->body_place & 0xffff, entry->body_size)});
}

void EngineHarness::advance(Duration duration) {
  now_ += duration;
  settle_time();
}

void EngineHarness::settle_time() {
  while (engine_.advance_to(now_, 64)) {
  }
}

QueueDescription EngineHarness::describe(const std::string& name) { return queue(name).describe(); }

std::vector<EngineHarness::Seen> EngineHarness::peek(const std::string& name) {
  std::vector<Seen> seen;
  Queue& from = queue(name);
  for (Entry* entry = from.messages().first_from(Sequence(0)); entry != nullptr;
       entry = from.messages().first_from(entry->sequence.next())) {
    Seen one{delivery_of(engine_.view_of(from, *entry)), entry->state, entry->due()};
    if (entry->state == MessageState::kVisible) one.due = {};
    seen.push_back(std::move(one));
  }
  return seen;
}

void EngineHarness::begin_snapshot() {
  snapshot_ = SnapshotEncoder();
  chunks_.clear();
  snapshot_lsn_ = last_;
  snapshot_last_queue_ = engine_.last_queue_id();
  engine_.begin_snapshot();
}

// Every slice is a chunk of its own.
bool EngineHarness::take_slice(std::size_t budget) {
  const bool more = engine_.snapshot_slice(snapshot_, budget);
  if (!more) snapshot_.add_end(snapshot_last_queue_, now_);
  chunks_.push_back(snapshot_.take_payload());
  return more;
}

std::unique_ptr<EngineHarness> EngineHarness::restored() const {
  auto copy = std::make_unique<EngineHarness>();
  copy->frames_.assign(frames_.begin(),
                       frames_.begin() + static_cast<std::ptrdiff_t>(snapshot_lsn_.value()));
  copy->last_ = snapshot_lsn_;
  const auto restore = [&copy, this](const SnapshotItem& item) {
    copy->engine_.restore(item, snapshot_lsn_);
  };
  for (const std::string& chunk : chunks_) HR_CHECK(decode_snapshot(chunk, restore));
  copy->bodies_alive_ = copy->engine_.message_count();
  for (std::size_t i = snapshot_lsn_.value(); i < frames_.size(); ++i) copy->apply(frames_[i]);
  copy->now_ = now_;
  copy->settle_time();
  return copy;
}

std::unique_ptr<EngineHarness> EngineHarness::replayed() const {
  auto copy = std::make_unique<EngineHarness>();
  for (const std::string& frame : frames_) copy->apply(frame);
  copy->now_ = now_;
  copy->settle_time();
  return copy;
}

}  // namespace headrace::queue

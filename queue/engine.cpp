#include "queue/engine.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/mutant.hpp"
#include "queue/limits.hpp"

namespace headrace::queue {

Engine::Engine(const StoreKeys& keys, BodyOwner& bodies, Cooldowns cooldowns)
    : handles_(keys.handles), hasher_(keys.texts), bodies_(bodies), cooldowns_(cooldowns) {}
Engine::~Engine() {
  for (auto& [id, queue] : queues_) purged_.push_back(queue->purge());
  free_purged(SIZE_MAX);
}

Queue* Engine::find(const QueueAddress& address) {
  const auto found = addresses_.find(address);
  return found == addresses_.end() ? nullptr : find(found->second);
}

Queue* Engine::find(QueueId id) {
  const auto found = queues_.find(id);
  return found == queues_.end() ? nullptr : found->second.get();
}

Queue& Engine::existing(QueueId id) {
  Queue* queue = find(id);
  HR_CHECK(queue != nullptr);
  return *queue;
}

namespace {

bool allows_source(const QueueAttributes& dead_letter, const QueueAddress& source) {
  if (!dead_letter.redrive_allow_policy) return true;
  const RedriveAllowPolicy& policy = *dead_letter.redrive_allow_policy;
  switch (policy.permission) {
    case RedriveAllowPolicy::Permission::kAllowAll: return true;
    case RedriveAllowPolicy::Permission::kDenyAll: return false;
    case RedriveAllowPolicy::Permission::kByQueue: break;
  }
  const auto& arns = policy.source_queue_arns;
  return std::find(arns.begin(), arns.end(), to_arn(source)) != arns.end();
}

}  // namespace

Status Engine::check_redrive_target(const QueueAddress& source, const QueueAttributes& attributes) {
  if (!attributes.redrive_policy) return {};
  const auto refuse = [&attributes](const std::string& reason) {
    return invalid_parameter(attributes.to_map()["RedrivePolicy"], "RedrivePolicy", reason);
  };
  QueueAddress target;
  if (!parse_arn(attributes.redrive_policy->dead_letter_target_arn, target)) {
    return refuse("Only SQS queues are valid resources for deadLetterTargetArn.");
  }
  if (target.account != source.account) {
    return refuse("Dead-letter target owner should be same as the source.");
  }
  const Queue* dead_letter = find(target);
  if (target == source || target.region != source.region || dead_letter == nullptr) {
    return refuse("Dead letter target does not exist.");
  }
  if (dead_letter->is_fifo() != attributes.fifo_queue) {
    return refuse(
        "Dead-letter queue must be same type of queue as the source..");  // AWS: both dots
  }
  if (!allows_source(dead_letter->attributes(), source)) {
    return refuse("The dead-letter queue's redrive allow policy does not allow this source queue.");
  }
  return {};
}

Result<std::optional<CreateQueueRecord>> Engine::decide_create(const CreateQueueRequest& request,
                                                               TimePoint now) {
  Queue* queue = find(request.address);
  QueueAttributes attributes = queue != nullptr ? queue->attributes() : QueueAttributes();
  const Status valid = queue != nullptr ? attributes.set(request.attributes)
                                        : attributes.set_at_creation(request.attributes);
  if (!valid) return valid.error();
  if (queue != nullptr) {
    // Equal means: every given attribute has the value the queue has now (spec 4.3).
    AttributeMap given = attributes.to_map();
    AttributeMap current = queue->attributes().to_map();
    for (const auto& [name, value] : request.attributes) {
      if (given[name] == current[name]) continue;
      return Error{
          ErrorCode::kQueueNameExists,
          "A queue already exists with the same name and a different value for attribute " + name};
    }
    return std::optional<CreateQueueRecord>();
  }
  if (const Status status = check_redrive_target(request.address, attributes); !status) {
    return status.error();
  }
  if (const auto deleted = deleted_at_.find(request.address);
      deleted != deleted_at_.end() &&
      now < deleted->second + std::chrono::seconds(kRecreateIntervalSeconds)) {
    return Error{ErrorCode::kQueueDeletedRecently,
                 "You must wait 60 seconds after deleting a queue before you can create another "
                 "with the same name."};
  }
  if (queues_.size() >= kQueuesMax) {
    return Error{ErrorCode::kRequestThrottled, "This server holds as many queues as it may."};
  }
  CreateQueueRecord record{};
  record.queue = last_queue_id_.next();
  record.time = now;
  record.address = request.address;
  record.attributes = attributes.to_map();
  record.tags = request.tags;
  return std::optional<CreateQueueRecord>(std::move(record));
}

Result<SetAttributesRecord> Engine::decide_set_attributes(Queue& queue, const AttributeMap& given,
                                                          TimePoint now) {
  QueueAttributes attributes = queue.attributes();
  if (const Status status = attributes.set(given); !status) return status.error();
  if (given.contains("RedrivePolicy")) {
    const Status status = check_redrive_target(queue.address(), attributes);
    if (!status) return status.error();
  }
  SetAttributesRecord record{};
  record.queue = queue.id();
  record.time = now;
  record.attributes = attributes.to_map();
  return record;
}

Result<std::optional<SetTagsRecord>> Engine::decide_change_tags(const Queue& queue,
                                                                const ChangeTagsRequest& request) {
  SetTagsRecord record{queue.id(), queue.tags()};
  for (const auto& [key, value] : request.set) record.tags.insert_or_assign(key, value);
  for (const std::string& key : request.removed) record.tags.erase(key);
  if (record.tags.size() > kTagsMax) return too_many_tags(queue.address().name);
  if (record.tags == queue.tags()) return std::optional<SetTagsRecord>();
  return std::optional<SetTagsRecord>(std::move(record));
}

Result<SetAttributesRecord> Engine::decide_add_permission(Queue& queue,
                                                          const PolicyStatement& statement,
                                                          TimePoint now) {
  auto policy = headrace::queue::add_permission(queue.attributes().policy, to_arn(queue.address()),
                                                statement);
  if (!policy) return policy.error();
  return decide_set_attributes(queue, {{"Policy", std::move(*policy)}}, now);
}

Result<SetAttributesRecord> Engine::decide_remove_permission(Queue& queue, const std::string& label,
                                                             TimePoint now) {
  auto policy = headrace::queue::remove_permission(queue.attributes().policy, label);
  if (!policy) return policy.error();
  return decide_set_attributes(queue, {{"Policy", std::move(*policy)}}, now);
}

Result<PurgeQueueRecord> Engine::decide_purge(const Queue& queue, TimePoint now) {
  const auto purged = purged_at_.find(queue.id());
  if (purged != purged_at_.end() &&
      now < purged->second + std::chrono::seconds(kPurgeIntervalSeconds)) {
    return Error{ErrorCode::kPurgeQueueInProgress, "Only one PurgeQueue operation on " +
                                                       queue.address().name +
                                                       " is allowed every 60 seconds."};
  }
  return PurgeQueueRecord{queue.id(), now};
}

Status Engine::complete_sends(const Queue& queue, std::vector<SendEntry>& entries) {
  if (!queue.is_fifo()) return {};
  for (SendEntry& entry : entries) {
    MessageContent& content = entry.content;
    if (content.group_id.empty()) return missing_parameter("MessageGroupId");
    if (!content.deduplication_id.empty()) continue;
    if (!queue.attributes().content_based_deduplication) {
      return Error{ErrorCode::kInvalidParameterValue,
                   "The queue should either have ContentBasedDeduplication enabled or "
                   "MessageDeduplicationId provided explicitly"};
    }
    content.deduplication_id =
        entry.body_sha256.empty() ? hex(sha256(content.body)) : entry.body_sha256;
  }
  return {};
}

namespace {

Status check_type_rules(const Queue& queue, const SendEntry& entry) {
  if (queue.is_fifo() && entry.delay_seconds.value_or(0) > 0) {
    return invalid_parameter(std::to_string(*entry.delay_seconds), "DelaySeconds",
                             "The request include parameter that is not valid for this queue "
                             "type.");
  }
  if (!queue.is_fifo() && !entry.content.deduplication_id.empty()) {
    return Error{ErrorCode::kInvalidParameterValue,
                 "The request include parameter MessageDeduplicationId which is not valid for "
                 "this queue type"};
  }
  return {};
}

Duration delay_of(const Queue& queue, const SendEntry& entry) {
  const std::int64_t of_queue = queue.attributes().delay_seconds;
  // Spec 5.5: on a FIFO queue only the queue's delay counts, also against an explicit 0.
  return std::chrono::seconds(queue.is_fifo() ? of_queue : entry.delay_seconds.value_or(of_queue));
}

}  // namespace

Result<SendDecision> Engine::decide_send(Queue& queue, const SendEntry& entry, const Uuid& id,
                                         TimePoint now) {
  if (const Status type = check_type_rules(queue, entry); !type) return type.error();
  const std::int64_t size_max = queue.attributes().maximum_message_size;
  if (message_size(entry.content) > size_max) {
    return Error{ErrorCode::kInvalidParameterValue,
                 "One or more parameters are invalid. Reason: Message must be shorter than " +
                     std::to_string(size_max) + " bytes."};
  }
  const MessageContent& content = entry.content;
  if (content.trace_header.size() + content.sender_id.size() + content.group_id.size() +
          content.deduplication_id.size() >
      kSystemTextBytesMax) {
    return Error{ErrorCode::kInvalidParameterValue,
                 "One or more parameters are invalid. Reason: The system attributes of a message "
                 "must be shorter than " +
                     std::to_string(kSystemTextBytesMax) + " bytes."};
  }
  if (queue.is_fifo()) {
    const auto original = queue.find_duplicate(content.deduplication_id, content.group_id, now);
    if (original) {
      const Sequence told = HR_MUTANT(29) ? queue.next_sequence() : original->sequence;
      return SendDecision{{}, {original->message_id, told}};
    }
    if (!queue.deduplication().has_room(now)) {
      return Error{ErrorCode::kRequestThrottled,
                   "This queue remembers as many sends for deduplication as it may."};
    }
  }
  SendRecord record{};
  record.queue = queue.id();
  record.sequence = queue.next_sequence();
  record.sent = now;
  record.available = now + delay_of(queue, entry);
  record.event_bytes = event_size(content);
  record.message_id = id;
  record.group_id = content.group_id;
  record.deduplication_id = content.deduplication_id;
  record.content = &content;
  SendDecision decision{record, {id, std::nullopt}};
  if (queue.is_fifo()) decision.result.sequence = record.sequence;
  return decision;
}

Queue* Engine::dead_letter_queue_of(const Queue& queue) {
  if (!queue.attributes().redrive_policy) return nullptr;
  QueueAddress target;
  if (!parse_arn(queue.attributes().redrive_policy->dead_letter_target_arn, target)) return nullptr;
  return find(target);
}

std::optional<ReceiveRecord> Engine::decide_receive(Queue& queue, const ReceiveOrder& order,
                                                    TimePoint now) {
  return queue.decide_receive(order, now, dead_letter_queue_of(queue));
}

namespace {

// Spec 6.3: an undecodable handle and another queue's handle have texts of their own.
Result<Receipt> check_handle(const ReceiptHandles& handles, const Queue& queue,
                             const std::string& handle) {
  const auto receipt = handles.decode(handle);
  if (!receipt) {
    return Error{ErrorCode::kReceiptHandleIsInvalid,
                 "The input receipt handle \"" + handle + "\" is not a valid receipt handle."};
  }
  if (receipt->queue != queue.id()) {
    return Error{ErrorCode::kReceiptHandleIsInvalid,
                 "The receipt handle \"" + handle + "\" is not valid for this queue."};
  }
  return *receipt;
}

Error handle_expired(const std::string& handle) {
  return invalid_parameter(handle, "ReceiptHandle", "The receipt handle has expired.");
}

}  // namespace

Result<std::optional<DeleteRecord>> Engine::decide_delete(Queue& queue, const std::string& handle,
                                                          TimePoint now) {
  const auto receipt = check_handle(handles_, queue, handle);
  if (!receipt) return receipt.error();
  // Spec 6.4: on a standard queue an older handle deletes too, and a gone message is a success.
  const Entry* message = queue.find_live(*receipt, now);
  if (message == nullptr) return std::optional<DeleteRecord>();
  if (queue.is_fifo() && !queue.holds(*message, *receipt, now) && !HR_MUTANT(27)) {
    return handle_expired(handle);
  }
  return std::optional<DeleteRecord>(DeleteRecord{queue.id(), receipt->sequence, now});
}

Result<ChangeVisibilityRecord> Engine::decide_change_visibility(Queue& queue,
                                                                const VisibilityEntry& entry,
                                                                TimePoint now) {
  const auto receipt = check_handle(handles_, queue, entry.receipt_handle);
  if (!receipt) return receipt.error();
  const Entry* message = queue.find_live(*receipt, now);
  if (message == nullptr) {
    return invalid_parameter(
        entry.receipt_handle, "ReceiptHandle",
        "Message does not exist or is not available for visibility timeout change.");
  }
  if (queue.is_fifo() && !queue.holds(*message, *receipt, now)) {
    return handle_expired(entry.receipt_handle);
  }
  const TimePoint until = now + std::chrono::seconds(entry.visibility_timeout);
  const TimePoint received = message->sent() + Duration(message->last_received_after_ms);
  if (until - received > std::chrono::seconds(kVisibilityTimeoutMax)) {
    return invalid_parameter(
        std::to_string(entry.visibility_timeout), "VisibilityTimeout",
        "Total VisibilityTimeout for the message is beyond the limit [43200 seconds].");
  }
  return ChangeVisibilityRecord{queue.id(), receipt->sequence, now, until};
}

std::optional<MoveRecord> Engine::decide_move(Queue& source, Queue* destination,
                                              std::size_t max_messages, TimePoint now, Random& ids,
                                              std::uint64_t& without_source) {
  MoveRecord record{};
  record.queue = source.id();
  record.time = now;
  std::map<QueueId, std::uint64_t> arriving;
  without_source = 0;
  for (Entry* entry = source.messages().first_deliverable();
       entry != nullptr && record.moves.size() < max_messages;
       entry = source.messages().next_deliverable(*entry)) {
    if (source.expired(*entry, now)) continue;
    Queue* target = destination != nullptr ? destination : find(QueueId(entry->source_queue));
    if (target == nullptr) {
      ++without_source;
      continue;
    }
    const Sequence to(target->next_sequence().value() + arriving[target->id()]++);
    record.moves.push_back(Redrive{entry->sequence, target->id(), to, ids.uuid()});
  }
  if (record.moves.empty()) return std::nullopt;
  return record;
}

Lease Engine::view_of(Queue& queue, const Entry& entry) {
  Lease lease;
  lease.body = entry.body();
  lease.receipt = Receipt{queue.id(), entry.sequence, entry.receive_number};
  lease.fifo = queue.is_fifo();
  lease.sent = entry.sent();
  lease.first_received = entry.sent() + Duration(entry.first_received_after_ms);
  lease.receive_count = entry.receive_count;
  lease.lsn_low = entry.lsn_low;
  if (const Origin* origin = queue.messages().origin(entry)) {
    lease.new_identity = origin->message_id;
    if (origin->sent) {
      lease.sent = *origin->sent;
      lease.first_received = origin->first_received;
      lease.deduplicates_by_id = true;
    }
  }
  if (entry.source_queue != 0) lease.dead_letter_source_arn = arns_[QueueId(entry.source_queue)];
  return lease;
}

ReceivedMessage message_from(const Lease& lease, StoredMessage stored) {
  ReceivedMessage message;
  message.message_id = lease.new_identity.value_or(stored.message_id);
  message.content = std::move(stored.content);
  if (lease.fifo) message.sequence = lease.receipt.sequence;
  if (lease.deduplicates_by_id) message.content.deduplication_id = to_string(message.message_id);
  message.sent = lease.sent;
  message.first_received = lease.first_received;
  message.receive_count = lease.receive_count;
  message.dead_letter_source_arn = lease.dead_letter_source_arn;
  message.place = Place{lease.receipt.queue, lease.receipt.sequence};
  return message;
}

Lease Engine::lease_of(Queue& queue, Sequence sequence) {
  const Entry* entry = queue.messages().find(sequence);
  HR_CHECK(entry != nullptr);
  return view_of(queue, *entry);
}

bool Engine::is_dead_letter_queue(const QueueAddress& address) const {
  return sources_.contains(to_arn(address));
}

ListQueuesResult Engine::list_sources(const ListSourcesRequest& request) const {
  ListQueuesResult result;
  const auto found = sources_.find(to_arn(request.address));
  if (found == sources_.end()) return result;
  for (const QueueAddress& source : found->second) {
    if (source.name <= request.after) continue;
    if (result.queues.size() == request.limit) {
      result.more = true;
      break;
    }
    result.queues.push_back(source);
  }
  return result;
}

ListQueuesResult Engine::list(const ListQueuesRequest& request) const {
  ListQueuesResult result;
  const std::string& start = std::max(request.name_prefix, request.after);
  for (auto it = addresses_.lower_bound(QueueAddress{request.region, request.account, start});
       it != addresses_.end(); ++it) {
    const QueueAddress& address = it->first;
    if (address.region != request.region || address.account != request.account) break;
    if (!address.name.starts_with(request.name_prefix)) break;
    if (!request.after.empty() && address.name <= request.after) continue;
    if (result.queues.size() == request.limit) {
      result.more = true;
      break;
    }
    result.queues.push_back(address);
  }
  return result;
}

}  // namespace headrace::queue

#include "queue/local_broker.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/mutant.hpp"
#include "queue/limits.hpp"

namespace headrace::queue {

LocalBroker::LocalBroker(boost::asio::io_context& loop, Clock& clock, Engine& engine,
                         Journal& journal, std::uint64_t id_seed)
    : loop_(loop),
      clock_(clock),
      engine_(engine),
      journal_(journal),
      ids_(id_seed),
      move_tasks_(loop.get_executor(), clock, engine, journal, ids_, [this](const Record& record) {
        const Lsn lsn = commit(record);
        settle();
        return lsn;
      }) {}

LocalBroker::~LocalBroker() {
  if (armed_for_ != kForever) clock_.cancel(timer_);
}

// The step every change takes.
Lsn LocalBroker::commit(const Record& record) {
  const Appended appended = journal_.append(record);
  engine_.apply(record, appended.body, appended.lsn);
  if (observer_ != nullptr) tell_moves(record);
  return appended.lsn;
}

// The answer is true because a queue was deleted or never created: as durable as that.
Broker::Awaitable<Error> LocalBroker::missing_queue() {
  co_await journal_.wait_durable(engine_.control_lsn());
  co_return queue_does_not_exist();
}

Broker::Awaitable<Result<Queue*>> LocalBroker::find_to_change(const QueueAddress& address) {
  const Status room = co_await journal_.room(RoomFor::kOther);
  if (!room) co_return room.error();
  Queue* queue = engine_.find(address);
  if (queue == nullptr) {
    Error error = co_await missing_queue();
    co_return error;
  }
  co_return queue;
}

Broker::Awaitable<Result<QueueAddress>> LocalBroker::create_queue(CreateQueueRequest request) {
  const Status room = co_await journal_.room(RoomFor::kOther);
  if (!room) co_return room.error();
  const auto record = engine_.decide_create(request, clock_.now());
  if (record && record->has_value()) commit(**record);
  // Also a refusal tells what queues there are.
  co_await journal_.wait_durable(engine_.control_lsn());
  if (!record) co_return record.error();
  co_return request.address;
}

Broker::Awaitable<Status> LocalBroker::delete_queue(QueueAddress address) {
  const Result<Queue*> queue = co_await find_to_change(address);
  if (!queue) co_return queue.error();
  move_tasks_.forget(to_arn(address));
  const Lsn lsn = commit(DeleteQueueRecord{(*queue)->id(), clock_.now()});
  settle();
  co_await journal_.wait_durable(lsn);
  co_return Status();
}

Broker::Awaitable<Status> LocalBroker::purge_queue(QueueAddress address) {
  const Result<Queue*> queue = co_await find_to_change(address);
  if (!queue) co_return queue.error();
  const QueueId id = (*queue)->id();
  const auto record = engine_.decide_purge(**queue, clock_.now());
  if (!record) {
    co_await journal_.wait_durable(journal_.last());  // the refusal tells of the purge before
    co_return record.error();
  }
  const Lsn lsn = commit(*record);
  if (HR_MUTANT(13)) {
    clock_.call_at(clock_.now() + std::chrono::seconds(1), [this, id] {
      if (engine_.find(id) != nullptr) commit(PurgeQueueRecord{id, clock_.now()});
    });
  }
  settle();
  co_await journal_.wait_durable(lsn);
  co_return Status();
}

Broker::Awaitable<Result<QueueDescription>> LocalBroker::describe_queue(QueueAddress address) {
  Queue* queue = engine_.find(address);
  if (queue == nullptr) {
    Error error = co_await missing_queue();
    co_return error;
  }
  QueueDescription description = queue->describe();
  co_await journal_.wait_durable(engine_.control_lsn());
  co_return description;
}

Broker::Awaitable<Status> LocalBroker::set_attributes(QueueAddress address,
                                                      AttributeMap attributes) {
  return change_attributes(std::move(address),
                           [this, attributes = std::move(attributes)](Queue& queue) {
                             return engine_.decide_set_attributes(queue, attributes, clock_.now());
                           });
}

Broker::Awaitable<Status> LocalBroker::change_attributes(
    QueueAddress address, std::function<Result<SetAttributesRecord>(Queue& queue)> decide) {
  const Result<Queue*> queue = co_await find_to_change(address);
  if (!queue) co_return queue.error();
  const auto record = decide(**queue);
  if (HR_MUTANT(3)) {
    co_await journal_.wait_durable(journal_.last());
    if (record && engine_.find(record->queue) == nullptr) co_return queue_does_not_exist();
  }
  if (!record) {
    co_await journal_.wait_durable(engine_.control_lsn());
    co_return record.error();
  }
  const Lsn lsn = commit(*record);
  settle();
  co_await journal_.wait_durable(lsn);
  co_return Status();
}

Broker::Awaitable<ListQueuesResult> LocalBroker::list_queues(ListQueuesRequest request) {
  ListQueuesResult result = engine_.list(request);
  co_await journal_.wait_durable(engine_.control_lsn());
  co_return result;
}

Broker::Awaitable<Result<ListQueuesResult>> LocalBroker::list_sources(ListSourcesRequest request) {
  if (engine_.find(request.address) == nullptr) {
    Error error = co_await missing_queue();
    co_return error;
  }
  ListQueuesResult result = engine_.list_sources(request);
  co_await journal_.wait_durable(engine_.control_lsn());
  co_return result;
}

Broker::Awaitable<Status> LocalBroker::change_tags(ChangeTagsRequest request) {
  const Result<Queue*> queue = co_await find_to_change(request.address);
  if (!queue) co_return queue.error();
  const auto record = engine_.decide_change_tags(**queue, request);
  if (record && record->has_value()) commit(**record);
  co_await journal_.wait_durable(engine_.control_lsn());
  if (!record) co_return record.error();
  co_return Status();
}

Broker::Awaitable<Status> LocalBroker::add_permission(AddPermissionRequest request) {
  return change_attributes(std::move(request.address), [this, request](Queue& queue) {
    return engine_.decide_add_permission(queue, request.statement, clock_.now());
  });
}

Broker::Awaitable<Status> LocalBroker::remove_permission(RemovePermissionRequest request) {
  return change_attributes(std::move(request.address), [this, request](Queue& queue) {
    return engine_.decide_remove_permission(queue, request.label, clock_.now());
  });
}

Broker::Awaitable<Result<std::string>> LocalBroker::start_move_task(StartMoveTaskRequest request) {
  return move_tasks_.start(std::move(request));
}

Broker::Awaitable<Result<std::uint64_t>> LocalBroker::cancel_move_task(std::string handle) {
  return move_tasks_.cancel(std::move(handle));
}

Broker::Awaitable<Result<std::vector<MoveTask>>> LocalBroker::list_move_tasks(
    std::string source_arn, std::size_t limit) {
  return move_tasks_.list(std::move(source_arn), limit);
}

Broker::Awaitable<Result<std::vector<Result<SendResult>>>> LocalBroker::send(SendRequest request) {
  const Status room = co_await journal_.room(RoomFor::kSend);
  if (!room) co_return room.error();
  Queue* queue = engine_.find(request.address);
  if (queue == nullptr) {
    Error error = co_await missing_queue();
    co_return error;
  }
  if (const Status complete = engine_.complete_sends(*queue, request.entries); !complete) {
    co_return complete.error();
  }
  const TimePoint now = clock_.now();
  std::vector<Result<SendResult>> results;
  results.reserve(request.entries.size());
  Lsn lsn{};
  for (const SendEntry& entry : request.entries) {
    const auto decision = engine_.decide_send(*queue, entry, ids_.uuid(), now);
    if (!decision) {
      results.emplace_back(decision.error());
      continue;
    }
    // A duplicate's answer tells of the first send: as durable as that.
    lsn = decision->record ? commit(*decision->record) : HR_MUTANT(25) ? lsn : journal_.last();
    results.emplace_back(decision->result);
  }
  settle();
  co_await journal_.wait_durable(lsn);
  co_return results;
}

Broker::Awaitable<Result<std::vector<Status>>> LocalBroker::remove(DeleteRequest request) {
  const Status room = co_await journal_.room(RoomFor::kOther);
  if (!room) co_return room.error();
  Queue* queue = engine_.find(request.address);
  if (queue == nullptr) {
    Error error = co_await missing_queue();
    co_return error;
  }
  const TimePoint now = clock_.now();
  std::vector<Status> results;
  results.reserve(request.receipt_handles.size());
  Lsn lsn{};
  for (const std::string& handle : request.receipt_handles) {
    const auto record = engine_.decide_delete(*queue, handle, now);
    if (!record) {
      results.emplace_back(record.error());
      continue;
    }
    // A message that is gone already went by an earlier record: the answer is as durable as that.
    lsn = record->has_value() ? commit(**record) : HR_MUTANT(5) ? lsn : journal_.last();
    results.emplace_back();
  }
  settle();
  co_await journal_.wait_durable(lsn);
  co_return results;
}

Broker::Awaitable<Result<std::vector<Status>>> LocalBroker::change_visibility(
    ChangeVisibilityRequest request) {
  const Status room = co_await journal_.room(RoomFor::kOther);
  if (!room) co_return room.error();
  Queue* queue = engine_.find(request.address);
  if (queue == nullptr) {
    Error error = co_await missing_queue();
    co_return error;
  }
  const TimePoint now = clock_.now();
  std::vector<Status> results;
  results.reserve(request.entries.size());
  Lsn lsn{};
  for (const VisibilityEntry& entry : request.entries) {
    const auto record = engine_.decide_change_visibility(*queue, entry, now);
    if (!record) {
      lsn = std::max(lsn, journal_.last());  // the refusal tells that the message is gone
      results.emplace_back(record.error());
      continue;
    }
    lsn = commit(*record);
    results.emplace_back();
  }
  settle();
  co_await journal_.wait_durable(lsn);
  co_return results;
}

Broker::Awaitable<Result<MoveResult>> LocalBroker::move_messages(MoveRequest request) {
  const Status room = co_await journal_.room(RoomFor::kOther);
  if (!room) co_return room.error();
  Queue* source = engine_.find(request.source);
  Queue* destination = request.destination ? engine_.find(*request.destination) : nullptr;
  if (source == nullptr || (request.destination && destination == nullptr)) {
    Error error = co_await missing_queue();
    co_return error;
  }
  if (source == destination) {
    co_return Error{ErrorCode::kInvalidParameterValue,
                    "Source queue arn and destination queue arn cannot be the same."};
  }
  if (destination != nullptr && destination->is_fifo() != source->is_fifo()) {
    co_return Error{ErrorCode::kInvalidParameterValue,
                    "The source queue and destination queue must be of the same queue type."};
  }
  MoveResult result;
  const std::size_t chunk = std::min(request.max_messages, MoveRequest::kMoveChunk);
  const auto record =
      engine_.decide_move(*source, destination, chunk, clock_.now(), ids_, result.without_source);
  if (!record) co_return result;
  result.moved = record->moves.size();
  const Lsn lsn = commit(*record);
  settle();
  if (HR_MUTANT(20)) co_return result;
  co_await journal_.wait_durable(lsn);
  co_return result;
}

Broker::Awaitable<Status> LocalBroker::put_document(Document document) {
  if (document.key.size() + document.bytes.size() > kDocumentBytesMax) {
    co_return Error{ErrorCode::kInvalidParameterValue, "A document must not be longer than 1 MiB."};
  }
  const Status room = co_await journal_.room(RoomFor::kOther);
  if (!room) co_return room.error();
  const Lsn lsn = commit(DocumentRecord{std::move(document.key), std::move(document.bytes)});
  co_await journal_.wait_durable(lsn);
  co_return Status();
}

Broker::Awaitable<std::optional<std::string>> LocalBroker::get_document(std::string key) {
  std::optional<std::string> bytes;
  const auto found = engine_.documents().find(key);
  if (found != engine_.documents().end()) bytes = found->second;
  co_await journal_.wait_durable(engine_.control_lsn());
  co_return bytes;
}

Broker::Awaitable<std::vector<Document>> LocalBroker::list_documents(std::string prefix) {
  std::vector<Document> documents;
  for (auto it = engine_.documents().lower_bound(prefix);
       it != engine_.documents().end() && it->first.starts_with(prefix); ++it) {
    documents.push_back(Document{it->first, it->second});
  }
  co_await journal_.wait_durable(engine_.control_lsn());
  co_return documents;
}

}  // namespace headrace::queue

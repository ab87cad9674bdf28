#include "tests/support/fake_broker.hpp"

namespace headrace::queue {

Status FakeBroker::check(const QueueAddress& address) const {
  if (!queues.contains(address)) return queue_does_not_exist();
  if (refusal) return *refusal;
  return {};
}

Broker::Awaitable<Result<QueueAddress>> FakeBroker::create_queue(CreateQueueRequest request) {
  created.push_back(request);
  if (refusal) co_return *refusal;
  co_return request.address;
}

Broker::Awaitable<Status> FakeBroker::delete_queue(QueueAddress address) {
  deleted_queues.push_back(address);
  co_return check(address);
}

Broker::Awaitable<Status> FakeBroker::purge_queue(QueueAddress address) {
  purged.push_back(address);
  co_return check(address);
}

Broker::Awaitable<Result<QueueDescription>> FakeBroker::describe_queue(QueueAddress address) {
  described.push_back(address);
  if (!queues.contains(address)) co_return queue_does_not_exist();
  QueueDescription answer = description;
  answer.address = address;
  co_return answer;
}

Broker::Awaitable<Status> FakeBroker::set_attributes(QueueAddress address,
                                                     AttributeMap attributes) {
  attributes_set.push_back(std::move(attributes));
  co_return check(address);
}

Broker::Awaitable<ListQueuesResult> FakeBroker::list_queues(ListQueuesRequest request) {
  listed.push_back(std::move(request));
  co_return list;
}

Broker::Awaitable<Result<ListQueuesResult>> FakeBroker::list_sources(ListSourcesRequest request) {
  sources_listed.push_back(request);
  if (const Status known = check(request.address); !known) co_return known.error();
  co_return list;
}

Broker::Awaitable<Status> FakeBroker::change_tags(ChangeTagsRequest request) {
  tags_changed.push_back(request);
  co_return check(request.address);
}

Broker::Awaitable<Status> FakeBroker::add_permission(AddPermissionRequest request) {
  permissions_added.push_back(request.statement);
  co_return check(request.address);
}

Broker::Awaitable<Status> FakeBroker::remove_permission(RemovePermissionRequest request) {
  permissions_removed.push_back(request.label);
  co_return check(request.address);
}

Broker::Awaitable<Result<std::string>> FakeBroker::start_move_task(StartMoveTaskRequest request) {
  move_tasks_started.push_back(request);
  if (refusal) co_return *refusal;
  std::string handle = "handle";
  co_return handle;
}

Broker::Awaitable<Result<std::uint64_t>> FakeBroker::cancel_move_task(std::string handle) {
  move_tasks_cancelled.push_back(handle);
  if (refusal) co_return *refusal;
  co_return std::uint64_t{7};
}

Broker::Awaitable<Result<std::vector<MoveTask>>> FakeBroker::list_move_tasks(std::string source_arn,
                                                                             std::size_t limit) {
  move_tasks_listed.emplace_back(source_arn, limit);
  if (refusal) co_return *refusal;
  co_return move_tasks;
}

Broker::Awaitable<Result<std::vector<Result<SendResult>>>> FakeBroker::send(SendRequest request) {
  const Status status = check(request.address);
  std::vector<Result<SendResult>> results = send_results;
  if (results.empty()) results.resize(request.entries.size());
  sent.push_back(std::move(request));
  if (!status) co_return status.error();
  co_return results;
}

Broker::Awaitable<Result<std::vector<ReceivedMessage>>> FakeBroker::receive(
    ReceiveRequest request, Cancellation& cancelled) {
  cancellation = &cancelled;
  const Status status = check(request.address);
  received.push_back(std::move(request));
  if (!status) co_return status.error();
  co_return messages;
}

Broker::Awaitable<Result<std::vector<Status>>> FakeBroker::remove(DeleteRequest request) {
  const Status status = check(request.address);
  std::vector<Status> results = statuses;
  if (results.empty()) results.resize(request.receipt_handles.size());
  removed.push_back(std::move(request));
  if (!status) co_return status.error();
  co_return results;
}

Broker::Awaitable<Result<std::vector<Status>>> FakeBroker::change_visibility(
    ChangeVisibilityRequest request) {
  const Status status = check(request.address);
  std::vector<Status> results = statuses;
  if (results.empty()) results.resize(request.entries.size());
  visibility_changed.push_back(std::move(request));
  if (!status) co_return status.error();
  co_return results;
}

Broker::Awaitable<Result<std::vector<PeekedMessage>>> FakeBroker::peek(PeekRequest request) {
  const Status status = check(request.address);
  peeks.push_back(std::move(request));
  if (!status) co_return status.error();
  co_return peeked;
}

// The SQS face uses none of these.
Broker::Awaitable<Result<std::uint64_t>> FakeBroker::wait_visible(WaitRequest, Cancellation&) {
  co_return std::uint64_t{0};
}

Broker::Awaitable<Result<MoveResult>> FakeBroker::move_messages(MoveRequest) {
  co_return MoveResult();
}

Broker::Awaitable<Status> FakeBroker::put_document(Document) {
  Status status;
  co_return status;
}

Broker::Awaitable<std::optional<std::string>> FakeBroker::get_document(std::string) {
  co_return std::nullopt;
}

Broker::Awaitable<std::optional<FoundMessage>> FakeBroker::find_message(FindMessageRequest,
                                                                        Cancellation&) {
  co_return std::nullopt;
}

Broker::Awaitable<std::vector<Document>> FakeBroker::list_documents(std::string) {
  co_return std::vector<Document>();
}

}  // namespace headrace::queue

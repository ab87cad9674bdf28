// FakeBroker: a Broker that records what it is asked and answers what a test has put into it.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "queue/broker.hpp"

namespace headrace::queue {

class FakeBroker final : public Broker {
 public:
  // What it was asked.
  std::vector<CreateQueueRequest> created;
  std::vector<QueueAddress> deleted_queues;
  std::vector<QueueAddress> purged;
  std::vector<QueueAddress> described;
  std::vector<AttributeMap> attributes_set;
  std::vector<ListQueuesRequest> listed;
  std::vector<SendRequest> sent;
  std::vector<ReceiveRequest> received;
  std::vector<PeekRequest> peeks;
  std::vector<DeleteRequest> removed;
  std::vector<ChangeVisibilityRequest> visibility_changed;
  std::vector<ListSourcesRequest> sources_listed;
  std::vector<ChangeTagsRequest> tags_changed;
  std::vector<PolicyStatement> permissions_added;
  std::vector<std::string> permissions_removed;
  std::vector<StartMoveTaskRequest> move_tasks_started;
  std::vector<std::string> move_tasks_cancelled;
  std::vector<std::pair<std::string, std::size_t>> move_tasks_listed;
  Cancellation* cancellation = nullptr;  // of the last receive

  // What it answers. A queue that is not in `queues` does not exist.
  std::set<QueueAddress> queues;
  QueueDescription description;
  std::optional<Error> refusal;  // of create, purge, set, and whole requests
  ListQueuesResult list;         // of queues and of sources
  std::vector<MoveTask> move_tasks;
  std::vector<Result<SendResult>> send_results;  // when empty, every entry gets the zero id
  std::vector<ReceivedMessage> messages;
  std::vector<PeekedMessage> peeked;
  std::vector<Status> statuses;  // of remove and change_visibility; when empty, all succeed

  Awaitable<Result<QueueAddress>> create_queue(CreateQueueRequest request) override;
  Awaitable<Status> delete_queue(QueueAddress address) override;
  Awaitable<Status> purge_queue(QueueAddress address) override;
  Awaitable<Result<QueueDescription>> describe_queue(QueueAddress address) override;
  Awaitable<Status> set_attributes(QueueAddress address, AttributeMap attributes) override;
  Awaitable<ListQueuesResult> list_queues(ListQueuesRequest request) override;
  Awaitable<Result<ListQueuesResult>> list_sources(ListSourcesRequest request) override;
  Awaitable<Status> change_tags(ChangeTagsRequest request) override;
  Awaitable<Status> add_permission(AddPermissionRequest request) override;
  Awaitable<Status> remove_permission(RemovePermissionRequest request) override;
  Awaitable<Result<std::vector<Result<SendResult>>>> send(SendRequest request) override;
  Awaitable<Result<std::vector<ReceivedMessage>>> receive(ReceiveRequest request,
                                                          Cancellation& cancelled) override;
  Awaitable<Result<std::uint64_t>> wait_visible(WaitRequest request,
                                                Cancellation& cancelled) override;
  Awaitable<Result<std::vector<Status>>> remove(DeleteRequest request) override;
  Awaitable<Result<std::vector<Status>>> change_visibility(
      ChangeVisibilityRequest request) override;
  Awaitable<Result<std::vector<PeekedMessage>>> peek(PeekRequest request) override;
  Awaitable<std::optional<FoundMessage>> find_message(FindMessageRequest request,
                                                      Cancellation& cancellation) override;
  Awaitable<Result<MoveResult>> move_messages(MoveRequest request) override;
  Awaitable<Result<std::string>> start_move_task(StartMoveTaskRequest request) override;
  Awaitable<Result<std::uint64_t>> cancel_move_task(std::string handle) override;
  Awaitable<Result<std::vector<MoveTask>>> list_move_tasks(std::string source_arn,
                                                           std::size_t limit) override;
  Awaitable<Status> put_document(Document document) override;
  Awaitable<std::optional<std::string>> get_document(std::string key) override;
  Awaitable<std::vector<Document>> list_documents(std::string prefix) override;

 private:
  Status check(const QueueAddress& address) const;
};

}  // namespace headrace::queue

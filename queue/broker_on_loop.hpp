// BrokerOnLoop: a Broker for callers on other threads. Each call hops once to the broker's loop and
// once back; on the loop itself nothing hops.
#pragma once

#include <boost/asio/io_context.hpp>

#include "queue/broker.hpp"

namespace headrace::queue {

class BrokerOnLoop final : public Broker {
 public:
  BrokerOnLoop(boost::asio::io_context& loop, Broker& broker) : loop_(loop), broker_(broker) {}

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
                                                          Cancellation& cancellation) override;
  Awaitable<Result<std::uint64_t>> wait_visible(WaitRequest request,
                                                Cancellation& cancellation) override;
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
  boost::asio::io_context& loop_;
  Broker& broker_;
};

}  // namespace headrace::queue

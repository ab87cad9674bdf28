// Broker: queues, as everyone above uses them. LocalBroker keeps them in a journal on this machine.
//
// An answer leaves when what it reveals is durable (docs/architecture.md, "What an answer waits
// for"). A request that is refused as a whole changes nothing. Entries of a batch succeed or fail
// alone; the results stand in the order of the entries. Loop thread only; BrokerOnLoop serves other
// threads.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "base/cancellation.hpp"
#include "queue/error.hpp"
#include "queue/move_task.hpp"
#include "queue/requests.hpp"

namespace headrace::queue {

class Broker {
 public:
  template <class T>
  using Awaitable = boost::asio::awaitable<T>;

  virtual ~Broker() = default;

  // Creates, or confirms a queue whose given attributes are equal; QueueNameExists otherwise.
  virtual Awaitable<Result<QueueAddress>> create_queue(CreateQueueRequest request) = 0;
  virtual Awaitable<Status> delete_queue(QueueAddress address) = 0;
  virtual Awaitable<Status> purge_queue(QueueAddress address) = 0;
  virtual Awaitable<Result<QueueDescription>> describe_queue(QueueAddress address) = 0;
  virtual Awaitable<Status> set_attributes(QueueAddress address, AttributeMap attributes) = 0;
  virtual Awaitable<ListQueuesResult> list_queues(ListQueuesRequest request) = 0;
  virtual Awaitable<Result<ListQueuesResult>> list_sources(ListSourcesRequest request) = 0;
  virtual Awaitable<Status> change_tags(ChangeTagsRequest request) = 0;
  virtual Awaitable<Status> add_permission(AddPermissionRequest request) = 0;
  virtual Awaitable<Status> remove_permission(RemovePermissionRequest request) = 0;

  virtual Awaitable<Result<std::vector<Result<SendResult>>>> send(SendRequest request) = 0;

  // Waits up to the wait time for at least one message. A request whose Cancellation fires while it
  // is parked leases nothing and returns empty.
  virtual Awaitable<Result<std::vector<ReceivedMessage>>> receive(ReceiveRequest request,
                                                                  Cancellation& cancellation) = 0;
  // The number of messages a receive could take when the wait ended; on a FIFO queue it may be
  // more. Leases nothing; ends at once when cancelled.
  virtual Awaitable<Result<std::uint64_t>> wait_visible(WaitRequest request,
                                                        Cancellation& cancellation) = 0;
  virtual Awaitable<Result<std::vector<Status>>> remove(DeleteRequest request) = 0;
  virtual Awaitable<Result<std::vector<Status>>> change_visibility(
      ChangeVisibilityRequest request) = 0;

  virtual Awaitable<Result<std::vector<PeekedMessage>>> peek(PeekRequest request) = 0;
  // Long, and in small steps, when the message is in no likely place. Finds nothing more once its
  // Cancellation fires.
  virtual Awaitable<std::optional<FoundMessage>> find_message(FindMessageRequest request,
                                                              Cancellation& cancellation) = 0;
  virtual Awaitable<Result<MoveResult>> move_messages(MoveRequest request) = 0;

  // Redrives that run by themselves (queue/move_tasks.hpp): the task's handle, how many messages
  // a cancelled one had moved, and the newest tasks of a source.
  virtual Awaitable<Result<std::string>> start_move_task(StartMoveTaskRequest request) = 0;
  virtual Awaitable<Result<std::uint64_t>> cancel_move_task(std::string handle) = 0;
  virtual Awaitable<Result<std::vector<MoveTask>>> list_move_tasks(std::string source_arn,
                                                                   std::size_t limit) = 0;

  // An empty value removes the document.
  virtual Awaitable<Status> put_document(Document document) = 0;
  virtual Awaitable<std::optional<std::string>> get_document(std::string key) = 0;
  virtual Awaitable<std::vector<Document>> list_documents(std::string prefix) = 0;
};

}  // namespace headrace::queue

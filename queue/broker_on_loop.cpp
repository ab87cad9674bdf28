#include "queue/broker_on_loop.hpp"

#include <memory>

#include <boost/asio/post.hpp>

#include "base/run_on.hpp"

namespace headrace::queue {

namespace {

// Carries the cancellation of a caller's thread to the broker's loop. Shared, because the request
// may come after the call has ended.
std::shared_ptr<Cancellation> forward(boost::asio::io_context& loop, Cancellation& cancellation) {
  auto remote = std::make_shared<Cancellation>();
  cancellation.on_request(
      [&loop, remote] { boost::asio::post(loop, [remote] { remote->request(); }); });
  return remote;
}

boost::asio::awaitable<Result<std::vector<ReceivedMessage>>> receive_remotely(
    Broker& broker, ReceiveRequest request, std::shared_ptr<Cancellation> remote) {
  auto messages = co_await broker.receive(std::move(request), *remote);
  co_return messages;
}

boost::asio::awaitable<Result<std::uint64_t>> wait_remotely(Broker& broker, WaitRequest request,
                                                            std::shared_ptr<Cancellation> remote) {
  auto visible = co_await broker.wait_visible(std::move(request), *remote);
  co_return visible;
}

boost::asio::awaitable<std::optional<FoundMessage>> find_remotely(
    Broker& broker, FindMessageRequest request, std::shared_ptr<Cancellation> remote) {
  auto found = co_await broker.find_message(std::move(request), *remote);
  co_return found;
}

}  // namespace

Broker::Awaitable<Result<QueueAddress>> BrokerOnLoop::create_queue(CreateQueueRequest request) {
  return run_on(loop_, broker_.create_queue(std::move(request)));
}

Broker::Awaitable<Status> BrokerOnLoop::delete_queue(QueueAddress address) {
  return run_on(loop_, broker_.delete_queue(std::move(address)));
}

Broker::Awaitable<Status> BrokerOnLoop::purge_queue(QueueAddress address) {
  return run_on(loop_, broker_.purge_queue(std::move(address)));
}

Broker::Awaitable<Result<QueueDescription>> BrokerOnLoop::describe_queue(QueueAddress address) {
  return run_on(loop_, broker_.describe_queue(std::move(address)));
}

Broker::Awaitable<Status> BrokerOnLoop::set_attributes(QueueAddress address,
                                                       AttributeMap attributes) {
  return run_on(loop_, broker_.set_attributes(std::move(address), std::move(attributes)));
}

Broker::Awaitable<ListQueuesResult> BrokerOnLoop::list_queues(ListQueuesRequest request) {
  return run_on(loop_, broker_.list_queues(std::move(request)));
}

Broker::Awaitable<Result<ListQueuesResult>> BrokerOnLoop::list_sources(ListSourcesRequest request) {
  return run_on(loop_, broker_.list_sources(std::move(request)));
}

Broker::Awaitable<Status> BrokerOnLoop::change_tags(ChangeTagsRequest request) {
  return run_on(loop_, broker_.change_tags(std::move(request)));
}

Broker::Awaitable<Status> BrokerOnLoop::add_permission(AddPermissionRequest request) {
  return run_on(loop_, broker_.add_permission(std::move(request)));
}

Broker::Awaitable<Status> BrokerOnLoop::remove_permission(RemovePermissionRequest request) {
  return run_on(loop_, broker_.remove_permission(std::move(request)));
}

Broker::Awaitable<Result<std::vector<Result<SendResult>>>> BrokerOnLoop::send(SendRequest request) {
  return run_on(loop_, broker_.send(std::move(request)));
}

Broker::Awaitable<Result<std::vector<ReceivedMessage>>> BrokerOnLoop::receive(
    ReceiveRequest request, Cancellation& cancellation) {
  if (loop_.get_executor().running_in_this_thread()) {
    return broker_.receive(std::move(request), cancellation);
  }
  auto remote = forward(loop_, cancellation);
  return run_on(loop_, receive_remotely(broker_, std::move(request), std::move(remote)));
}

Broker::Awaitable<Result<std::uint64_t>> BrokerOnLoop::wait_visible(WaitRequest request,
                                                                    Cancellation& cancellation) {
  if (loop_.get_executor().running_in_this_thread()) {
    return broker_.wait_visible(std::move(request), cancellation);
  }
  auto remote = forward(loop_, cancellation);
  return run_on(loop_, wait_remotely(broker_, std::move(request), std::move(remote)));
}

Broker::Awaitable<Result<std::vector<Status>>> BrokerOnLoop::remove(DeleteRequest request) {
  return run_on(loop_, broker_.remove(std::move(request)));
}

Broker::Awaitable<Result<std::vector<Status>>> BrokerOnLoop::change_visibility(
    ChangeVisibilityRequest request) {
  return run_on(loop_, broker_.change_visibility(std::move(request)));
}

Broker::Awaitable<Result<std::vector<PeekedMessage>>> BrokerOnLoop::peek(PeekRequest request) {
  return run_on(loop_, broker_.peek(std::move(request)));
}

Broker::Awaitable<std::optional<FoundMessage>> BrokerOnLoop::find_message(
    FindMessageRequest request, Cancellation& cancellation) {
  if (loop_.get_executor().running_in_this_thread()) {
    return broker_.find_message(std::move(request), cancellation);
  }
  auto remote = forward(loop_, cancellation);
  return run_on(loop_, find_remotely(broker_, std::move(request), std::move(remote)));
}

Broker::Awaitable<Result<MoveResult>> BrokerOnLoop::move_messages(MoveRequest request) {
  return run_on(loop_, broker_.move_messages(std::move(request)));
}

Broker::Awaitable<Result<std::string>> BrokerOnLoop::start_move_task(StartMoveTaskRequest request) {
  return run_on(loop_, broker_.start_move_task(std::move(request)));
}

Broker::Awaitable<Result<std::uint64_t>> BrokerOnLoop::cancel_move_task(std::string handle) {
  return run_on(loop_, broker_.cancel_move_task(std::move(handle)));
}

Broker::Awaitable<Result<std::vector<MoveTask>>> BrokerOnLoop::list_move_tasks(
    std::string source_arn, std::size_t limit) {
  return run_on(loop_, broker_.list_move_tasks(std::move(source_arn), limit));
}

Broker::Awaitable<Status> BrokerOnLoop::put_document(Document document) {
  return run_on(loop_, broker_.put_document(std::move(document)));
}

Broker::Awaitable<std::optional<std::string>> BrokerOnLoop::get_document(std::string key) {
  return run_on(loop_, broker_.get_document(std::move(key)));
}

Broker::Awaitable<std::vector<Document>> BrokerOnLoop::list_documents(std::string prefix) {
  return run_on(loop_, broker_.list_documents(std::move(prefix)));
}

}  // namespace headrace::queue

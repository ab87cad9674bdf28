// Asks the broker for each action and turns its answer into the action's output.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "queue/sqs/actions.hpp"
#include "queue/sqs/shapes.hpp"
#include "queue/sqs/validation.hpp"

namespace headrace::queue::sqs {

template <class Output>
using Performed = boost::asio::awaitable<Result<Output>>;

Performed<QueueUrlOutput> perform(ActionContext& context, CreateQueueCall call);
Performed<EmptyOutput> perform(ActionContext& context, DeleteQueueCall call);
Performed<EmptyOutput> perform(ActionContext& context, PurgeQueueCall call);
Performed<QueueUrlOutput> perform(ActionContext& context, GetQueueUrlCall call);
Performed<ListQueuesOutput> perform(ActionContext& context, ListQueuesCall call);
Performed<AttributesOutput> perform(ActionContext& context, GetQueueAttributesCall call);
Performed<EmptyOutput> perform(ActionContext& context, SetQueueAttributesCall call);
Performed<EmptyOutput> perform(ActionContext& context, ChangeTagsCall call);
Performed<TagsOutput> perform(ActionContext& context, ListQueueTagsCall call);
Performed<EmptyOutput> perform(ActionContext& context, AddPermissionCall call);
Performed<EmptyOutput> perform(ActionContext& context, RemovePermissionCall call);
Performed<SourceQueuesOutput> perform(ActionContext& context, ListSourcesCall call);
Performed<TaskHandleOutput> perform(ActionContext& context, StartMoveTaskCall call);
Performed<MovedOutput> perform(ActionContext& context, CancelMoveTaskCall call);
Performed<MoveTasksOutput> perform(ActionContext& context, ListMoveTasksCall call);
Performed<SendMessageOutput> perform(ActionContext& context, SendMessageCall call);
Performed<SendMessageBatchOutput> perform(ActionContext& context, SendMessageBatchCall call);
Performed<ReceiveMessageOutput> perform(ActionContext& context, ReceiveMessageCall call);
Performed<PeekOutput> perform(ActionContext& context, PeekCall call);
Performed<EmptyOutput> perform(ActionContext& context, DeleteMessageCall call);
Performed<EntriesOutput> perform(ActionContext& context, DeleteMessageBatchCall call);
Performed<EmptyOutput> perform(ActionContext& context, ChangeMessageVisibilityCall call);
Performed<EntriesOutput> perform(ActionContext& context, ChangeMessageVisibilityBatchCall call);

// Makes `address` name the queue of the server's own region when the caller's region has none of
// that name: a local queue URL does not say a region, and tools that share it often differ in
// theirs.
boost::asio::awaitable<void> settle_region(ActionContext& context, QueueAddress& address);

// QueueDoesNotExist, or nothing to say.
boost::asio::awaitable<Status> require_queue(ActionContext& context, QueueAddress address);

}  // namespace headrace::queue::sqs

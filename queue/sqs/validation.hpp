// From what a caller wrote to what the broker is asked, for both protocols. Pure. Takes out of the
// input what the call needs; the queue_url stays.
//
// Order (spec 3.5): members that must be there, the shape of a batch, ranges, then single entries.
// Whether the queue exists comes before all of these; actions.cpp asks when one is broken.
// An Error refuses the whole request. An entry that is refused alone stands in `outcomes` with its
// error and is not in `request`.
#pragma once

#include <vector>

#include "queue/requests.hpp"
#include "queue/sqs/caller.hpp"
#include "queue/sqs/peek.hpp"
#include "queue/sqs/shapes.hpp"

namespace headrace::queue::sqs {

struct QueueRequest {
  QueueAddress address;
};

struct CreateQueueCall {
  CreateQueueRequest request;
};

struct DeleteQueueCall {
  QueueRequest request;
};

struct PurgeQueueCall {
  QueueRequest request;
};

struct GetQueueUrlCall {
  QueueRequest request;
};

struct ListQueuesCall {
  ListQueuesRequest request;
  bool wants_pages = false;  // only a caller who sets MaxResults is given a NextToken
};

struct GetQueueAttributesCall {
  QueueRequest request;
  Names attribute_names;
};

struct SetQueueAttributesCall {
  struct {
    QueueAddress address;
    AttributeMap attributes;
  } request;
};

struct ChangeTagsCall {
  ChangeTagsRequest request;
};

struct ListQueueTagsCall {
  QueueRequest request;
};

struct AddPermissionCall {
  AddPermissionRequest request;
};

struct RemovePermissionCall {
  RemovePermissionRequest request;
};

struct ListSourcesCall {
  ListSourcesRequest request;
  bool wants_pages = false;  // as in ListQueuesCall
};

using StartMoveTaskCall = StartMoveTaskRequest;

struct CancelMoveTaskCall {
  std::string task_handle;
};

struct ListMoveTasksCall {
  std::string source_arn;
  std::size_t limit = 0;
};

struct SendMessageCall {
  SendRequest request;
  SentDigests digests;
};

struct SendMessageBatchCall {
  SendRequest request;
  std::vector<SendOutcome> outcomes;
};

struct ReceiveMessageCall {
  ReceiveRequest request;
  Names system_attribute_names;
  Names message_attribute_names;
};

struct PeekCall {
  PeekRequest request;
};

struct DeleteMessageCall {
  DeleteRequest request;
};

struct DeleteMessageBatchCall {
  DeleteRequest request;
  std::vector<EntryOutcome> outcomes;
};

struct ChangeMessageVisibilityCall {
  ChangeVisibilityRequest request;
};

struct ChangeMessageVisibilityBatchCall {
  ChangeVisibilityRequest request;
  std::vector<EntryOutcome> outcomes;
};

Result<CreateQueueCall> validate(CreateQueueInput& input, const Caller& caller);
Result<DeleteQueueCall> validate(DeleteQueueInput& input, const Caller& caller);
Result<PurgeQueueCall> validate(PurgeQueueInput& input, const Caller& caller);
Result<GetQueueUrlCall> validate(GetQueueUrlInput& input, const Caller& caller);
Result<ListQueuesCall> validate(ListQueuesInput& input, const Caller& caller);
Result<GetQueueAttributesCall> validate(GetQueueAttributesInput& input, const Caller& caller);
Result<SetQueueAttributesCall> validate(SetQueueAttributesInput& input, const Caller& caller);
Result<ChangeTagsCall> validate(TagQueueInput& input, const Caller& caller);
Result<ChangeTagsCall> validate(UntagQueueInput& input, const Caller& caller);
Result<ListQueueTagsCall> validate(ListQueueTagsInput& input, const Caller& caller);
Result<AddPermissionCall> validate(AddPermissionInput& input, const Caller& caller);
Result<RemovePermissionCall> validate(RemovePermissionInput& input, const Caller& caller);
Result<ListSourcesCall> validate(ListDeadLetterSourceQueuesInput& input, const Caller& caller);
Result<StartMoveTaskCall> validate(StartMessageMoveTaskInput& input, const Caller& caller);
Result<CancelMoveTaskCall> validate(CancelMessageMoveTaskInput& input, const Caller& caller);
Result<ListMoveTasksCall> validate(ListMessageMoveTasksInput& input, const Caller& caller);
Result<SendMessageCall> validate(SendMessageInput& input, const Caller& caller);
Result<SendMessageBatchCall> validate(SendMessageBatchInput& input, const Caller& caller);
Result<ReceiveMessageCall> validate(ReceiveMessageInput& input, const Caller& caller);
Result<PeekCall> validate(PeekInput& input, const Caller& caller);
Result<DeleteMessageCall> validate(DeleteMessageInput& input, const Caller& caller);
Result<DeleteMessageBatchCall> validate(DeleteMessageBatchInput& input, const Caller& caller);
Result<ChangeMessageVisibilityCall> validate(ChangeMessageVisibilityInput& input,
                                             const Caller& caller);
Result<ChangeMessageVisibilityBatchCall> validate(ChangeMessageVisibilityBatchInput& input,
                                                  const Caller& caller);

// The queue a QueueUrl names.
Result<QueueAddress> locate(const Text& queue_url, const Caller& caller);

// The token for the page after `last_name`; it fits only the same list, named by a prefix or a
// queue.
std::string make_list_token(const std::string& list, const std::string& last_name);

}  // namespace headrace::queue::sqs

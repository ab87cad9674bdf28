// What each action takes and gives, before and after any protocol: a protocol fills an ...Input
// with what the caller wrote and renders an ...Output. Nothing here is checked yet; absent stays
// absent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "queue/move_task.hpp"
#include "queue/requests.hpp"

namespace headrace::queue::sqs {

using Text = std::optional<std::string>;
using Integer = std::optional<std::int64_t>;
using Names = std::vector<std::string>;

struct AttributeInput {
  std::string name;
  Text data_type;
  Text string_value;
  Text binary_value;  // decoded
  bool has_list_values = false;
};

// SendMessage without its queue, and an entry of SendMessageBatch. `id` is the entry's.
struct MessageInput {
  Text id;
  Text body;
  Integer delay_seconds;
  std::vector<AttributeInput> attributes;
  std::vector<AttributeInput> system_attributes;
  Text deduplication_id;
  Text group_id;
};

struct HandleInput {
  Text id;
  Text receipt_handle;
};

struct VisibilityInput {
  Text id;
  Text receipt_handle;
  Integer visibility_timeout;
};

struct CreateQueueInput {
  Text queue_name;
  AttributeMap attributes;
  TagMap tags;
};

struct DeleteQueueInput {
  Text queue_url;
};

struct PurgeQueueInput {
  Text queue_url;
};

struct GetQueueUrlInput {
  Text queue_name;
  Text owner_account;
};

struct ListQueuesInput {
  Text name_prefix;
  Text next_token;
  Integer max_results;
};

struct GetQueueAttributesInput {
  Text queue_url;
  Names attribute_names;
};

struct SetQueueAttributesInput {
  Text queue_url;
  std::optional<AttributeMap> attributes;
};

struct TagQueueInput {
  Text queue_url;
  TagMap tags;
};

struct UntagQueueInput {
  Text queue_url;
  Names tag_keys;
};

struct ListQueueTagsInput {
  Text queue_url;
};

struct AddPermissionInput {
  Text queue_url;
  Text label;
  Names accounts;
  Names actions;
};

struct RemovePermissionInput {
  Text queue_url;
  Text label;
};

struct ListDeadLetterSourceQueuesInput {
  Text queue_url;
  Text next_token;
  Integer max_results;
};

struct StartMessageMoveTaskInput {
  Text source_arn;
  Text destination_arn;
  Integer per_second;
};

struct CancelMessageMoveTaskInput {
  Text task_handle;
};

struct ListMessageMoveTasksInput {
  Text source_arn;
  Integer max_results;
};

struct SendMessageInput {
  Text queue_url;
  MessageInput message;
};

// Of the entries above AWS's limit only the number is kept: a request may have millions.
template <class Entry>
struct BatchInput {
  Text queue_url;
  std::vector<Entry> entries;
  std::size_t entry_count = 0;
};

using SendMessageBatchInput = BatchInput<MessageInput>;

struct ReceiveMessageInput {
  Text queue_url;
  Names system_attribute_names;  // of the two lists a caller may give, the one that counts
  Names message_attribute_names;
  Integer max_messages;
  Integer visibility_timeout;
  Integer wait_seconds;
  Text attempt_id;
};

struct DeleteMessageInput {
  Text queue_url;
  HandleInput message;
};

using DeleteMessageBatchInput = BatchInput<HandleInput>;

struct ChangeMessageVisibilityInput {
  Text queue_url;
  VisibilityInput message;
};

using ChangeMessageVisibilityBatchInput = BatchInput<VisibilityInput>;

template <class Input>
concept NamesItsQueue = requires(Input input) {
  input.queue_url;
};

// The answer of an action that answers nothing.
struct EmptyOutput {};

struct QueueUrlOutput {
  std::string queue_url;
};

struct ListQueuesOutput {
  std::vector<std::string> queue_urls;
  std::string next_token;  // empty when there is no more
};

// As ListQueuesOutput, under a name of its own on the wire.
struct SourceQueuesOutput : ListQueuesOutput {};

struct TagsOutput {
  TagMap tags;
};

struct TaskHandleOutput {
  std::string task_handle;
};

struct MovedOutput {
  std::uint64_t moved = 0;
};

struct MoveTasksOutput {
  std::vector<MoveTask> tasks;
};

struct AttributesOutput {
  AttributeMap attributes;
};

// What the sender checks his message with.
struct SentDigests {
  Md5 body{};
  std::optional<Md5> attributes;
  std::optional<Md5> system_attributes;
};

// One entry of a batch, or the one message of a single action (without an id).
struct SendOutcome {
  std::string id;
  SentDigests digests;
  Result<SendResult> result;
};

struct SendMessageOutput {
  SendOutcome sent;
};

struct SendMessageBatchOutput {
  std::vector<SendOutcome> entries;
};

struct EntryOutcome {
  std::string id;
  Status result;
};

struct EntriesOutput {
  std::vector<EntryOutcome> entries;
};

struct ReceiveMessageOutput {
  std::vector<ReceivedMessage> messages;
  Names system_attribute_names;
  Names message_attribute_names;
};

}  // namespace headrace::queue::sqs

// The half of members.hpp that is about requests: which members each has.
#include "queue/limits.hpp"
#include "queue/sqs/members.hpp"

namespace headrace::queue::sqs {

namespace {

std::vector<AttributeInput> read_attributes(MemberReader& in, std::string_view name) {
  std::vector<AttributeInput> attributes;
  in.each_entry(name, [&attributes](std::string_view key, MemberReader& value) {
    AttributeInput& attribute = attributes.emplace_back();
    attribute.name = key;
    attribute.data_type = value.text("DataType");
    attribute.string_value = value.text("StringValue");
    attribute.binary_value = value.blob("BinaryValue");
    const Names strings = value.names("StringListValues");
    const Names binaries = value.names("BinaryListValues");
    attribute.has_list_values = !strings.empty() || !binaries.empty();
  });
  return attributes;
}

void read_message(MemberReader& in, MessageInput& out) {
  out.body = in.text("MessageBody");
  out.delay_seconds = in.integer("DelaySeconds");
  out.attributes = read_attributes(in, "MessageAttributes");
  out.system_attributes = read_attributes(in, "MessageSystemAttributes");
  out.deduplication_id = in.text("MessageDeduplicationId");
  out.group_id = in.text("MessageGroupId");
}

void read_handle(MemberReader& in, HandleInput& out) {
  out.receipt_handle = in.text("ReceiptHandle");
}

void read_visibility(MemberReader& in, VisibilityInput& out) {
  out.receipt_handle = in.text("ReceiptHandle");
  out.visibility_timeout = in.integer("VisibilityTimeout");
}

template <class Entry>
void read_batch(MemberReader& in, BatchInput<Entry>& out, void (*read)(MemberReader&, Entry&)) {
  out.queue_url = in.text("QueueUrl");
  in.each_object("Entries", [&out, read](MemberReader& entry) {
    if (++out.entry_count > kBatchEntriesMax) return;
    Entry& kept = out.entries.emplace_back();
    kept.id = entry.text("Id");
    read(entry, kept);
  });
}

}  // namespace

void read_members(MemberReader& in, CreateQueueInput& out) {
  out.queue_name = in.text("QueueName");
  out.attributes = in.text_map("Attributes").value_or(AttributeMap());
  out.tags = in.text_map("tags").value_or(TagMap());
}

void read_members(MemberReader& in, DeleteQueueInput& out) { out.queue_url = in.text("QueueUrl"); }

void read_members(MemberReader& in, PurgeQueueInput& out) { out.queue_url = in.text("QueueUrl"); }

void read_members(MemberReader& in, GetQueueUrlInput& out) {
  out.queue_name = in.text("QueueName");
  out.owner_account = in.text("QueueOwnerAWSAccountId");
}

void read_members(MemberReader& in, ListQueuesInput& out) {
  out.name_prefix = in.text("QueueNamePrefix");
  out.next_token = in.text("NextToken");
  out.max_results = in.integer("MaxResults");
}

void read_members(MemberReader& in, GetQueueAttributesInput& out) {
  out.queue_url = in.text("QueueUrl");
  out.attribute_names = in.names("AttributeNames");
}

void read_members(MemberReader& in, SetQueueAttributesInput& out) {
  out.queue_url = in.text("QueueUrl");
  out.attributes = in.text_map("Attributes");
}

void read_members(MemberReader& in, TagQueueInput& out) {
  out.queue_url = in.text("QueueUrl");
  out.tags = in.text_map("Tags").value_or(TagMap());
}

void read_members(MemberReader& in, UntagQueueInput& out) {
  out.queue_url = in.text("QueueUrl");
  out.tag_keys = in.names("TagKeys");
}

void read_members(MemberReader& in, ListQueueTagsInput& out) {
  out.queue_url = in.text("QueueUrl");
}

void read_members(MemberReader& in, AddPermissionInput& out) {
  out.queue_url = in.text("QueueUrl");
  out.label = in.text("Label");
  out.accounts = in.names("AWSAccountIds");
  out.actions = in.names("Actions");
}

void read_members(MemberReader& in, RemovePermissionInput& out) {
  out.queue_url = in.text("QueueUrl");
  out.label = in.text("Label");
}

void read_members(MemberReader& in, ListDeadLetterSourceQueuesInput& out) {
  out.queue_url = in.text("QueueUrl");
  out.next_token = in.text("NextToken");
  out.max_results = in.integer("MaxResults");
}

void read_members(MemberReader& in, StartMessageMoveTaskInput& out) {
  out.source_arn = in.text("SourceArn");
  out.destination_arn = in.text("DestinationArn");
  out.per_second = in.integer("MaxNumberOfMessagesPerSecond");
}

void read_members(MemberReader& in, CancelMessageMoveTaskInput& out) {
  out.task_handle = in.text("TaskHandle");
}

void read_members(MemberReader& in, ListMessageMoveTasksInput& out) {
  out.source_arn = in.text("SourceArn");
  out.max_results = in.integer("MaxResults");
}

void read_members(MemberReader& in, SendMessageInput& out) {
  out.queue_url = in.text("QueueUrl");
  read_message(in, out.message);
}

void read_members(MemberReader& in, SendMessageBatchInput& out) {
  read_batch(in, out, &read_message);
}

void read_members(MemberReader& in, ReceiveMessageInput& out) {
  out.queue_url = in.text("QueueUrl");
  out.max_messages = in.integer("MaxNumberOfMessages");
  out.visibility_timeout = in.integer("VisibilityTimeout");
  out.wait_seconds = in.integer("WaitTimeSeconds");
  out.attempt_id = in.text("ReceiveRequestAttemptId");
  out.message_attribute_names = in.names("MessageAttributeNames");
  // AWS: the newer list wins when both are given (spec 2.3).
  out.system_attribute_names = in.names("MessageSystemAttributeNames");
  Names older = in.names("AttributeNames");
  if (out.system_attribute_names.empty()) out.system_attribute_names = std::move(older);
}

void read_members(MemberReader& in, PeekInput& out) { out.queue_url = in.text("QueueUrl"); }

void read_members(MemberReader& in, DeleteMessageInput& out) {
  out.queue_url = in.text("QueueUrl");
  read_handle(in, out.message);
}

void read_members(MemberReader& in, DeleteMessageBatchInput& out) {
  read_batch(in, out, &read_handle);
}

void read_members(MemberReader& in, ChangeMessageVisibilityInput& out) {
  out.queue_url = in.text("QueueUrl");
  read_visibility(in, out.message);
}

void read_members(MemberReader& in, ChangeMessageVisibilityBatchInput& out) {
  read_batch(in, out, &read_visibility);
}

}  // namespace headrace::queue::sqs

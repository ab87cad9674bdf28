#include "queue/sqs/json_protocol.hpp"

#include <algorithm>

#include "base/codec.hpp"
#include "queue/sqs/digest.hpp"
#include "queue/sqs/wire_errors.hpp"

namespace headrace::queue::sqs {

namespace {

std::vector<AttributeInput> read_attributes(JsonReader& in, std::string_view name) {
  std::vector<AttributeInput> attributes;
  for (auto& [key, value] : in.object_map(name)) {
    AttributeInput& attribute = attributes.emplace_back();
    attribute.name = key;
    attribute.data_type = value.text("DataType");
    attribute.string_value = value.text("StringValue");
    attribute.binary_value = value.blob("BinaryValue");
    attribute.has_list_values =
        value.has_elements("StringListValues") || value.has_elements("BinaryListValues");
  }
  return attributes;
}

void read_message(JsonReader& in, MessageInput& out) {
  out.body = in.text("MessageBody");
  out.delay_seconds = in.integer("DelaySeconds");
  out.attributes = read_attributes(in, "MessageAttributes");
  out.system_attributes = read_attributes(in, "MessageSystemAttributes");
  out.deduplication_id = in.text("MessageDeduplicationId");
  out.group_id = in.text("MessageGroupId");
}

void read_visibility(JsonReader& in, VisibilityInput& out) {
  out.receipt_handle = in.text("ReceiptHandle");
  out.visibility_timeout = in.integer("VisibilityTimeout");
}

// AWS: the form `name.*` selects by prefix; All, .* and * select everything.
bool selects(const Names& filters, std::string_view name) {
  return std::any_of(filters.begin(), filters.end(), [name](std::string_view filter) {
    if (filter == "All" || filter == ".*" || filter == "*" || filter == name) return true;
    if (!filter.ends_with(".*")) return false;
    filter.remove_suffix(2);
    return name.starts_with(filter);
  });
}

std::vector<const MessageAttribute*> select(const std::vector<MessageAttribute>& attributes,
                                            const Names& filters) {
  std::vector<const MessageAttribute*> selected;
  if (filters.empty()) return selected;
  for (const MessageAttribute& attribute : attributes) {
    if (selects(filters, attribute.name)) selected.push_back(&attribute);
  }
  return selected;
}

void write_message_attributes(JsonWriter& out,
                              const std::vector<const MessageAttribute*>& attributes) {
  if (attributes.empty()) return;
  out.member("MD5OfMessageAttributes", hex(md5_of_attributes(attributes)));
  out.key("MessageAttributes").begin_object();
  for (const MessageAttribute* attribute : attributes) {
    out.key(attribute->name).begin_object();
    if (attribute->kind == ValueKind::kBinary) {
      out.member("BinaryValue", base64_encode(attribute->value));
    } else {
      out.member("StringValue", attribute->value);
    }
    out.member("DataType", attribute->data_type).end_object();
  }
  out.end_object();
}

// Writes the object of system attributes around those that were asked for and exist.
class SystemAttributes {
 public:
  SystemAttributes(JsonWriter& out, const Names& asked) : out_(out), asked_(asked) {}

  void write(std::string_view name, const std::string& value) {
    const bool is_asked = std::any_of(asked_.begin(), asked_.end(), [name](const auto& asked) {
      return asked == name || asked == "All";
    });
    if (value.empty() || !is_asked) return;
    if (!begun_) out_.key("Attributes").begin_object();
    begun_ = true;
    out_.member(name, value);
  }

  void end() {
    if (begun_) out_.end_object();
  }

 private:
  JsonWriter& out_;
  const Names& asked_;
  bool begun_ = false;
};

void write_system_attributes(JsonWriter& out, const ReceivedMessage& message, const Names& asked) {
  if (asked.empty()) return;
  SystemAttributes attributes(out, asked);
  attributes.write("SenderId", message.content.sender_id);
  attributes.write("SentTimestamp", std::to_string(to_epoch_ms(message.sent)));
  attributes.write("ApproximateReceiveCount", std::to_string(message.receive_count));
  attributes.write("ApproximateFirstReceiveTimestamp",
                   std::to_string(to_epoch_ms(message.first_received)));
  attributes.write("MessageGroupId", message.content.group_id);
  attributes.write("MessageDeduplicationId", message.content.deduplication_id);
  if (message.sequence) attributes.write("SequenceNumber", to_sequence_number(*message.sequence));
  attributes.write("AWSTraceHeader", message.content.trace_header);
  attributes.write("DeadLetterQueueSourceArn", message.dead_letter_source_arn);
  attributes.end();
}

void write_message(JsonWriter& out, const ReceivedMessage& message,
                   const ReceiveMessageOutput& output) {
  out.begin_object()
      .member("MessageId", to_string(message.message_id))
      .member("ReceiptHandle", message.receipt_handle)
      .member("MD5OfBody", hex(message.content.body_md5))
      .member("Body", message.content.body);
  write_system_attributes(out, message, output.system_attribute_names);
  write_message_attributes(out, select(message.content.attributes, output.message_attribute_names));
  out.end_object();
}

void write_sent(JsonWriter& out, const SendOutcome& sent) {
  out.member("MessageId", to_string(sent.result->message_id))
      .member("MD5OfMessageBody", hex(sent.digests.body));
  if (sent.digests.attributes) out.member("MD5OfMessageAttributes", hex(*sent.digests.attributes));
  if (sent.digests.system_attributes) {
    out.member("MD5OfMessageSystemAttributes", hex(*sent.digests.system_attributes));
  }
  if (sent.result->sequence) {
    out.member("SequenceNumber", to_sequence_number(*sent.result->sequence));
  }
}

void write_texts(JsonWriter& out, std::string_view name, const std::vector<std::string>& texts) {
  out.key(name).begin_array();
  for (const std::string& text : texts) out.string(text);
  out.end_array();
}

void write_next_token(JsonWriter& out, const std::string& next_token) {
  if (!next_token.empty()) out.member("NextToken", next_token);
}

void write_map(JsonWriter& out, std::string_view name, const TagMap& map) {
  if (map.empty()) return;
  out.key(name).begin_object();
  for (const auto& [key, value] : map) out.member(key, value);
  out.end_object();
}

// Which members stand when: spec 8.3.
void write_task(JsonWriter& out, const MoveTask& task) {
  out.begin_object();
  if (task.status == MoveTaskStatus::kRunning) out.member("TaskHandle", make_task_handle(task));
  out.member("Status", name_of(task.status)).member("SourceArn", task.request.source_arn);
  if (!task.request.destination_arn.empty()) {
    out.member("DestinationArn", task.request.destination_arn);
  }
  if (task.request.per_second) {
    out.member("MaxNumberOfMessagesPerSecond", *task.request.per_second);
  }
  out.member("ApproximateNumberOfMessagesMoved", task.moved)
      .member("ApproximateNumberOfMessagesToMove", task.to_move);
  if (task.status == MoveTaskStatus::kFailed) out.member("FailureReason", task.failure_reason);
  out.member("StartedTimestamp", to_epoch_ms(task.started)).end_object();
}

void write_done(JsonWriter&, const EntryOutcome&) {}

// The two lists of a batch's answer, each in the order of the entries and only when it has some.
template <class Outcome>
void write_outcomes(JsonWriter& out, const std::vector<Outcome>& outcomes,
                    void (*write_success)(JsonWriter&, const Outcome&)) {
  const auto succeeded = [](const Outcome& outcome) { return outcome.result.has_value(); };
  if (std::any_of(outcomes.begin(), outcomes.end(), succeeded)) {
    out.key("Successful").begin_array();
    for (const Outcome& outcome : outcomes) {
      if (!outcome.result) continue;
      out.begin_object().member("Id", outcome.id);
      write_success(out, outcome);
      out.end_object();
    }
    out.end_array();
  }
  if (std::all_of(outcomes.begin(), outcomes.end(), succeeded)) return;
  out.key("Failed").begin_array();
  for (const Outcome& outcome : outcomes) {
    if (outcome.result) continue;
    const Error error = outcome.result.error();
    const WireError wire = wire_error(error.code);
    out.begin_object()
        .member("Id", outcome.id)
        .member("SenderFault", wire.fault == Fault::kSender)
        .member("Code", wire.query_code)
        .member("Message", error.message)
        .end_object();
  }
  out.end_array();
}

}  // namespace

Result<JsonDocument> parse_json_body(std::string_view body) {
  auto document = JsonDocument::parse(body.empty() ? "{}" : body);
  if (document) return std::move(*document);
  return Error{ErrorCode::kMalformedInput,
               "The request body is not valid JSON: " + document.error().message};
}

void read_json(JsonReader& in, CreateQueueInput& out) {
  out.queue_name = in.text("QueueName");
  out.attributes = in.text_map("Attributes").value_or(AttributeMap());
  out.tags = in.text_map("tags").value_or(TagMap());
}

void read_json(JsonReader& in, DeleteQueueInput& out) { out.queue_url = in.text("QueueUrl"); }

void read_json(JsonReader& in, PurgeQueueInput& out) { out.queue_url = in.text("QueueUrl"); }

void read_json(JsonReader& in, GetQueueUrlInput& out) {
  out.queue_name = in.text("QueueName");
  out.owner_account = in.text("QueueOwnerAWSAccountId");
}

void read_json(JsonReader& in, ListQueuesInput& out) {
  out.name_prefix = in.text("QueueNamePrefix");
  out.next_token = in.text("NextToken");
  out.max_results = in.integer("MaxResults");
}

void read_json(JsonReader& in, GetQueueAttributesInput& out) {
  out.queue_url = in.text("QueueUrl");
  out.attribute_names = in.names("AttributeNames");
}

void read_json(JsonReader& in, SetQueueAttributesInput& out) {
  out.queue_url = in.text("QueueUrl");
  out.attributes = in.text_map("Attributes");
}

void read_json(JsonReader& in, TagQueueInput& out) {
  out.queue_url = in.text("QueueUrl");
  out.tags = in.text_map("Tags").value_or(TagMap());
}

void read_json(JsonReader& in, UntagQueueInput& out) {
  out.queue_url = in.text("QueueUrl");
  out.tag_keys = in.names("TagKeys");
}

void read_json(JsonReader& in, ListQueueTagsInput& out) { out.queue_url = in.text("QueueUrl"); }

void read_json(JsonReader& in, AddPermissionInput& out) {
  out.queue_url = in.text("QueueUrl");
  out.label = in.text("Label");
  out.accounts = in.names("AWSAccountIds");
  out.actions = in.names("Actions");
}

void read_json(JsonReader& in, RemovePermissionInput& out) {
  out.queue_url = in.text("QueueUrl");
  out.label = in.text("Label");
}

void read_json(JsonReader& in, ListDeadLetterSourceQueuesInput& out) {
  out.queue_url = in.text("QueueUrl");
  out.next_token = in.text("NextToken");
  out.max_results = in.integer("MaxResults");
}

void read_json(JsonReader& in, StartMessageMoveTaskInput& out) {
  out.source_arn = in.text("SourceArn");
  out.destination_arn = in.text("DestinationArn");
  out.per_second = in.integer("MaxNumberOfMessagesPerSecond");
}

void read_json(JsonReader& in, CancelMessageMoveTaskInput& out) {
  out.task_handle = in.text("TaskHandle");
}

void read_json(JsonReader& in, ListMessageMoveTasksInput& out) {
  out.source_arn = in.text("SourceArn");
  out.max_results = in.integer("MaxResults");
}

void read_json(JsonReader& in, SendMessageInput& out) {
  out.queue_url = in.text("QueueUrl");
  read_message(in, out.message);
}

void read_json(JsonReader& in, SendMessageBatchInput& out) {
  out.queue_url = in.text("QueueUrl");
  for (JsonReader& entry : in.objects("Entries")) {
    MessageInput& message = out.entries.emplace_back();
    message.id = entry.text("Id");
    read_message(entry, message);
  }
}

void read_json(JsonReader& in, ReceiveMessageInput& out) {
  out.queue_url = in.text("QueueUrl");
  out.max_messages = in.integer("MaxNumberOfMessages");
  out.visibility_timeout = in.integer("VisibilityTimeout");
  out.wait_seconds = in.integer("WaitTimeSeconds");
  out.attempt_id = in.text("ReceiveRequestAttemptId");
  out.message_attribute_names = in.names("MessageAttributeNames");
  // AWS: in JSON the newer list wins when both are given (spec 2.3).
  out.system_attribute_names = in.names("MessageSystemAttributeNames");
  Names older = in.names("AttributeNames");
  if (out.system_attribute_names.empty()) out.system_attribute_names = std::move(older);
}

void read_json(JsonReader& in, DeleteMessageInput& out) {
  out.queue_url = in.text("QueueUrl");
  out.message.receipt_handle = in.text("ReceiptHandle");
}

void read_json(JsonReader& in, DeleteMessageBatchInput& out) {
  out.queue_url = in.text("QueueUrl");
  for (JsonReader& entry : in.objects("Entries")) {
    out.entries.push_back({entry.text("Id"), entry.text("ReceiptHandle")});
  }
}

void read_json(JsonReader& in, ChangeMessageVisibilityInput& out) {
  out.queue_url = in.text("QueueUrl");
  read_visibility(in, out.message);
}

void read_json(JsonReader& in, ChangeMessageVisibilityBatchInput& out) {
  out.queue_url = in.text("QueueUrl");
  for (JsonReader& entry : in.objects("Entries")) {
    VisibilityInput& message = out.entries.emplace_back();
    message.id = entry.text("Id");
    read_visibility(entry, message);
  }
}

void write_json(JsonWriter&, const EmptyOutput&) {}

void write_json(JsonWriter& out, const QueueUrlOutput& output) {
  out.member("QueueUrl", output.queue_url);
}

void write_json(JsonWriter& out, const ListQueuesOutput& output) {
  if (!output.queue_urls.empty()) write_texts(out, "QueueUrls", output.queue_urls);
  write_next_token(out, output.next_token);
}

void write_json(JsonWriter& out, const SourceQueuesOutput& output) {
  write_texts(out, "queueUrls", output.queue_urls);  // required in the model, also when empty
  write_next_token(out, output.next_token);
}

void write_json(JsonWriter& out, const AttributesOutput& output) {
  write_map(out, "Attributes", output.attributes);
}

void write_json(JsonWriter& out, const TagsOutput& output) { write_map(out, "Tags", output.tags); }

void write_json(JsonWriter& out, const TaskHandleOutput& output) {
  out.member("TaskHandle", output.task_handle);
}

void write_json(JsonWriter& out, const MovedOutput& output) {
  out.member("ApproximateNumberOfMessagesMoved", output.moved);
}

void write_json(JsonWriter& out, const MoveTasksOutput& output) {
  if (output.tasks.empty()) return;
  out.key("Results").begin_array();
  for (const MoveTask& task : output.tasks) write_task(out, task);
  out.end_array();
}

void write_json(JsonWriter& out, const SendMessageOutput& output) { write_sent(out, output.sent); }

void write_json(JsonWriter& out, const SendMessageBatchOutput& output) {
  write_outcomes(out, output.entries, &write_sent);
}

void write_json(JsonWriter& out, const EntriesOutput& output) {
  write_outcomes(out, output.entries, &write_done);
}

void write_json(JsonWriter& out, const ReceiveMessageOutput& output) {
  if (output.messages.empty()) return;
  out.key("Messages").begin_array();
  for (const ReceivedMessage& message : output.messages) write_message(out, message, output);
  out.end_array();
}

}  // namespace headrace::queue::sqs

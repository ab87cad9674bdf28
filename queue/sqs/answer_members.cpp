// The half of members.hpp that is about answers: which members each has, and when.
#include <algorithm>

#include "base/codec.hpp"
#include "queue/sqs/digest.hpp"
#include "queue/sqs/members.hpp"
#include "queue/sqs/wire_errors.hpp"

namespace headrace::queue::sqs {

namespace {

// Which attributes a receive asked for. Sorted once per request, which has room for a million
// names.
class AskedNames {
 public:
  explicit AskedNames(const Names& names) : sorted_(names.begin(), names.end()) {
    std::sort(sorted_.begin(), sorted_.end());
    has_prefixes_ = std::any_of(names.begin(), names.end(),
                                [](const auto& name) { return name.ends_with(kAnyRest); });
  }

  bool empty() const { return sorted_.empty(); }

  bool has(std::string_view name) const {
    return std::binary_search(sorted_.begin(), sorted_.end(), name);
  }

  // AWS: the form `name.*` selects by prefix; All, .* and * select everything.
  bool selects(std::string_view name) const {
    if (has(name) || has("All") || has("*")) return true;
    if (!has_prefixes_) return false;
    for (std::string prefix(name);; prefix.pop_back()) {
      if (has(prefix + std::string(kAnyRest))) return true;
      if (prefix.empty()) return false;
    }
  }

 private:
  static constexpr std::string_view kAnyRest = ".*";

  std::vector<std::string_view> sorted_;  // of names that outlive this
  bool has_prefixes_ = false;
};

std::vector<const MessageAttribute*> select(const std::vector<MessageAttribute>& attributes,
                                            const AskedNames& asked) {
  std::vector<const MessageAttribute*> selected;
  for (const MessageAttribute& attribute : attributes) {
    if (asked.selects(attribute.name)) selected.push_back(&attribute);
  }
  return selected;
}

void write_message_attributes(MemberWriter& out,
                              const std::vector<const MessageAttribute*>& attributes) {
  if (attributes.empty()) return;
  out.text("MD5OfMessageAttributes", hex(md5_of_attributes(attributes)));
  out.begin_map("MessageAttributes");
  for (const MessageAttribute* attribute : attributes) {
    out.begin_entry(attribute->name);
    if (attribute->kind == ValueKind::kBinary) {
      out.text("BinaryValue", base64_encode(attribute->value));
    } else {
      out.text("StringValue", attribute->value);
    }
    out.text("DataType", attribute->data_type);
    out.end_entry();
  }
  out.end_map();
}

// Writes the map of system attributes around those that were asked for and exist.
class SystemAttributes {
 public:
  SystemAttributes(MemberWriter& out, const AskedNames& asked) : out_(out), asked_(asked) {}

  void write(std::string_view name, const std::string& value) {
    if (value.empty() || (!asked_.has(name) && !asked_.has("All"))) return;
    if (!begun_) out_.begin_map("Attributes");
    begun_ = true;
    out_.entry(name, value);
  }

  void end() {
    if (begun_) out_.end_map();
  }

 private:
  MemberWriter& out_;
  const AskedNames& asked_;
  bool begun_ = false;
};

void write_system_attributes(SystemAttributes& attributes, const ReceivedMessage& message) {
  attributes.write("SenderId", message.content.sender_id);
  attributes.write("SentTimestamp", std::to_string(to_epoch_ms(message.sent)));
  attributes.write("ApproximateReceiveCount", std::to_string(message.receive_count));
  if (message.receive_count > 0) {
    attributes.write("ApproximateFirstReceiveTimestamp",
                     std::to_string(to_epoch_ms(message.first_received)));
  }
  attributes.write("MessageGroupId", message.content.group_id);
  attributes.write("MessageDeduplicationId", message.content.deduplication_id);
  if (message.sequence) attributes.write("SequenceNumber", to_sequence_number(*message.sequence));
  attributes.write("AWSTraceHeader", message.content.trace_header);
  attributes.write("DeadLetterQueueSourceArn", message.dead_letter_source_arn);
}

struct AskedAttributes {
  AskedNames system;
  AskedNames message;
};

void write_message(MemberWriter& out, const ReceivedMessage& message,
                   const AskedAttributes& asked) {
  out.begin_object();
  out.text("MessageId", to_string(message.message_id));
  out.text("ReceiptHandle", message.receipt_handle);
  out.text("MD5OfBody", hex(message.content.body_md5));
  out.text("Body", message.content.body);
  if (!asked.system.empty()) {
    SystemAttributes attributes(out, asked.system);
    write_system_attributes(attributes, message);
    attributes.end();
  }
  write_message_attributes(out, select(message.content.attributes, asked.message));
  out.end_object();
}

// All there is of a message, and its state as LocalStack shows it. No receipt handle: nobody
// received it.
void write_peeked(MemberWriter& out, const PeekedMessage& peeked) {
  static const Names kNames = {"All"};
  static const AskedNames kAll(kNames);
  const ReceivedMessage& message = peeked.message;
  const auto flag = [&peeked](MessageState state) {
    return peeked.state == state ? "true" : "false";
  };
  out.begin_object();
  out.text("MessageId", to_string(message.message_id));
  out.text("MD5OfBody", hex(message.content.body_md5));
  out.text("Body", message.content.body);
  SystemAttributes attributes(out, kAll);
  write_system_attributes(attributes, message);
  attributes.write("IsVisible", flag(MessageState::kVisible));
  attributes.write("IsDelayed", flag(MessageState::kDelayed));
  attributes.end();
  write_message_attributes(out, select(message.content.attributes, kAll));
  out.end_object();
}

void write_sent(MemberWriter& out, const SendOutcome& sent) {
  out.text("MessageId", to_string(sent.result->message_id));
  out.text("MD5OfMessageBody", hex(sent.digests.body));
  if (sent.digests.attributes) out.text("MD5OfMessageAttributes", hex(*sent.digests.attributes));
  if (sent.digests.system_attributes) {
    out.text("MD5OfMessageSystemAttributes", hex(*sent.digests.system_attributes));
  }
  if (sent.result->sequence) out.text("SequenceNumber", to_sequence_number(*sent.result->sequence));
}

void write_next_token(MemberWriter& out, const std::string& next_token) {
  if (!next_token.empty()) out.text("NextToken", next_token);
}

void write_map(MemberWriter& out, std::string_view name, const TagMap& map) {
  if (map.empty()) return;
  out.begin_map(name);
  for (const auto& [key, value] : map) out.entry(key, value);
  out.end_map();
}

// Which members stand when: spec 8.3.
void write_task(MemberWriter& out, const MoveTask& task) {
  out.begin_object();
  if (task.status == MoveTaskStatus::kRunning) out.text("TaskHandle", make_task_handle(task));
  out.text("Status", name_of(task.status));
  out.text("SourceArn", task.request.source_arn);
  if (!task.request.destination_arn.empty()) {
    out.text("DestinationArn", task.request.destination_arn);
  }
  if (task.request.per_second) {
    out.number("MaxNumberOfMessagesPerSecond", *task.request.per_second);
  }
  out.number("ApproximateNumberOfMessagesMoved", static_cast<std::int64_t>(task.moved));
  out.number("ApproximateNumberOfMessagesToMove", static_cast<std::int64_t>(task.to_move));
  if (task.status == MoveTaskStatus::kFailed) out.text("FailureReason", task.failure_reason);
  out.number("StartedTimestamp", to_epoch_ms(task.started));
  out.end_object();
}

void write_done(MemberWriter&, const EntryOutcome&) {}

// The two lists of a batch's answer, each in the order of the entries and only when it has some.
template <class Outcome>
void write_outcomes(MemberWriter& out, const std::vector<Outcome>& outcomes,
                    void (*write_success)(MemberWriter&, const Outcome&)) {
  const auto succeeded = [](const Outcome& outcome) { return outcome.result.has_value(); };
  if (std::any_of(outcomes.begin(), outcomes.end(), succeeded)) {
    out.begin_list("Successful");
    for (const Outcome& outcome : outcomes) {
      if (!outcome.result) continue;
      out.begin_object();
      out.text("Id", outcome.id);
      write_success(out, outcome);
      out.end_object();
    }
    out.end_list();
  }
  if (std::all_of(outcomes.begin(), outcomes.end(), succeeded)) return;
  out.begin_list("Failed");
  for (const Outcome& outcome : outcomes) {
    if (outcome.result) continue;
    const Error error = outcome.result.error();
    const WireError wire = wire_error(error.code);
    out.begin_object();
    out.text("Id", outcome.id);
    out.boolean("SenderFault", wire.fault == Fault::kSender);
    out.text("Code", wire.query_code);
    out.text("Message", error.message);
    out.end_object();
  }
  out.end_list();
}

}  // namespace

void write_members(MemberWriter&, const EmptyOutput&) {}

void write_members(MemberWriter& out, const QueueUrlOutput& output) {
  out.text("QueueUrl", output.queue_url);
}

void write_members(MemberWriter& out, const ListQueuesOutput& output) {
  if (!output.queue_urls.empty()) out.texts("QueueUrls", output.queue_urls);
  write_next_token(out, output.next_token);
}

void write_members(MemberWriter& out, const SourceQueuesOutput& output) {
  out.texts("queueUrls", output.queue_urls);  // required in the model, also when empty
  write_next_token(out, output.next_token);
}

void write_members(MemberWriter& out, const AttributesOutput& output) {
  write_map(out, "Attributes", output.attributes);
}

void write_members(MemberWriter& out, const TagsOutput& output) {
  write_map(out, "Tags", output.tags);
}

void write_members(MemberWriter& out, const TaskHandleOutput& output) {
  out.text("TaskHandle", output.task_handle);
}

void write_members(MemberWriter& out, const MovedOutput& output) {
  out.number("ApproximateNumberOfMessagesMoved", static_cast<std::int64_t>(output.moved));
}

void write_members(MemberWriter& out, const MoveTasksOutput& output) {
  if (output.tasks.empty()) return;
  out.begin_list("Results");
  for (const MoveTask& task : output.tasks) write_task(out, task);
  out.end_list();
}

void write_members(MemberWriter& out, const SendMessageOutput& output) {
  write_sent(out, output.sent);
}

void write_members(MemberWriter& out, const SendMessageBatchOutput& output) {
  write_outcomes(out, output.entries, &write_sent);
}

void write_members(MemberWriter& out, const EntriesOutput& output) {
  write_outcomes(out, output.entries, &write_done);
}

void write_members(MemberWriter& out, const ReceiveMessageOutput& output) {
  if (output.messages.empty()) return;
  out.begin_list("Messages");
  const AskedAttributes asked{AskedNames(output.system_attribute_names),
                              AskedNames(output.message_attribute_names)};
  for (const ReceivedMessage& message : output.messages) write_message(out, message, asked);
  out.end_list();
}

// The list is there even when it is empty: for readers of the JSON forms.
void write_members(MemberWriter& out, const PeekOutput& output) {
  out.begin_list("Messages");
  for (const PeekedMessage& peeked : output.messages) write_peeked(out, peeked);
  out.end_list();
}

}  // namespace headrace::queue::sqs

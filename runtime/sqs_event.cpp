#include "runtime/sqs_event.hpp"

#include "base/codec.hpp"
#include "queue/sqs/digest.hpp"

namespace headrace::runtime {

namespace {

functions::MessageAttribute convert(queue::MessageAttribute& attribute) {
  functions::MessageAttribute converted;
  converted.name = std::move(attribute.name);
  converted.data_type = std::move(attribute.data_type);
  converted.value = std::move(attribute.value);
  converted.kind = attribute.kind == queue::ValueKind::kBinary ? functions::AttributeKind::kBinary
                                                               : functions::AttributeKind::kText;
  return converted;
}

functions::Record convert(queue::ReceivedMessage& message) {
  functions::Record record;
  queue::MessageContent& content = message.content;
  record.message_id = headrace::to_string(message.message_id);
  record.receipt_handle = message.receipt_handle;
  record.body = std::move(content.body);
  record.md5_of_body = hex(content.body_md5);
  if (!content.attributes.empty()) {
    record.md5_of_message_attributes = hex(queue::sqs::md5_of_attributes(content.attributes));
  }
  record.sender_id = std::move(content.sender_id);
  record.group_id = std::move(content.group_id);
  record.deduplication_id = std::move(content.deduplication_id);
  if (message.sequence) record.sequence_number = to_sequence_number(*message.sequence);
  record.trace_header = std::move(content.trace_header);
  record.dead_letter_source_arn = message.dead_letter_source_arn;
  record.sent_ms = to_epoch_ms(message.sent);
  record.first_received_ms = to_epoch_ms(message.first_received);
  record.receive_count = message.receive_count;
  for (queue::MessageAttribute& attribute : content.attributes) {
    record.attributes.push_back(convert(attribute));
  }
  return record;
}

}  // namespace

functions::Event make_event(std::vector<queue::ReceivedMessage>& messages,
                            const EventSourceMapping& mapping) {
  functions::Event event;
  event.source_arn = to_arn(mapping.queue);
  event.region = mapping.queue.region;
  event.windowed = mapping.batching_window > Duration{0};
  event.records.reserve(messages.size());
  for (queue::ReceivedMessage& message : messages) event.records.push_back(convert(message));
  return event;
}

}  // namespace headrace::runtime

#include "functions/records_event.hpp"

#include "base/codec.hpp"
#include "base/json_writer.hpp"

namespace headrace::functions {

namespace {

// What a record needs beside its texts: keys, punctuation, numbers.
constexpr std::size_t kRecordOverheadBytes = 640;

void write_if_present(JsonWriter& json, std::string_view name, const std::string& text) {
  if (!text.empty()) json.member(name, text);
}

// All values are strings, also the numeric ones. The order of a FIFO record and of a standard one
// agree where both have the key; DeadLetterQueueSourceArn comes first.
void write_attributes(JsonWriter& json, const Record& record) {
  json.begin_object();
  write_if_present(json, "DeadLetterQueueSourceArn", record.dead_letter_source_arn);
  json.member("ApproximateReceiveCount", std::to_string(record.receive_count));
  write_if_present(json, "AWSTraceHeader", record.trace_header);
  json.member("SentTimestamp", std::to_string(record.sent_ms));
  write_if_present(json, "SequenceNumber", record.sequence_number);
  write_if_present(json, "MessageGroupId", record.group_id);
  json.member("SenderId", record.sender_id);
  write_if_present(json, "MessageDeduplicationId", record.deduplication_id);
  json.member("ApproximateFirstReceiveTimestamp", std::to_string(record.first_received_ms));
  json.end_object();
}

void write_message_attribute(JsonWriter& json, const MessageAttribute& attribute) {
  json.key(attribute.name).begin_object();
  if (attribute.kind == AttributeKind::kBinary) {
    json.member("binaryValue", base64_encode(attribute.value));
  } else {
    json.member("stringValue", attribute.value);
  }
  json.key("stringListValues").begin_array().end_array();
  json.key("binaryListValues").begin_array().end_array();
  json.member("dataType", attribute.data_type).end_object();
}

void write_record(JsonWriter& json, const Event& event, const Record& record) {
  json.begin_object();
  json.member("messageId", record.message_id);
  json.member("receiptHandle", record.receipt_handle);
  json.member("body", record.body);
  json.key("attributes");
  write_attributes(json, record);
  json.key("messageAttributes").begin_object();
  for (const MessageAttribute& attribute : record.attributes) {
    write_message_attribute(json, attribute);
  }
  json.end_object();
  // AWS: without attributes the digest is absent, or null when the mapping has a batching window.
  if (!record.md5_of_message_attributes.empty()) {
    json.member("md5OfMessageAttributes", record.md5_of_message_attributes);
  } else if (event.windowed) {
    json.key("md5OfMessageAttributes").null();
  }
  json.member("md5OfBody", record.md5_of_body);
  json.member("eventSource", "aws:sqs");
  json.member("eventSourceARN", event.source_arn);
  json.member("awsRegion", event.region);
  json.end_object();
}

std::size_t expected_size(const Event& event) {
  std::size_t size = 16;
  for (const Record& record : event.records) {
    size += kRecordOverheadBytes + record.body.size() + record.body.size() / 8;
  }
  return size;
}

}  // namespace

std::string render_event(const Event& event) {
  return event.json.empty() ? render_records_event(event) : event.json;
}

std::string render_records_event(const Event& event) {
  std::string out;
  out.reserve(expected_size(event));
  JsonWriter json(out);
  json.begin_object().key("Records").begin_array();
  for (const Record& record : event.records) write_record(json, event, record);
  json.end_array().end_object();
  return out;
}

}  // namespace headrace::functions

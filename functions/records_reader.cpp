#include "functions/records_reader.hpp"

#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "base/codec.hpp"
#include "base/json.hpp"

namespace headrace::functions {

namespace {

constexpr std::string_view kEventSource = "aws:sqs";

// Reads one record. After the first thing that is wrong, problem() says which.
class RecordReader {
 public:
  explicit RecordReader(std::size_t index) : place_("Records[" + std::to_string(index) + "]") {}

  const std::string& problem() const { return problem_; }

  Record read(const JsonValue& json) {
    Record record;
    if (!json.is_object()) complain("", "expected an object");
    if (!json.find("body")) complain(".body", "expected a text");
    take(json, "body", record.body);
    take(json, "messageId", record.message_id);
    take(json, "receiptHandle", record.receipt_handle);
    take(json, "md5OfBody", record.md5_of_body);
    take(json, "md5OfMessageAttributes", record.md5_of_message_attributes);
    if (const auto attributes = json.find("attributes")) read_attributes(*attributes, record);
    if (const auto attributes = json.find("messageAttributes")) {
      for (const auto& [name, value] : attributes->members()) {
        record.attributes.push_back(read_message_attribute(name, value));
      }
    }
    if (record.md5_of_body.empty()) record.md5_of_body = hex(md5(record.body));
    return record;
  }

  // Leaves `text` alone when there is no such member, or null.
  void take(const JsonValue& object, std::string_view name, std::string& text) {
    const auto value = object.find(name);
    if (!value || value->is_null()) return;
    if (const auto given = value->as_string()) {
      text = *given;
    } else {
      complain("." + std::string(name), "expected a text");
    }
  }

 private:
  void complain(const std::string& member, std::string_view text) {
    if (problem_.empty()) problem_ = place_ + member + ": " + std::string(text);
  }

  // AWS writes numbers as texts.
  template <class T>
  void take_number(const JsonValue& object, std::string_view name, T& number) {
    std::string text;
    take(object, name, text);
    if (text.empty()) return;
    T value{};
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (ec == std::errc{} && end == text.data() + text.size()) {
      number = value;
    } else {
      complain("." + std::string(name), "expected a number as a text");
    }
  }

  void read_attributes(const JsonValue& json, Record& record) {
    take(json, "DeadLetterQueueSourceArn", record.dead_letter_source_arn);
    take(json, "AWSTraceHeader", record.trace_header);
    take(json, "SequenceNumber", record.sequence_number);
    take(json, "MessageGroupId", record.group_id);
    take(json, "MessageDeduplicationId", record.deduplication_id);
    take(json, "SenderId", record.sender_id);
    take_number(json, "ApproximateReceiveCount", record.receive_count);
    take_number(json, "SentTimestamp", record.sent_ms);
    take_number(json, "ApproximateFirstReceiveTimestamp", record.first_received_ms);
  }

  MessageAttribute read_message_attribute(std::string_view name, const JsonValue& json) {
    MessageAttribute attribute;
    attribute.name = name;
    std::string binary;
    take(json, "dataType", attribute.data_type);
    take(json, "stringValue", attribute.value);
    take(json, "binaryValue", binary);
    if (binary.empty()) return attribute;
    attribute.kind = AttributeKind::kBinary;
    const auto bytes = base64_decode(binary);
    if (bytes) {
      attribute.value = *bytes;
    } else {
      complain(".messageAttributes." + std::string(name) + ".binaryValue", "expected base64");
    }
    return attribute;
  }

  std::string place_;
  std::string problem_;
};

// Of records that do not name one: each its own, in the form of a UUID.
std::string made_up_id(std::size_t index) {
  const std::string digits = std::to_string(index);
  return "00000000-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

}  // namespace

Result<Event> read_records_event(std::string_view json) {
  const Result<JsonDocument> document = JsonDocument::parse(json);
  if (!document) return document.error();
  const auto records = document->root().find("Records");
  if (!records || !records->is_array()) {
    return Error{ErrorCode::kInvalid, "expected {\"Records\": [...]}"};
  }
  const std::vector<JsonValue> elements = records->elements();
  if (elements.empty() || elements.size() > kReadRecordsMax) {
    return Error{ErrorCode::kInvalid, "Records: expected 1 to 10,000 records"};
  }
  Event event;
  for (const JsonValue& element : elements) {
    const std::size_t index = event.records.size();
    RecordReader reader(index);
    Record record = reader.read(element);
    std::string source(kEventSource);
    reader.take(element, "eventSource", source);
    reader.take(element, "eventSourceARN", event.source_arn);
    reader.take(element, "awsRegion", event.region);
    if (!reader.problem().empty()) return Error{ErrorCode::kInvalid, reader.problem()};
    if (source != kEventSource) {
      return Error{ErrorCode::kInvalid, "only events of SQS can be given to a function, not of " +
                                            bounded_utf8(source, 100)};
    }
    if (record.message_id.empty()) record.message_id = made_up_id(index);
    if (record.receive_count == 0) record.receive_count = 1;
    event.records.push_back(std::move(record));
  }
  return event;
}

}  // namespace headrace::functions

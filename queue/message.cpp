#include "queue/message.hpp"

#include "base/json_writer.hpp"
#include "queue/limits.hpp"

namespace headrace::queue {

namespace {

constexpr std::string_view kArnPrefix = "arn:aws:sqs:";

// Keys, punctuation, ids, handle, digests, timestamps, ARN and region of one rendered record.
constexpr std::size_t kEventRecordOverhead = 1024;
constexpr std::size_t kEventAttributeOverhead = 128;

std::string_view take_field(std::string_view& text) {
  const std::size_t colon = text.find(':');
  const std::string_view field = text.substr(0, colon);
  text.remove_prefix(colon == std::string_view::npos ? text.size() : colon + 1);
  return field;
}

}  // namespace

std::string to_arn(const QueueAddress& address) {
  std::string arn(kArnPrefix);
  arn.append(address.region).append(":").append(address.account).append(":").append(address.name);
  return arn;
}

bool parse_arn(std::string_view arn, QueueAddress& address) {
  if (!arn.starts_with(kArnPrefix)) return false;
  arn.remove_prefix(kArnPrefix.size());
  address.region = take_field(arn);
  address.account = take_field(arn);
  address.name = arn;
  return !address.region.empty() && address.account.size() == kAccountLength &&
         !address.name.empty() && address.name.find(':') == std::string::npos;
}

std::string to_sequence_number(Sequence sequence) {
  constexpr std::size_t kDigits = 20;
  std::string digits = std::to_string(sequence.value());
  return digits.insert(0, kDigits - digits.size(), '0');
}

std::int64_t message_size(const MessageContent& content) {
  std::size_t size = content.body.size();
  for (const MessageAttribute& attribute : content.attributes) {
    size += attribute.name.size() + attribute.data_type.size() + attribute.value.size();
  }
  return static_cast<std::int64_t>(size);
}

std::uint32_t event_size(const MessageContent& content) {
  std::size_t size = kEventRecordOverhead + json_string_size(content.body) +
                     json_string_size(content.group_id) +
                     json_string_size(content.deduplication_id) +
                     json_string_size(content.trace_header) + json_string_size(content.sender_id);
  for (const MessageAttribute& attribute : content.attributes) {
    size += kEventAttributeOverhead + json_string_size(attribute.name) +
            json_string_size(attribute.data_type);
    size += attribute.kind == ValueKind::kBinary ? (attribute.value.size() + 2) / 3 * 4
                                                 : json_string_size(attribute.value);
  }
  return static_cast<std::uint32_t>(size);
}

}  // namespace headrace::queue

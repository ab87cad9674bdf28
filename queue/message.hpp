// The nouns of SQS: addresses, ids, messages.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/codec.hpp"
#include "base/random.hpp"
#include "base/strong.hpp"

namespace headrace::queue {

// One creation of a queue: deleting and creating it again gives another id, so that no handle and
// no record of the old one fits the new one. Never reused.
using QueueId = Strong<struct QueueIdTag, std::uint64_t>;

// A message's place in its queue: given at send (or on arrival by a move), never reused.
using Sequence = Strong<struct SequenceTag, std::uint64_t>;

// Number of a journal record, from 1. Zero is "nothing": always durable.
using Lsn = Strong<struct LsnTag, std::uint64_t>;

// Where a message is: in which creation of a queue, and its place there. A move gives another one.
struct Place {
  QueueId queue;
  Sequence sequence;

  friend auto operator<=>(const Place&, const Place&) = default;
};

// What names a queue from outside. Names and accounts are case-sensitive.
struct QueueAddress {
  std::string region;
  std::string account;  // 12 digits
  std::string name;

  friend auto operator<=>(const QueueAddress&, const QueueAddress&) = default;
};

// "arn:aws:sqs:us-east-1:000000000000:signup"
std::string to_arn(const QueueAddress& address);

// The address an SQS ARN names; false when the text is not one.
bool parse_arn(std::string_view arn, QueueAddress& address);

// A message attribute as sent. The value of a Binary attribute is the decoded bytes.
enum class ValueKind : std::uint8_t { kText, kBinary };

struct MessageAttribute {
  std::string name;
  std::string data_type;  // with its label: "Number.int"
  ValueKind kind = ValueKind::kText;
  std::string value;
};

// What a producer gave, as it is stored and comes back.
struct MessageContent {
  std::string body;
  Md5 body_md5{};
  std::vector<MessageAttribute> attributes;
  std::string sender_id;
  std::string group_id;          // empty when none
  std::string deduplication_id;  // FIFO
  std::string trace_header;      // AWSTraceHeader; empty when none
};

// As SequenceNumber stands in answers: 20 digits.
std::string to_sequence_number(Sequence sequence);

struct ReceivedMessage {
  Uuid message_id{};
  std::optional<Sequence> sequence;  // FIFO
  std::string receipt_handle;
  MessageContent content;
  TimePoint sent;
  TimePoint first_received;
  std::uint32_t receive_count = 0;
  std::string dead_letter_source_arn;  // empty unless moved here by a redrive policy
  Place place;
};

// The size SQS limits: body plus name, type and value of each attribute (spec 5.2).
std::int64_t message_size(const MessageContent& content);

// An upper bound of the bytes this message takes in a Lambda `Records` event.
std::uint32_t event_size(const MessageContent& content);

}  // namespace headrace::queue

// What a function is given: one batch of messages, as plain values. Knows nothing of queues: who
// builds it moves the bodies in, and nobody copies them after.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace headrace::functions {

enum class AttributeKind { kText, kBinary };

struct MessageAttribute {
  std::string name;
  std::string data_type;  // "String", "Number.int", "Binary", ...
  std::string value;      // the bytes; a binary value is not base64 here
  AttributeKind kind = AttributeKind::kText;
};

// Texts that a message does not have are empty.
struct Record {
  std::string message_id;
  std::string receipt_handle;
  std::string body;
  std::string md5_of_body;
  std::string md5_of_message_attributes;
  std::string sender_id;
  std::string group_id;
  std::string deduplication_id;
  std::string sequence_number;
  std::string trace_header;
  std::string dead_letter_source_arn;
  std::int64_t sent_ms = 0;            // since 1970 UTC
  std::int64_t first_received_ms = 0;  // since 1970 UTC
  std::uint32_t receive_count = 0;
  std::vector<MessageAttribute> attributes;
};

struct Event {
  std::vector<Record> records;
  std::string source_arn;
  std::string region;
  bool windowed = false;  // the mapping has a batching window
  std::string json;       // what an invoker sent, whatever it means; empty for a batch of a mapping
};

}  // namespace headrace::functions

// Record: one change of the queues' state, as decided, as journaled and as applied. Recovery
// applies the same records. Passing time is no record: leases and delays carry the moment they end.
//
// The bytes are defined in docs/journal-format.md; tests decode each form.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "queue/message.hpp"
#include "queue/requests.hpp"

namespace headrace::queue {

// Where a message's stored bytes are. Only the journal that made it can read it.
struct BodyRef {
  std::uint64_t place = 0;
  std::uint32_t size = 0;
};

struct CreateQueueRecord {
  QueueId queue;
  TimePoint time;
  QueueAddress address;
  AttributeMap attributes;  // complete, in SQS's text form
  TagMap tags;
};

struct SetAttributesRecord {
  QueueId queue;
  TimePoint time;
  AttributeMap attributes;  // complete: replaces all
};

struct SetTagsRecord {
  QueueId queue;
  TagMap tags;  // complete: replaces all
};

struct DeleteQueueRecord {
  QueueId queue;
  TimePoint time;
};

struct PurgeQueueRecord {
  QueueId queue;
  TimePoint time;
};

struct SendRecord {
  QueueId queue;
  Sequence sequence;
  TimePoint sent;
  TimePoint available;  // end of the delay
  std::uint32_t event_bytes = 0;
  // Of the stored message, and borrowed: from `content`, or from the bytes that were decoded.
  Uuid message_id{};
  std::string_view group_id;
  std::string_view deduplication_id;
  const MessageContent* content = nullptr;  // borrowed while encoding; null when decoded
};

struct DeadLetterMove {
  Sequence from;
  Sequence to;  // in the dead-letter queue
};

// One receive: what it leases until `until`, and what it moves away because this receive would
// exceed maxReceiveCount.
struct ReceiveRecord {
  QueueId queue;
  TimePoint time;
  TimePoint until;
  QueueId dead_letter_queue;
  std::vector<Sequence> leased;
  std::vector<DeadLetterMove> moved;
  std::string attempt_id;  // FIFO: ReceiveRequestAttemptId
  bool repeats = false;    // the same receive again: leases begin anew, no receive is counted
};

struct DeleteRecord {
  QueueId queue;
  Sequence sequence;
  TimePoint time{};  // not stored; zero when decoded. For fairness, which no restart needs
};

struct ChangeVisibilityRecord {
  QueueId queue;
  Sequence sequence;
  TimePoint time;
  TimePoint until;
};

struct Redrive {
  Sequence from;
  QueueId destination;
  Sequence to;
  Uuid message_id{};  // the new identity
};

// A redrive: messages leave `queue` and begin anew elsewhere.
struct MoveRecord {
  QueueId queue;
  TimePoint time;
  std::vector<Redrive> moves;
};

struct DocumentRecord {
  std::string key;
  std::string bytes;  // empty: the document is gone
};

// A live message's bytes copied forward so that its segment can be reused. Never creates a message.
struct BodyCopyRecord {
  QueueId queue;
  Sequence sequence;
  std::string stored;  // the stored message, as in SendRecord
};

using Record =
    std::variant<CreateQueueRecord, SetAttributesRecord, DeleteQueueRecord, PurgeQueueRecord,
                 SendRecord, ReceiveRecord, DeleteRecord, ChangeVisibilityRecord, MoveRecord,
                 DocumentRecord, BodyCopyRecord, SetTagsRecord>;

// The stored form of a message: CRC, id, content.
struct StoredMessage {
  Uuid message_id{};
  MessageContent content;
};

void encode_stored(std::string& out, const Uuid& message_id, const MessageContent& content);
// Empty when the CRC or the form is wrong: the bytes must not be served.
std::optional<StoredMessage> decode_stored(std::string_view bytes);

// Where, inside one encoded record, the stored message lies; size 0 when it has none.
struct StoredSpan {
  std::size_t offset = 0;
  std::size_t size = 0;
};

// Appends the record with its frame to `out`. The span is relative to the frame's first byte.
StoredSpan encode_record(std::string& out, const Record& record);

struct DecodedRecord {
  Record record;
  StoredSpan stored;      // relative to the frame's first byte
  std::size_t bytes = 0;  // the whole frame
};

// Reads one frame from the start of `bytes`; empty when it is not whole and well-formed.
std::optional<DecodedRecord> decode_record(std::string_view bytes);

}  // namespace headrace::queue

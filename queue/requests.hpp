// One request and one result per action of the broker. Durations are seconds as in the API; absent
// values mean the queue's own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "queue/message.hpp"
#include "queue/policy_document.hpp"
#include "queue/queue_attributes.hpp"

namespace headrace::queue {

using TagMap = std::map<std::string, std::string, std::less<>>;

struct CreateQueueRequest {
  QueueAddress address;
  AttributeMap attributes;
  TagMap tags;
};

struct ListQueuesRequest {
  std::string region;
  std::string account;
  std::string name_prefix;
  std::string after;  // names that sort after this one
  std::size_t limit = 1000;
};

// The queues whose redrive policy names this one, by name.
struct ListSourcesRequest {
  QueueAddress address;
  std::string after;
  std::size_t limit = 1000;
};

struct ListQueuesResult {
  std::vector<QueueAddress> queues;  // by name
  bool more = false;
};

// Counts are exact at the moment of the call.
struct QueueDescription {
  QueueAddress address;
  QueueAttributes attributes;
  TagMap tags;
  TimePoint created;
  TimePoint last_modified;
  std::uint64_t visible = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t delayed = 0;
  std::optional<TimePoint> oldest_sent;  // of the messages that are not deleted
  std::uint64_t sent_total = 0;          // since the server started, as the two below
  std::uint64_t received_total = 0;
  std::uint64_t deleted_total = 0;
};

// Adds or overwrites `set`, then takes `removed` away; keys that are not there are no error.
struct ChangeTagsRequest {
  QueueAddress address;
  TagMap set;
  std::vector<std::string> removed;
};

struct AddPermissionRequest {
  QueueAddress address;
  PolicyStatement statement;
};

struct RemovePermissionRequest {
  QueueAddress address;
  std::string label;
};

struct SendEntry {
  MessageContent content;  // body_md5 filled in by the caller, who may do it off the loop
  std::optional<std::int64_t> delay_seconds;
  // SHA-256 of the body in hex, for a FIFO queue without a deduplication id; likewise.
  std::string body_sha256{};
};

struct SendRequest {
  QueueAddress address;
  std::vector<SendEntry> entries;
};

struct SendResult {
  Uuid message_id{};
  std::optional<Sequence> sequence;  // FIFO
};

struct ReceiveRequest {
  QueueAddress address;
  std::size_t max_messages = 1;                // 1 .. kBrokerReceiveMax
  std::uint64_t event_bytes_max = UINT64_MAX;  // sum of event_size() of what is returned
  std::optional<std::int64_t> visibility_timeout;
  std::optional<std::int64_t> wait_seconds;
  std::string attempt_id{};  // ReceiveRequestAttemptId; a standard queue ignores it
};

// Waits, without leasing, until that much can be received. What closes a batch of an event source
// mapping.
struct WaitRequest {
  QueueAddress address;
  std::uint64_t messages = 1;              // at least so many, or
  std::uint64_t event_bytes = UINT64_MAX;  // messages of at least that event_size() together, or
  TimePoint deadline = kForever;           // this moment, whatever there is
};

struct DeleteRequest {
  QueueAddress address;
  std::vector<std::string> receipt_handles;
};

struct VisibilityEntry {
  std::string receipt_handle;
  std::int64_t visibility_timeout = 0;
};

struct ChangeVisibilityRequest {
  QueueAddress address;
  std::vector<VisibilityEntry> entries;
};

// Looks at messages without receiving them: no lease, no receive counted. Oldest first.
struct PeekRequest {
  QueueAddress address;
  std::size_t max_messages = 10;
  std::uint64_t event_bytes_max = UINT64_MAX;  // as in ReceiveRequest
  bool with_in_flight = true;
  bool with_delayed = true;
};

enum class MessageState : std::uint8_t { kVisible, kInFlight, kDelayed };

constexpr const char* name_of(MessageState state) {
  switch (state) {
    case MessageState::kVisible: return "visible";
    case MessageState::kInFlight: return "in flight";
    case MessageState::kDelayed: return "delayed";
  }
  return "";
}

struct PeekedMessage {
  ReceivedMessage message;  // without a receipt handle
  MessageState state = MessageState::kVisible;
};

// Where is a message? Only stored bytes hold its id: first the likely places are read, then, unless
// they are all there is to look at, every message of the region and account, queues with few
// messages first.
enum class Search { kEverywhere, kLikelyPlaces };

struct FindMessageRequest {
  std::string region;
  std::string account;
  std::vector<Uuid> ids;      // of one message: a redrive gives it another one
  std::vector<Place> likely;  // of any account: who names them knows them from there
  Search search = Search::kEverywhere;
};

struct FoundMessage {
  QueueAddress queue;
  PeekedMessage seen;
  TimePoint due;    // of what is not visible: when it will be
  Uuid first_id{};  // as it was sent, however often it was redriven since
};

// Redrive: moves up to `max_messages` visible messages, oldest first, each as a new message with a
// new id and no receives (spec 8.3). Without a destination each goes to the queue it came from.
struct MoveRequest {
  QueueAddress source;
  std::optional<QueueAddress> destination;
  std::size_t max_messages = kMoveChunk;
  static constexpr std::size_t kMoveChunk = 100;
};

struct MoveResult {
  std::uint64_t moved = 0;
  std::uint64_t without_source = 0;  // visible, but no queue is known or left to return them to
};

// A small piece of control state kept in the same journal: functions, versions, mappings.
struct Document {
  std::string key;
  std::string bytes;
};

}  // namespace headrace::queue

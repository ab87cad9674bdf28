// Snapshot: the state of all queues at one LSN, as bytes. Recovery restores it and then applies the
// records after it, with the same apply as ever.
//
// Pure; docs/journal-format.md is the norm ("Snapshots"). A new field of a message or a queue gets
// its place in snapshot.cpp, once in encode and once in decode.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "queue/queue.hpp"

namespace headrace::queue {

// The items of a snapshot, in the order of the file: queues by their numbers, each followed by its
// messages by sequence, and on a FIFO queue by the sends and receives it remembers; then documents;
// then the end.
struct QueuedMessage {
  QueueId queue;
  MessageImage image;
};

// Messages remember where they were dead-lettered from, also when that queue is gone.
struct DeletedQueueImage {
  QueueId id;
  std::string arn;
};

struct RememberedSend {
  QueueId queue;
  Deduplication sent;
};

struct RememberedReceive {
  QueueId queue;
  std::string attempt_id;
  ReceiveAttempt attempt;
};

struct DocumentImage {
  std::string key;
  std::string bytes;
};

struct SnapshotEnd {
  QueueId last_queue;  // the newest number given to a queue
  std::uint64_t messages = 0;
  TimePoint time;  // when the snapshot ended; the clock must not be behind it
};

using SnapshotItem = std::variant<QueueImage, QueuedMessage, RememberedSend, RememberedReceive,
                                  DeletedQueueImage, DocumentImage, SnapshotEnd>;

// Writes items, one chunk after the other. A chunk can be read without those before it.
class SnapshotEncoder {
 public:
  void add(const QueueImage& queue);
  void add(QueueId queue, const MessageImage& message);
  void add(QueueId queue, const Deduplication& sent);
  void add(QueueId queue, const std::string& attempt_id, const ReceiveAttempt& attempt);
  void add(const DeletedQueueImage& queue);
  void add(const DocumentImage& document);
  // The last item; the number of messages is known here.
  void add_end(QueueId last_queue, TimePoint time);

  std::size_t size() const { return payload_.size(); }
  // What was added since the last call.
  std::string take_payload();

 private:
  void set_queue(QueueId queue);
  void tell_queue(QueueId queue);

  std::string payload_;
  // What the next message is told relative to; nothing at the start of a chunk.
  std::optional<QueueId> queue_;
  Sequence sequence_{};
  std::int64_t sent_ms_ = 0;
  std::uint64_t messages_ = 0;
};

// Gives the items of one chunk to `visit`; false when its form is wrong.
bool decode_snapshot(std::string_view payload,
                     const std::function<void(const SnapshotItem& item)>& visit);

// A chunk is closed when it has reached this size, and no chunk is longer than the second: one item
// may be as long as the largest document.
inline constexpr std::size_t kSnapshotChunkBytes = std::size_t{256} << 10;
inline constexpr std::size_t kSnapshotPayloadMax = std::size_t{4} << 20;

// A chunk on the disk: this header, then the payload. Chunks follow each other without gaps.
struct SnapshotChunkHeader {
  Uuid store{};
  Lsn lsn;  // of the snapshot
  std::uint32_t index = 0;
  std::uint32_t payload_bytes = 0;
  bool last = false;
};

inline constexpr std::size_t kSnapshotHeaderBytes = 56;

// Header and payload; payload_bytes is filled in here.
std::string encode_snapshot_chunk(SnapshotChunkHeader header, std::string_view payload);
// The header alone, with the form checked; and whether header and payload match its checksum.
std::optional<SnapshotChunkHeader> decode_snapshot_header(std::string_view bytes);
bool check_snapshot_chunk(std::string_view header, std::string_view payload);

}  // namespace headrace::queue

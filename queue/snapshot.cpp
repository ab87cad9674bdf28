#include "queue/snapshot.hpp"

#include <cstring>
#include <utility>

#include "base/check.hpp"
#include "base/codec.hpp"
#include "queue/bytes.hpp"

namespace headrace::queue {

namespace {

// docs/journal-format.md, "Snapshots". Never renumber; a new meaning is a new number.
enum class ItemType : std::uint8_t {
  kQueue = 1,
  kSameQueue = 2,
  kMessage = 3,
  kDeletedQueue = 4,
  kDocument = 5,
  kEnd = 6,
  kRememberedSend = 7,
  kRememberedReceive = 8,
};

// Flags of a message; the state stands in the lowest two bits.
constexpr std::uint8_t kStateMask = 3;
constexpr std::uint8_t kMovedIn = 4;
constexpr std::uint8_t kNewIdentity = 8;
constexpr std::uint8_t kReceived = 16;
constexpr std::uint8_t kFromSource = 32;
constexpr std::uint8_t kGrouped = 64;
constexpr std::uint8_t kOlder = 128;  // dead-lettered to a FIFO queue: sent before it came

constexpr std::uint64_t kMagic = 0x313050414e535248U;  // "HRSNAP01"
constexpr std::size_t kCrcAt = 8;
constexpr std::size_t kCheckedFrom = kCrcAt + 4;
constexpr std::uint32_t kLastChunk = 1;

void put_type(ByteWriter& out, ItemType type) { out.put(static_cast<std::uint8_t>(type)); }

QueueImage decode_queue(ByteReader& in) {
  QueueImage queue;
  queue.id = QueueId(in.take<std::uint64_t>());
  queue.created = take_time(in);
  queue.last_modified = take_time(in);
  queue.dead_before = take_time(in);
  queue.next_sequence = Sequence(in.take<std::uint64_t>());
  queue.address.region = in.take_text();
  queue.address.account = in.take_text();
  queue.address.name = in.take_text();
  queue.attributes = take_map(in);
  queue.tags = take_map(in);
  return queue;
}

// Reads the items of one chunk; remembers what a message is told relative to.
class ItemReader {
 public:
  explicit ItemReader(std::string_view payload) : in_(payload) {}

  bool at_end() const { return in_.at_end(); }

  // Empty when the form is wrong, or for an item that only prepares the next.
  bool next(const std::function<void(const SnapshotItem& item)>& visit) {
    switch (static_cast<ItemType>(in_.take<std::uint8_t>())) {
      case ItemType::kQueue: {
        QueueImage queue = decode_queue(in_);
        set_queue(queue.id);
        return give(visit, std::move(queue));
      }
      case ItemType::kSameQueue:
        set_queue(QueueId(in_.take<std::uint64_t>()));
        return !in_.failed();
      case ItemType::kMessage: return give(visit, take_message());
      case ItemType::kRememberedSend: return give(visit, take_send());
      case ItemType::kRememberedReceive: return give(visit, take_receive());
      case ItemType::kDeletedQueue: {
        DeletedQueueImage queue;
        queue.id = QueueId(in_.take<std::uint64_t>());
        queue.arn = in_.take_text();
        return give(visit, std::move(queue));
      }
      case ItemType::kDocument: {
        DocumentImage document;
        document.key = in_.take_text();
        document.bytes = in_.take_text();
        return give(visit, std::move(document));
      }
      case ItemType::kEnd: {
        SnapshotEnd end;
        end.last_queue = QueueId(in_.take<std::uint64_t>());
        end.messages = in_.take<std::uint64_t>();
        end.time = take_time(in_);
        return give(visit, end);
      }
    }
    return false;
  }

 private:
  bool give(const std::function<void(const SnapshotItem& item)>& visit, const SnapshotItem& item) {
    if (in_.failed() || bad_) return false;
    visit(item);
    return true;
  }

  void set_queue(QueueId queue) {
    queue_ = queue;
    sequence_ = Sequence();
    sent_ms_ = 0;
  }

  std::uint32_t take_u32() {
    const std::uint64_t value = in_.take_varint();
    if (value > UINT32_MAX) bad_ = true;
    return static_cast<std::uint32_t>(value);
  }

  // The mirror of SnapshotEncoder::add.
  QueuedMessage take_message() {
    QueuedMessage message;
    Entry& entry = message.image.entry;
    const auto flags = in_.take<std::uint8_t>();
    const std::uint8_t state = flags & kStateMask;
    if (!queue_ || state > 2) bad_ = true;
    if (bad_) return message;
    message.queue = *queue_;
    entry.state = static_cast<MessageState>(state);
    entry.moved_in = (flags & kMovedIn) != 0;
    entry.has_origin = (flags & (kNewIdentity | kOlder)) != 0;
    const std::uint64_t step = in_.take_varint();
    if (step == 0) bad_ = true;
    sequence_ = Sequence(sequence_.value() + step);
    entry.sequence = sequence_;
    const std::uint64_t segment = take_u32();
    const std::uint64_t offset = take_u32();
    entry.body_place = segment << 32 | offset;
    entry.body_size = take_u32();
    sent_ms_ += in_.take_signed_varint();
    entry.sent_ms = sent_ms_;
    entry.event_bytes = take_u32();
    if (entry.state != MessageState::kVisible) {
      entry.due_ms = entry.sent_ms + in_.take_signed_varint();
    }
    if ((flags & kReceived) != 0) {
      entry.first_received_after_ms = take_u32();
      entry.last_received_after_ms = take_u32();
      entry.receive_count = take_u32();
      entry.receive_number = take_u32();
    }
    if ((flags & kFromSource) != 0) entry.source_queue = take_u32();
    if ((flags & kGrouped) != 0) message.image.group = in_.take_text();
    if (entry.has_origin) message.image.origin = take_origin(flags, entry.sent_ms);
    return message;
  }

  Origin take_origin(std::uint8_t flags, std::int64_t base_ms) {
    Origin origin;
    if ((flags & kNewIdentity) != 0) origin.message_id = in_.take_array<16>();
    if ((flags & kOlder) != 0) {
      origin.sent = from_epoch_ms(base_ms + in_.take_signed_varint());
      origin.first_received = from_epoch_ms(base_ms + in_.take_signed_varint());
    }
    return origin;
  }

  RememberedSend take_send() {
    RememberedSend send;
    if (!queue_) bad_ = true;
    send.queue = queue_.value_or(QueueId());
    send.sent.key.id = in_.take<std::uint64_t>();
    send.sent.key.id_more = in_.take<std::uint32_t>();
    send.sent.key.group = in_.take<std::uint64_t>();
    send.sent.message_id = in_.take_array<16>();
    send.sent.sequence = Sequence(in_.take<std::uint64_t>());
    send.sent.sent = take_time(in_);
    return send;
  }

  RememberedReceive take_receive() {
    RememberedReceive receive;
    if (!queue_) bad_ = true;
    receive.queue = queue_.value_or(QueueId());
    receive.attempt_id = in_.take_text();
    receive.attempt.time = take_time(in_);
    receive.attempt.until = take_time(in_);
    const auto count = in_.take<std::uint32_t>();
    for (std::uint32_t i = 0; i < count && !in_.failed(); ++i) {
      const Sequence sequence(in_.take<std::uint64_t>());
      receive.attempt.messages.push_back({sequence, in_.take<std::uint32_t>()});
    }
    return receive;
  }

  ByteReader in_;
  bool bad_ = false;
  std::optional<QueueId> queue_;
  Sequence sequence_{};
  std::int64_t sent_ms_ = 0;
};

}  // namespace

void SnapshotEncoder::set_queue(QueueId queue) {
  queue_ = queue;
  sequence_ = Sequence();
  sent_ms_ = 0;
}

void SnapshotEncoder::add(const QueueImage& queue) {
  set_queue(queue.id);
  ByteWriter out(payload_);
  put_type(out, ItemType::kQueue);
  out.put(queue.id.value());
  put_time(out, queue.created);
  put_time(out, queue.last_modified);
  put_time(out, queue.dead_before);
  out.put(queue.next_sequence.value());
  out.put_text(queue.address.region);
  out.put_text(queue.address.account);
  out.put_text(queue.address.name);
  put_map(out, queue.attributes);
  put_map(out, queue.tags);
}

// Once a chunk, before what belongs to a queue.
void SnapshotEncoder::tell_queue(QueueId queue) {
  if (queue_ == queue) return;
  set_queue(queue);
  ByteWriter out(payload_);
  put_type(out, ItemType::kSameQueue);
  out.put(queue.value());
}

void SnapshotEncoder::add(QueueId queue, const Deduplication& sent) {
  tell_queue(queue);
  ByteWriter out(payload_);
  put_type(out, ItemType::kRememberedSend);
  out.put(sent.key.id);
  out.put(sent.key.id_more);
  out.put(sent.key.group);
  out.put(sent.message_id);
  out.put(sent.sequence.value());
  put_time(out, sent.sent);
}

void SnapshotEncoder::add(QueueId queue, const std::string& attempt_id,
                          const ReceiveAttempt& attempt) {
  tell_queue(queue);
  ByteWriter out(payload_);
  put_type(out, ItemType::kRememberedReceive);
  out.put_text(attempt_id);
  put_time(out, attempt.time);
  put_time(out, attempt.until);
  out.put(static_cast<std::uint32_t>(attempt.messages.size()));
  for (const ReceiveAttempt::Message& message : attempt.messages) {
    out.put(message.sequence.value());
    out.put(message.receive_number);
  }
}

void SnapshotEncoder::add(QueueId queue, const MessageImage& message) {
  tell_queue(queue);
  ByteWriter out(payload_);
  ++messages_;
  const Entry& entry = message.entry;
  auto flags = static_cast<std::uint8_t>(entry.state);
  const bool received = entry.receive_count > 0 || entry.receive_number > 0;
  if (entry.moved_in) flags |= kMovedIn;
  const Origin origin = message.origin.value_or(Origin());
  if (origin.message_id) flags |= kNewIdentity;
  if (origin.sent) flags |= kOlder;
  if (!message.group.empty()) flags |= kGrouped;
  if (received) flags |= kReceived;
  if (entry.source_queue != 0) flags |= kFromSource;
  put_type(out, ItemType::kMessage);
  out.put(flags);
  HR_CHECK(entry.sequence > sequence_);
  out.put_varint(entry.sequence.value() - sequence_.value());
  out.put_varint(entry.body_place >> 32);
  out.put_varint(entry.body_place & UINT32_MAX);
  out.put_varint(entry.body_size);
  out.put_signed_varint(entry.sent_ms - sent_ms_);
  out.put_varint(entry.event_bytes);
  if (entry.state != MessageState::kVisible) out.put_signed_varint(entry.due_ms - entry.sent_ms);
  if (received) {
    out.put_varint(entry.first_received_after_ms);
    out.put_varint(entry.last_received_after_ms);
    out.put_varint(entry.receive_count);
    out.put_varint(entry.receive_number);
  }
  if (entry.source_queue != 0) out.put_varint(entry.source_queue);
  if (!message.group.empty()) out.put_text(message.group);
  if (origin.message_id) out.put(*origin.message_id);
  if (origin.sent) {
    out.put_signed_varint(to_epoch_ms(*origin.sent) - entry.sent_ms);
    out.put_signed_varint(to_epoch_ms(origin.first_received) - entry.sent_ms);
  }
  sequence_ = entry.sequence;
  sent_ms_ = entry.sent_ms;
}

void SnapshotEncoder::add(const DeletedQueueImage& queue) {
  ByteWriter out(payload_);
  put_type(out, ItemType::kDeletedQueue);
  out.put(queue.id.value());
  out.put_text(queue.arn);
}

void SnapshotEncoder::add(const DocumentImage& document) {
  ByteWriter out(payload_);
  put_type(out, ItemType::kDocument);
  out.put_text(document.key);
  out.put_text(document.bytes);
}

void SnapshotEncoder::add_end(QueueId last_queue, TimePoint time) {
  ByteWriter out(payload_);
  put_type(out, ItemType::kEnd);
  out.put(last_queue.value());
  out.put(messages_);
  put_time(out, time);
}

std::string SnapshotEncoder::take_payload() {
  queue_.reset();
  return std::exchange(payload_, {});
}

bool decode_snapshot(std::string_view payload,
                     const std::function<void(const SnapshotItem& item)>& visit) {
  ItemReader reader(payload);
  while (!reader.at_end()) {
    if (!reader.next(visit)) return false;
  }
  return true;
}

std::string encode_snapshot_chunk(SnapshotChunkHeader header, std::string_view payload) {
  std::string bytes;
  bytes.reserve(kSnapshotHeaderBytes + payload.size());
  ByteWriter out(bytes);
  out.put(kMagic);
  out.put(std::uint32_t{0});  // CRC of everything after it
  out.put(static_cast<std::uint32_t>(payload.size()));
  out.put(header.store);
  out.put(header.lsn.value());
  out.put(header.index);
  out.put(header.last ? kLastChunk : std::uint32_t{0});
  out.put(std::uint64_t{0});
  HR_CHECK(bytes.size() == kSnapshotHeaderBytes);
  bytes += payload;
  const std::uint32_t crc = crc32c(std::string_view(bytes).substr(kCheckedFrom));
  std::memcpy(bytes.data() + kCrcAt, &crc, sizeof crc);
  return bytes;
}

std::optional<SnapshotChunkHeader> decode_snapshot_header(std::string_view bytes) {
  ByteReader in(bytes);
  const auto magic = in.take<std::uint64_t>();
  in.take<std::uint32_t>();
  SnapshotChunkHeader header;
  header.payload_bytes = in.take<std::uint32_t>();
  header.store = in.take_array<16>();
  header.lsn = Lsn(in.take<std::uint64_t>());
  header.index = in.take<std::uint32_t>();
  header.last = in.take<std::uint32_t>() == kLastChunk;
  in.take<std::uint64_t>();
  if (in.failed() || magic != kMagic || header.payload_bytes > kSnapshotPayloadMax) {
    return std::nullopt;
  }
  return header;
}

bool check_snapshot_chunk(std::string_view header, std::string_view payload) {
  ByteReader in(header.substr(kCrcAt));
  const auto crc = in.take<std::uint32_t>();
  return crc == crc32c(payload, crc32c(header.substr(kCheckedFrom)));
}

}  // namespace headrace::queue

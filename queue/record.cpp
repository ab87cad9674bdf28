#include "queue/record.hpp"

#include "base/check.hpp"
#include "base/mutant.hpp"
#include "queue/bytes.hpp"

namespace headrace::queue {

namespace {

// docs/journal-format.md, "Record types". Never renumber; a new meaning is a new number.
enum class RecordType : std::uint8_t {
  kCreateQueue = 1,
  kSetAttributes = 2,
  kDeleteQueue = 3,
  kPurgeQueue = 4,
  kSend = 5,
  kReceive = 6,
  kDelete = 7,
  kChangeVisibility = 8,
  kMove = 9,
  kDocument = 10,
  kBodyCopy = 11,
  // 12 was reserved once and never written
  kSetTags = 13,
};

// Flags of a frame.
constexpr std::uint8_t kRepeats = 1;  // Receive

constexpr std::size_t kFrameHeaderBytes = 8;  // length u32, type u8, flags u8, reserved u16
constexpr std::size_t kCrcBytes = 4;

template <class Id>
Id take_id(ByteReader& in) {
  return Id(in.take<std::uint64_t>());
}

// Encoding: one overload per record, writing the fields after the frame header.

RecordType encode(ByteWriter& out, const CreateQueueRecord& r) {
  out.put(r.queue.value());
  put_time(out, r.time);
  out.put_text(r.address.region);
  out.put_text(r.address.account);
  out.put_text(r.address.name);
  put_map(out, r.attributes);
  put_map(out, r.tags);
  return RecordType::kCreateQueue;
}

RecordType encode(ByteWriter& out, const SetAttributesRecord& r) {
  out.put(r.queue.value());
  put_time(out, r.time);
  put_map(out, r.attributes);
  return RecordType::kSetAttributes;
}

RecordType encode(ByteWriter& out, const DeleteQueueRecord& r) {
  out.put(r.queue.value());
  put_time(out, r.time);
  return RecordType::kDeleteQueue;
}

RecordType encode(ByteWriter& out, const PurgeQueueRecord& r) {
  out.put(r.queue.value());
  put_time(out, r.time);
  return RecordType::kPurgeQueue;
}

RecordType encode(ByteWriter& out, const SendRecord& r) {
  out.put(r.queue.value());
  out.put(r.sequence.value());
  put_time(out, r.sent);
  put_time(out, r.available);
  out.put(r.event_bytes);
  return RecordType::kSend;  // the stored message follows
}

RecordType encode(ByteWriter& out, const ReceiveRecord& r) {
  out.put(r.queue.value());
  put_time(out, r.time);
  put_time(out, r.until);
  out.put(r.dead_letter_queue.value());
  out.put(static_cast<std::uint32_t>(r.leased.size()));
  for (const Sequence sequence : r.leased) out.put(sequence.value());
  out.put(static_cast<std::uint32_t>(r.moved.size()));
  for (const DeadLetterMove& move : r.moved) {
    out.put(move.from.value());
    out.put(move.to.value());
  }
  out.put_text(r.attempt_id);
  return RecordType::kReceive;
}

RecordType encode(ByteWriter& out, const DeleteRecord& r) {
  out.put(r.queue.value());
  out.put(r.sequence.value());
  return RecordType::kDelete;
}

RecordType encode(ByteWriter& out, const ChangeVisibilityRecord& r) {
  out.put(r.queue.value());
  out.put(r.sequence.value());
  put_time(out, r.time);
  put_time(out, r.until);
  return RecordType::kChangeVisibility;
}

RecordType encode(ByteWriter& out, const MoveRecord& r) {
  out.put(r.queue.value());
  put_time(out, r.time);
  out.put(static_cast<std::uint32_t>(r.moves.size()));
  for (const Redrive& move : r.moves) {
    out.put(move.from.value());
    out.put(move.destination.value());
    out.put(move.to.value());
    out.put(move.message_id);
  }
  return RecordType::kMove;
}

RecordType encode(ByteWriter& out, const DocumentRecord& r) {
  out.put_text(r.key);
  out.put_text(r.bytes);
  return RecordType::kDocument;
}

RecordType encode(ByteWriter& out, const SetTagsRecord& r) {
  out.put(r.queue.value());
  put_map(out, r.tags);
  return RecordType::kSetTags;
}

RecordType encode(ByteWriter& out, const BodyCopyRecord& r) {
  out.put(r.queue.value());
  out.put(r.sequence.value());
  return RecordType::kBodyCopy;  // the stored message follows
}

// Decoding: the mirror of the above, in the same order.

CreateQueueRecord decode_create(ByteReader& in) {
  CreateQueueRecord r{};
  r.queue = take_id<QueueId>(in);
  r.time = take_time(in);
  r.address.region = in.take_text();
  r.address.account = in.take_text();
  r.address.name = in.take_text();
  r.attributes = take_map(in);
  r.tags = take_map(in);
  return r;
}

SetAttributesRecord decode_set_attributes(ByteReader& in) {
  SetAttributesRecord r{};
  r.queue = take_id<QueueId>(in);
  r.time = take_time(in);
  r.attributes = take_map(in);
  return r;
}

SendRecord decode_send(ByteReader& in) {
  SendRecord r{};
  r.queue = take_id<QueueId>(in);
  r.sequence = take_id<Sequence>(in);
  r.sent = take_time(in);
  r.available = take_time(in);
  if (HR_MUTANT(21)) r.available = r.sent;
  r.event_bytes = in.take<std::uint32_t>();
  return r;
}

ReceiveRecord decode_receive(ByteReader& in) {
  ReceiveRecord r{};
  r.queue = take_id<QueueId>(in);
  r.time = take_time(in);
  r.until = take_time(in);
  r.dead_letter_queue = take_id<QueueId>(in);
  const auto leased = in.take<std::uint32_t>();
  for (std::uint32_t i = 0; i < leased && !in.failed(); ++i) {
    r.leased.push_back(take_id<Sequence>(in));
  }
  const auto moved = in.take<std::uint32_t>();
  for (std::uint32_t i = 0; i < moved && !in.failed(); ++i) {
    DeadLetterMove move{};
    move.from = take_id<Sequence>(in);
    move.to = take_id<Sequence>(in);
    r.moved.push_back(move);
  }
  r.attempt_id = in.take_text();
  return r;
}

DeleteRecord decode_delete(ByteReader& in) {
  DeleteRecord r{};
  r.queue = take_id<QueueId>(in);
  r.sequence = take_id<Sequence>(in);
  return r;
}

ChangeVisibilityRecord decode_change_visibility(ByteReader& in) {
  ChangeVisibilityRecord r{};
  r.queue = take_id<QueueId>(in);
  r.sequence = take_id<Sequence>(in);
  r.time = take_time(in);
  r.until = take_time(in);
  return r;
}

MoveRecord decode_move(ByteReader& in) {
  MoveRecord r{};
  r.queue = take_id<QueueId>(in);
  r.time = take_time(in);
  const auto count = in.take<std::uint32_t>();
  for (std::uint32_t i = 0; i < count && !in.failed(); ++i) {
    Redrive move{};
    move.from = take_id<Sequence>(in);
    move.destination = take_id<QueueId>(in);
    move.to = take_id<Sequence>(in);
    move.message_id = in.take_array<16>();
    r.moves.push_back(move);
  }
  return r;
}

template <class T>
T decode_queue_and_time(ByteReader& in) {
  T r{};
  r.queue = take_id<QueueId>(in);
  r.time = take_time(in);
  return r;
}

std::optional<Record> decode_fields(RecordType type, ByteReader& in) {
  switch (type) {
    case RecordType::kCreateQueue: return decode_create(in);
    case RecordType::kSetAttributes: return decode_set_attributes(in);
    case RecordType::kDeleteQueue: return decode_queue_and_time<DeleteQueueRecord>(in);
    case RecordType::kPurgeQueue: return decode_queue_and_time<PurgeQueueRecord>(in);
    case RecordType::kSend: return decode_send(in);
    case RecordType::kReceive: return decode_receive(in);
    case RecordType::kDelete: return decode_delete(in);
    case RecordType::kChangeVisibility: return decode_change_visibility(in);
    case RecordType::kMove: return decode_move(in);
    case RecordType::kDocument: {
      DocumentRecord r{};
      r.key = in.take_text();
      r.bytes = in.take_text();
      return r;
    }
    case RecordType::kBodyCopy: {
      BodyCopyRecord r{};
      r.queue = take_id<QueueId>(in);
      r.sequence = take_id<Sequence>(in);
      return r;
    }
    case RecordType::kSetTags: {
      SetTagsRecord r{};
      r.queue = take_id<QueueId>(in);
      r.tags = take_map(in);
      return r;
    }
  }
  return std::nullopt;
}

std::uint8_t flags_of(const Record& record) {
  const auto* receive = std::get_if<ReceiveRecord>(&record);
  return receive != nullptr && receive->repeats ? kRepeats : 0;
}

bool take_flags(std::uint8_t flags, Record& record) {
  if (flags == 0) return true;
  auto* receive = std::get_if<ReceiveRecord>(&record);
  if (receive == nullptr || flags != kRepeats) return false;  // written by a later format
  receive->repeats = true;
  return true;
}

// What applying a send needs of its stored message. The block's checksum has vouched for it.
void take_identity(std::string_view stored, SendRecord& send) {
  ByteReader in(stored);
  in.take<std::uint32_t>();  // the CRC
  send.message_id = in.take_array<16>();
  in.take_array<16>();  // the body's MD5
  in.take_text();       // the sender's id
  send.group_id = in.take_text();
  send.deduplication_id = in.take_text();
}

bool carries_stored(RecordType type) {
  return type == RecordType::kSend || type == RecordType::kBodyCopy;
}

}  // namespace

void encode_stored(std::string& out, const Uuid& message_id, const MessageContent& content) {
  const std::size_t start = out.size();
  ByteWriter writer(out);
  writer.put(std::uint32_t{0});  // the CRC, below
  writer.put(message_id);
  writer.put(content.body_md5);
  writer.put_text(content.sender_id);
  writer.put_text(content.group_id);
  writer.put_text(content.deduplication_id);
  writer.put_text(content.trace_header);
  writer.put(static_cast<std::uint16_t>(content.attributes.size()));
  for (const MessageAttribute& attribute : content.attributes) {
    writer.put(static_cast<std::uint8_t>(attribute.kind));
    writer.put_text(attribute.name);
    writer.put_text(attribute.data_type);
    writer.put_text(attribute.value);
  }
  writer.put_text(content.body);
  const std::uint32_t crc = crc32c(std::string_view(out).substr(start + kCrcBytes));
  std::memcpy(out.data() + start, &crc, kCrcBytes);
}

std::optional<StoredMessage> decode_stored(std::string_view bytes) {
  ByteReader in(bytes);
  const auto crc = in.take<std::uint32_t>();
  if (in.failed()) return std::nullopt;
  if (crc != crc32c(bytes.substr(kCrcBytes)) && !HR_MUTANT(15)) return std::nullopt;
  StoredMessage stored;
  stored.message_id = in.take_array<16>();
  stored.content.body_md5 = in.take_array<16>();
  stored.content.sender_id = in.take_text();
  stored.content.group_id = in.take_text();
  stored.content.deduplication_id = in.take_text();
  stored.content.trace_header = in.take_text();
  const auto count = in.take<std::uint16_t>();
  for (std::uint16_t i = 0; i < count && !in.failed(); ++i) {
    MessageAttribute attribute;
    attribute.kind = static_cast<ValueKind>(in.take<std::uint8_t>());
    attribute.name = in.take_text();
    attribute.data_type = in.take_text();
    attribute.value = in.take_text();
    stored.content.attributes.push_back(std::move(attribute));
  }
  stored.content.body = in.take_text();
  if (in.failed() || !in.at_end()) return std::nullopt;
  return stored;
}

StoredSpan encode_record(std::string& out, const Record& record) {
  const std::size_t start = out.size();
  out.append(kFrameHeaderBytes, '\0');
  ByteWriter writer(out);
  const RecordType type =
      std::visit([&writer](const auto& fields) { return encode(writer, fields); }, record);
  StoredSpan stored{out.size() - start, 0};
  if (const auto* send = std::get_if<SendRecord>(&record)) {
    HR_CHECK(send->content != nullptr);
    encode_stored(out, send->message_id, *send->content);
  } else if (const auto* copy = std::get_if<BodyCopyRecord>(&record)) {
    out += copy->stored;
  }
  stored.size = out.size() - start - stored.offset;
  const auto length = static_cast<std::uint32_t>(out.size() - start);
  std::memcpy(out.data() + start, &length, sizeof length);
  out[start + sizeof length] = static_cast<char>(type);
  out[start + sizeof length + 1] = static_cast<char>(flags_of(record));
  return stored;
}

std::optional<DecodedRecord> decode_record(std::string_view bytes) {
  ByteReader frame(bytes);
  const auto length = frame.take<std::uint32_t>();
  const auto type = static_cast<RecordType>(frame.take<std::uint8_t>());
  const auto flags = frame.take<std::uint8_t>();
  const auto reserved = frame.take<std::uint16_t>();
  if (frame.failed() || length < kFrameHeaderBytes || length > bytes.size()) return std::nullopt;
  if (reserved != 0) return std::nullopt;  // written by a later format

  ByteReader in(bytes.substr(kFrameHeaderBytes, length - kFrameHeaderBytes));
  std::optional<Record> record = decode_fields(type, in);
  if (!record || in.failed() || !take_flags(flags, *record)) return std::nullopt;

  DecodedRecord decoded{std::move(*record), {}, length};
  if (carries_stored(type)) {
    decoded.stored = StoredSpan{length - in.left(), in.left()};
    const std::string_view stored = in.take_bytes(in.left());
    if (auto* copy = std::get_if<BodyCopyRecord>(&decoded.record)) copy->stored = stored;
    if (auto* send = std::get_if<SendRecord>(&decoded.record)) take_identity(stored, *send);
  }
  if (!in.at_end()) return std::nullopt;
  return decoded;
}

}  // namespace headrace::queue

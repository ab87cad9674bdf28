// The journal's bytes, written out by hand from docs/journal-format.md.
#include "queue/record.hpp"

#include <gtest/gtest.h>

#include "base/codec.hpp"
#include "queue/segment_format.hpp"
#include "tests/queue/hex_bytes.hpp"

namespace headrace::queue {
namespace {

const TimePoint kAt1000 = from_epoch_ms(1000);
const TimePoint kAt2000 = from_epoch_ms(2000);
const Uuid kId = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

// The bytes decode to a record that encodes to the same bytes.
template <class T>
T decoded_from(const std::string& golden) {
  const auto decoded = decode_record(golden);
  EXPECT_TRUE(decoded.has_value());
  if (!decoded) return {};
  EXPECT_EQ(decoded->bytes, golden.size());
  EXPECT_TRUE(std::holds_alternative<T>(decoded->record));
  std::string again;
  if constexpr (!std::is_same_v<T, SendRecord>) {
    encode_record(again, decoded->record);
    EXPECT_EQ(hex(again), hex(golden));
  }
  return std::get<T>(decoded->record);
}

TEST(RecordBytes, CreateQueue) {
  const auto record = decoded_from<CreateQueueRecord>(
      bytes_of("42000000 01 00 0000"
               "0100000000000000 e803000000000000"
               "01000000 72  01000000 61  01000000 6e"  // region r, account a, name n
               "01000000 01000000 6b 01000000 76"       // one attribute: k = v
               "01000000 01000000 74 00000000 "));      // one tag: t = nothing
  EXPECT_EQ(record.queue, QueueId(1));
  EXPECT_EQ(record.time, kAt1000);
  EXPECT_EQ(record.address, (QueueAddress{"r", "a", "n"}));
  EXPECT_EQ(record.attributes, (AttributeMap{{"k", "v"}}));
  EXPECT_EQ(record.tags, (TagMap{{"t", ""}}));
}

TEST(RecordBytes, SetAttributes) {
  const auto record = decoded_from<SetAttributesRecord>(
      bytes_of("26000000 02 00 0000 0100000000000000 e803000000000000"
               "01000000 01000000 6b 01000000 76"));
  EXPECT_EQ(record.queue, QueueId(1));
  EXPECT_EQ(record.attributes, (AttributeMap{{"k", "v"}}));
}

TEST(RecordBytes, DeleteQueueAndPurgeQueue) {
  EXPECT_EQ(decoded_from<DeleteQueueRecord>(
                bytes_of("18000000 03 00 0000 0100000000000000 e803000000000000"))
                .time,
            kAt1000);
  EXPECT_EQ(decoded_from<PurgeQueueRecord>(
                bytes_of("18000000 04 00 0000 0100000000000000 e803000000000000"))
                .queue,
            QueueId(1));
}

// A stored message without its CRC: id, MD5, sender, group, deduplication id, trace header, one
// attribute, body. The group and deduplication ids are FIFO's.
const std::string kStoredTail = bytes_of(
    "000102030405060708090a0b0c0d0e0f"
    "ffeeddccbbaa99887766554433221100"
    "01000000 73  01000000 67  01000000 64  01000000 74"
    "0100 01 01000000 6e 06000000 42696e617279 02000000 00ff"
    "02000000 6869");

std::string stored_bytes() {
  const std::uint32_t crc = crc32c(kStoredTail);
  return std::string(reinterpret_cast<const char*>(&crc), 4) + kStoredTail;
}

MessageContent stored_content() {
  MessageContent content;
  content.body = "hi";
  content.body_md5 = {0xff, 0xee, 0xdd, 0xcc, 0xbb, 0xaa, 0x99, 0x88,
                      0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, 0x00};
  content.sender_id = "s";
  content.group_id = "g";
  content.deduplication_id = "d";
  content.trace_header = "t";
  content.attributes = {{"n", "Binary", ValueKind::kBinary, std::string("\0\xff", 2)}};
  return content;
}

TEST(RecordBytes, StoredMessage) {
  std::string encoded;
  encode_stored(encoded, kId, stored_content());
  EXPECT_EQ(hex(encoded), hex(stored_bytes()));
  const auto stored = decode_stored(stored_bytes());
  ASSERT_TRUE(stored.has_value());
  EXPECT_EQ(stored->message_id, kId);
  EXPECT_EQ(stored->content.body, "hi");
  EXPECT_EQ(stored->content.group_id, "g");
  EXPECT_EQ(stored->content.deduplication_id, "d");
  EXPECT_EQ(stored->content.trace_header, "t");
  ASSERT_EQ(stored->content.attributes.size(), 1U);
  EXPECT_EQ(stored->content.attributes[0].kind, ValueKind::kBinary);
  EXPECT_EQ(stored->content.attributes[0].value, std::string("\0\xff", 2));
}

TEST(RecordBytes, StoredMessageWithAnyFlippedBitIsNotServed) {
  const std::string good = stored_bytes();
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(decode_stored(bad).has_value()) << bit;
  }
}

TEST(RecordBytes, Send) {
  const std::string fields =
      bytes_of("0200000000000000 0300000000000000 e803000000000000 d007000000000000 39050000");
  const std::string stored = stored_bytes();
  std::string golden = bytes_of("00000000 05 00 0000") + fields + stored;
  golden[0] = static_cast<char>(golden.size());
  const auto record = decoded_from<SendRecord>(golden);
  EXPECT_EQ(record.queue, QueueId(2));
  EXPECT_EQ(record.sequence, Sequence(3));
  EXPECT_EQ(record.sent, kAt1000);
  EXPECT_EQ(record.available, kAt2000);
  EXPECT_EQ(record.event_bytes, 1337U);
  const StoredSpan span = decode_record(golden)->stored;
  EXPECT_EQ(span.offset, golden.size() - stored.size());
  EXPECT_EQ(span.size, stored.size());

  const MessageContent content = stored_content();
  SendRecord send = record;
  send.message_id = kId;
  send.content = &content;
  std::string again;
  const StoredSpan written = encode_record(again, send);
  EXPECT_EQ(hex(again), hex(golden));
  EXPECT_EQ(written.offset, span.offset);
}

TEST(RecordBytes, ReceiveWithDeadLetterMovesAndAnAttemptId) {
  const auto record = decoded_from<ReceiveRecord>(
      bytes_of("4d000000 06 00 0000"
               "0200000000000000 e803000000000000 d007000000000000 0400000000000000"
               "01000000 0500000000000000"
               "01000000 0600000000000000 0700000000000000"
               "01000000 61"));
  EXPECT_EQ(record.until, kAt2000);
  EXPECT_EQ(record.dead_letter_queue, QueueId(4));
  EXPECT_EQ(record.leased, std::vector<Sequence>{Sequence(5)});
  ASSERT_EQ(record.moved.size(), 1U);
  EXPECT_EQ(record.moved[0].from, Sequence(6));
  EXPECT_EQ(record.moved[0].to, Sequence(7));
  EXPECT_EQ(record.attempt_id, "a");
}

TEST(RecordBytes, DeleteAndChangeVisibility) {
  EXPECT_EQ(
      decoded_from<DeleteRecord>(bytes_of("18000000 07 00 0000 0200000000000000 0300000000000000"))
          .sequence,
      Sequence(3));
  const auto change = decoded_from<ChangeVisibilityRecord>(
      bytes_of("28000000 08 00 0000 0200000000000000 0300000000000000"
               "e803000000000000 d007000000000000"));
  EXPECT_EQ(change.time, kAt1000);
  EXPECT_EQ(change.until, kAt2000);
}

TEST(RecordBytes, Move) {
  const auto record = decoded_from<MoveRecord>(
      bytes_of("44000000 09 00 0000 0200000000000000 e803000000000000 01000000"
               "0500000000000000 0300000000000000 0900000000000000"
               "000102030405060708090a0b0c0d0e0f"));
  ASSERT_EQ(record.moves.size(), 1U);
  EXPECT_EQ(record.moves[0].from, Sequence(5));
  EXPECT_EQ(record.moves[0].destination, QueueId(3));
  EXPECT_EQ(record.moves[0].to, Sequence(9));
  EXPECT_EQ(record.moves[0].message_id, kId);
}

TEST(RecordBytes, Document) {
  const auto record =
      decoded_from<DocumentRecord>(bytes_of("13000000 0a 00 0000 01000000 6b 02000000 0001"));
  EXPECT_EQ(record.key, "k");
  EXPECT_EQ(record.bytes, std::string("\0\1", 2));
}

TEST(RecordBytes, BodyCopy) {
  const auto record = decoded_from<BodyCopyRecord>(
      bytes_of("1b000000 0b 00 0000 0200000000000000 0300000000000000 aabbcc"));
  EXPECT_EQ(record.sequence, Sequence(3));
  EXPECT_EQ(hex(record.stored), "aabbcc");
}

TEST(RecordBytes, SetTags) {
  const auto record = decoded_from<SetTagsRecord>(
      bytes_of("1e000000 0d 00 0000 0200000000000000 01000000 01000000 6b 01000000 76"));
  EXPECT_EQ(record.queue, QueueId(2));
  EXPECT_EQ(record.tags, (TagMap{{"k", "v"}}));
}

TEST(RecordBytes, ShortFramesUnknownTypesAndSetFlagsAreRefused) {
  const std::string good = bytes_of("18000000 07 00 0000 0200000000000000 0300000000000000");
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(decode_record(std::string_view(good).substr(0, size)).has_value());
  }
  for (const auto& [at, value] :
       {std::pair(4, 0), {4, 12}, {4, 13}, {4, 255}, {5, 1}, {6, 1}, {0, 7}}) {
    std::string bad = good;
    bad[static_cast<std::size_t>(at)] = static_cast<char>(value);
    EXPECT_FALSE(decode_record(bad).has_value()) << at;
  }
  // A frame longer than its fields, and a count that promises more than there is.
  EXPECT_FALSE(decode_record(bytes_of("19000000 07 00 0000 0200000000000000 0300000000000000 00")));
  EXPECT_FALSE(
      decode_record(bytes_of("1c000000 09 00 0000 0200000000000000 e803000000000000"
                             "ffffffff")));
}

TEST(SegmentBytes, Header) {
  const SegmentHeader header{kId, 2, 3, Lsn(4), 5, Lsn(6)};
  const std::string sector = encode_segment_header(header);
  ASSERT_EQ(sector.size(), 512U);
  const std::string tail = bytes_of(
      "01000000 000102030405060708090a0b0c0d0e0f 0200000000000000 03000000 00000000"
      "0400000000000000 0500000000000000 0600000000000000");
  const std::string padded = tail + std::string(500 - tail.size(), '\0');
  const std::uint32_t crc = crc32c(padded);
  EXPECT_EQ(hex(sector),
            hex("HRJRNL01" + std::string(reinterpret_cast<const char*>(&crc), 4) + padded));
  const auto decoded = decode_segment_header(sector);
  ASSERT_TRUE(decoded.has_value());
  EXPECT_EQ(decoded->generation, 3U);
  EXPECT_EQ(decoded->previous_last_lsn, Lsn(6));
}

TEST(SegmentBytes, Block) {
  BlockHeader header;
  header.payload_bytes = 3;
  header.records = 1;
  header.first_lsn = Lsn(7);
  header.synced_lsn = Lsn(6);
  header.segment = 2;
  header.offset = 512;
  header.generation = 1;
  header.time = kAt1000;
  std::string block = std::string(kBlockHeaderBytes, '\0') + "abc";
  block.resize(512, '\0');
  finish_block(block, header);
  const std::string tail = bytes_of(
      "03000000 01000000 0700000000000000 0600000000000000 0200000000000000"
      "00020000 01000000 e803000000000000 0000000000000000 616263");
  const std::string padded = tail + std::string(504 - tail.size(), '\0');
  const std::uint32_t crc = crc32c(padded);
  EXPECT_EQ(hex(block), hex("HRBK" + std::string(reinterpret_cast<const char*>(&crc), 4) + padded));
  const auto checked = check_block(block);
  ASSERT_TRUE(checked.has_value());
  EXPECT_EQ(checked->last_lsn(), Lsn(7));
  EXPECT_EQ(checked->bytes_on_disk(), 512U);
  EXPECT_FALSE(check_block(std::string_view(block).substr(0, 511)).has_value());
}

TEST(RecordBytes, StoredBytesTooShortForAChecksumAreRefused) {
  for (const char* bytes : {"", "a", "abc"}) EXPECT_FALSE(decode_stored(bytes).has_value());
}

}  // namespace
}  // namespace headrace::queue

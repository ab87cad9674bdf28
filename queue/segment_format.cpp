#include "queue/segment_format.hpp"

#include <cstring>

#include "base/check.hpp"
#include "base/codec.hpp"
#include "queue/bytes.hpp"

namespace headrace::queue {

namespace {

constexpr std::uint64_t kSegmentMagic = 0x31304c4e524a5248U;  // "HRJRNL01"
constexpr std::uint32_t kBlockMagic = 0x4b425248U;            // "HRBK"
constexpr std::size_t kSegmentCrcAt = 8;
constexpr std::size_t kBlockCrcAt = 4;

void set_crc(std::string& bytes, std::size_t at) {
  const std::uint32_t crc = crc32c(std::string_view(bytes).substr(at + 4));
  std::memcpy(bytes.data() + at, &crc, sizeof crc);
}

}  // namespace

std::string encode_segment_header(const SegmentHeader& header) {
  std::string bytes;
  ByteWriter out(bytes);
  out.put(kSegmentMagic);
  out.put(std::uint32_t{0});  // CRC of the rest of the sector
  out.put(kJournalFormat);
  out.put(header.store);
  out.put(header.segment);
  out.put(header.generation);
  out.put(std::uint32_t{0});
  out.put(header.first_lsn.value());
  out.put(header.previous_end);
  out.put(header.previous_last_lsn.value());
  bytes.resize(kSectorBytes, '\0');
  set_crc(bytes, kSegmentCrcAt);
  return bytes;
}

std::optional<SegmentHeader> decode_segment_header(std::string_view sector) {
  if (sector.size() < kSectorBytes) return std::nullopt;
  sector = sector.substr(0, kSectorBytes);
  ByteReader in(sector);
  const auto magic = in.take<std::uint64_t>();
  const auto crc = in.take<std::uint32_t>();
  const auto format = in.take<std::uint32_t>();
  if (magic != kSegmentMagic || crc != crc32c(sector.substr(kSegmentCrcAt + 4)))
    return std::nullopt;
  if (format != kJournalFormat) return std::nullopt;
  SegmentHeader header;
  header.store = in.take_array<16>();
  header.segment = in.take<std::uint64_t>();
  header.generation = in.take<std::uint32_t>();
  in.take<std::uint32_t>();
  header.first_lsn = Lsn(in.take<std::uint64_t>());
  header.previous_end = in.take<std::uint64_t>();
  header.previous_last_lsn = Lsn(in.take<std::uint64_t>());
  return header;
}

void finish_block(std::string& block, const BlockHeader& header) {
  HR_CHECK(block.size() == header.bytes_on_disk());
  std::string head;
  ByteWriter out(head);
  out.put(kBlockMagic);
  out.put(std::uint32_t{0});  // CRC of everything after it, padding included
  out.put(header.payload_bytes);
  out.put(header.records);
  out.put(header.first_lsn.value());
  out.put(header.synced_lsn.value());
  out.put(header.segment);
  out.put(header.offset);
  out.put(header.generation);
  out.put(to_epoch_ms(header.time));
  out.put(std::uint64_t{0});
  HR_CHECK(head.size() == kBlockHeaderBytes);
  std::memcpy(block.data(), head.data(), head.size());
  set_crc(block, kBlockCrcAt);
}

std::optional<BlockHeader> check_block(std::string_view bytes) {
  ByteReader in(bytes);
  const auto magic = in.take<std::uint32_t>();
  const auto crc = in.take<std::uint32_t>();
  if (in.failed() || magic != kBlockMagic) return std::nullopt;
  BlockHeader header;
  header.payload_bytes = in.take<std::uint32_t>();
  header.records = in.take<std::uint32_t>();
  header.first_lsn = Lsn(in.take<std::uint64_t>());
  header.synced_lsn = Lsn(in.take<std::uint64_t>());
  header.segment = in.take<std::uint64_t>();
  header.offset = in.take<std::uint32_t>();
  header.generation = in.take<std::uint32_t>();
  header.time = from_epoch_ms(in.take<std::int64_t>());
  if (in.failed() || header.bytes_on_disk() > bytes.size()) return std::nullopt;
  const std::string_view checked = bytes.substr(0, header.bytes_on_disk());
  if (crc != crc32c(checked.substr(kBlockCrcAt + 4))) return std::nullopt;
  return header;
}

}  // namespace headrace::queue

// The bytes of a segment: its header and its commit blocks. Pure; docs/journal-format.md is the
// norm.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.hpp"
#include "queue/message.hpp"

namespace headrace::queue {

inline constexpr std::uint32_t kJournalFormat = 1;
inline constexpr std::size_t kSectorBytes = 512;  // blocks start on sectors and share none
inline constexpr std::size_t kBlockHeaderBytes = 64;

constexpr std::size_t align_to_sector(std::size_t size) {
  return (size + kSectorBytes - 1) / kSectorBytes * kSectorBytes;
}

struct SegmentHeader {
  Uuid store{};
  std::uint64_t segment = 0;
  std::uint32_t generation = 0;  // rises each time a file is used again
  Lsn first_lsn;
  std::uint64_t previous_end = 0;  // where the previous segment's valid blocks end
  Lsn previous_last_lsn;
};

// One sector.
std::string encode_segment_header(const SegmentHeader& header);
std::optional<SegmentHeader> decode_segment_header(std::string_view sector);

struct BlockHeader {
  std::uint32_t payload_bytes = 0;
  std::uint32_t records = 0;  // 0: an idle block, which only tells synced_lsn
  Lsn first_lsn;
  Lsn synced_lsn;  // durable when this block was closed
  std::uint64_t segment = 0;
  std::uint32_t offset = 0;
  std::uint32_t generation = 0;
  TimePoint time;

  Lsn last_lsn() const { return Lsn(first_lsn.value() + records - 1); }
  std::size_t bytes_on_disk() const { return align_to_sector(kBlockHeaderBytes + payload_bytes); }
};

// Fills in the header of `block`, whose first kBlockHeaderBytes are free and which is padded to
// whole sectors, and sets the CRC over all of it. Touches nothing behind the header.
void finish_block(std::string& block, const BlockHeader& header);

// The header of the block at the start of `bytes`, if the block is whole and its CRC is right.
std::optional<BlockHeader> check_block(std::string_view bytes);

}  // namespace headrace::queue

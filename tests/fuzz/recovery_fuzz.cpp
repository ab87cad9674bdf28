// Recovery: a journal of any bytes is read or refused. The first byte says what the rest is: raw
// sectors behind a good segment header, or the records of a block that is whole, which gets past
// the checksums.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.hpp"
#include "queue/recovery.hpp"
#include "tests/support/fake_file_system.hpp"

namespace headrace {
namespace {

constexpr const char* kDirectory = "/journal";
constexpr Uuid kStore = {1, 2, 3};

std::string block_of(std::string_view records) {
  queue::BlockHeader header;
  header.payload_bytes = static_cast<std::uint32_t>(records.size());
  header.records = 1;
  header.first_lsn = queue::Lsn(1);
  header.segment = 1;
  header.offset = queue::kSectorBytes;
  std::string block(queue::kBlockHeaderBytes, '\0');
  block += records;
  block.resize(header.bytes_on_disk());
  queue::finish_block(block, header);
  return block;
}

std::string segment_of(std::string_view input) {
  queue::SegmentHeader header;
  header.store = kStore;
  header.segment = 1;
  header.first_lsn = queue::Lsn(1);
  std::string bytes = queue::encode_segment_header(header);
  const std::string_view rest = input.empty() ? input : input.substr(1);
  const bool whole = !input.empty() && input[0] % 2 == 0;
  return whole ? bytes + block_of(rest) : bytes.append(rest);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  FakeFileSystem disk;
  HR_CHECK(disk.create_directory(kDirectory).has_value());
  auto file =
      disk.open(std::string(kDirectory) + "/" + queue::segment_file_name(1), OpenMode::kCreate);
  HR_CHECK(file.has_value());
  HR_CHECK((*file)->write_at(0, segment_of(input)).has_value());
  std::uint64_t records = 0;
  const queue::Replay count{
      [](const queue::SnapshotItem&, queue::Lsn) {},
      [&records](const queue::Record&, queue::BodyRef, queue::Lsn) { ++records; }};
  const auto recovered = queue::recover_journal(disk, kDirectory, kStore, count);
  if (recovered) HR_CHECK(recovered->last_lsn.value() == records);
  return 0;
}

}  // namespace headrace

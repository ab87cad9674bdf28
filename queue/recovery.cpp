#include "queue/recovery.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "base/check.hpp"

namespace headrace::queue {

namespace {

constexpr std::string_view kSuffix = ".seg";
constexpr std::size_t kNameDigits = 16;

std::optional<std::uint64_t> segment_number(std::string_view name) {
  if (name.size() != kNameDigits + kSuffix.size() || !name.ends_with(kSuffix)) return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, ec] = std::from_chars(name.data(), name.data() + kNameDigits, number);
  if (ec != std::errc{} || end != name.data() + kNameDigits) return std::nullopt;
  return number;
}

struct SegmentBytes {
  std::uint64_t segment = 0;
  std::string bytes;
};

// Walks one journal, segment by segment, and remembers what it has seen.
class Reader {
 public:
  Reader(FileSystem& files, std::string directory, const Uuid& store, const ReplayVisitor& visit)
      : files_(files), directory_(std::move(directory)), store_(store), visit_(visit) {}

  headrace::Result<Recovered> run() {
    const auto names = files_.list(directory_);
    if (!names) return names.error();
    for (const std::string& name : *names) {
      if (const auto number = segment_number(name)) segments_.push_back(*number);
    }
    for (const std::uint64_t segment : segments_) {
      const headrace::Status status = read(segment);
      if (!status) return status.error();
    }
    if (unknown_record_) {
      return headrace::Error{headrace::ErrorCode::kCorrupt,
                             "the journal holds a record this version cannot read: " + where_};
    }
    if (bad_ && synced_ > out_.last_lsn) return damage();
    out_.torn = bad_;
    return std::move(out_);
  }

 private:
  Lsn next_lsn() const { return out_.last_lsn.next(); }

  headrace::Status read(std::uint64_t segment) {
    const auto loaded = load(segment);
    if (!loaded) return loaded.error();
    const std::string_view bytes = *loaded;
    const auto header = decode_segment_header(bytes);
    const bool ours = header && header->store == store_ && header->segment == segment;
    // Once something was bad, later segments are only asked what they know to be durable.
    if (!bad_ && ours && continues(*header)) {
      replay(segment, *header, bytes);
    } else {
      if (!bad_ && ours) mark_bad(segment, 0, "does not continue the segment before it");
      look_past(segment, bytes, 0);
      out_.unused.push_back(RecoveredSegment{segment, 0, bytes.size()});
    }
    return {};
  }

  headrace::Result<std::string> load(std::uint64_t segment) {
    const std::string path = directory_ + "/" + segment_file_name(segment);
    const auto file = files_.open(path, OpenMode::kExisting);
    if (!file) return file.error();
    const auto size = (*file)->size();
    if (!size) return size.error();
    return (*file)->read_at(0, *size);
  }

  bool continues(const SegmentHeader& header) const {
    if (header.first_lsn != next_lsn() || header.previous_last_lsn != out_.last_lsn) return false;
    if (out_.used.empty()) return header.previous_end == 0;
    return header.previous_end == out_.used.back().valid_end;
  }

  void replay(std::uint64_t segment, const SegmentHeader& header, std::string_view bytes) {
    std::uint64_t at = kSectorBytes;
    while (at < bytes.size()) {
      const auto block = check_block(bytes.substr(at));
      if (!block || !belongs(*block, segment, header.generation, at)) break;
      if (block->first_lsn != next_lsn() ||
          !replay_records(*block, bytes.substr(at), segment, at)) {
        break;
      }
      note(*block);
      at += block->bytes_on_disk();
    }
    out_.used.push_back(RecoveredSegment{segment, at, bytes.size()});
    if (!all_zero(bytes.substr(at))) mark_bad(segment, at, "holds a block that is not whole");
    look_past(segment, bytes, at);
  }

  static bool belongs(const BlockHeader& block, std::uint64_t segment, std::uint32_t generation,
                      std::uint64_t at) {
    return block.segment == segment && block.generation == generation && block.offset == at;
  }

  static bool all_zero(std::string_view bytes) {
    return bytes.find_first_not_of('\0') == std::string_view::npos;
  }

  bool replay_records(const BlockHeader& block, std::string_view bytes, std::uint64_t segment,
                      std::uint64_t block_at) {
    std::string_view payload = bytes.substr(kBlockHeaderBytes, block.payload_bytes);
    std::uint64_t at = block_at + kBlockHeaderBytes;
    for (std::uint32_t i = 0; i < block.records; ++i) {
      const auto decoded = decode_record(payload);
      if (!decoded) {
        unknown_record_ = true;
        mark_bad(segment, block_at, "holds an unknown record");
        return false;
      }
      out_.last_lsn = next_lsn();
      const BodyRef body{segment << 32 | (at + decoded->stored.offset),
                         static_cast<std::uint32_t>(decoded->stored.size)};
      visit_(decoded->record, body, out_.last_lsn);
      payload.remove_prefix(decoded->bytes);
      at += decoded->bytes;
    }
    return payload.empty();
  }

  // Looks on every sector from `at` for blocks that tell what was durable.
  void look_past(std::uint64_t segment, std::string_view bytes, std::uint64_t at) {
    for (at = align_to_sector(at); at < bytes.size(); at += kSectorBytes) {
      if (bytes[at] == '\0') continue;
      const auto block = check_block(bytes.substr(at));
      if (!block || block->segment != segment || block->offset != at) continue;
      if (!bad_) mark_bad(segment, at, "holds blocks behind a gap");
      note(*block);
    }
  }

  void note(const BlockHeader& block) {
    synced_ = std::max(synced_, block.synced_lsn);
    out_.last_time = std::max(out_.last_time, block.time);
  }

  void mark_bad(std::uint64_t segment, std::uint64_t at, const char* what) {
    if (bad_) return;
    bad_ = true;
    where_ = segment_file_name(segment) + " at offset " + std::to_string(at) + " " + what;
  }

  headrace::Error damage() const {
    return headrace::Error{
        headrace::ErrorCode::kCorrupt,
        "the journal is damaged: " + where_ + "; records " + std::to_string(next_lsn().value()) +
            " to " + std::to_string(synced_.value()) + " were durable and are unreadable"};
  }

  FileSystem& files_;
  std::string directory_;
  Uuid store_;
  const ReplayVisitor& visit_;
  std::vector<std::uint64_t> segments_;
  Recovered out_;
  Lsn synced_{};
  bool bad_ = false;
  bool unknown_record_ = false;
  std::string where_;
};

}  // namespace

std::string segment_file_name(std::uint64_t segment) {
  char name[kNameDigits + 8];
  std::snprintf(name, sizeof name, "%016llu.seg", static_cast<unsigned long long>(segment));
  return name;
}

headrace::Result<Recovered> recover_journal(FileSystem& files, const std::string& directory,
                                            const Uuid& store, const ReplayVisitor& visit) {
  return Reader(files, directory, store, visit).run();
}

}  // namespace headrace::queue

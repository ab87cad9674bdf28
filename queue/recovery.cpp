#include "queue/recovery.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "base/check.hpp"
#include "base/mutant.hpp"

namespace headrace::queue {

namespace {

constexpr std::string_view kSuffix = ".seg";
constexpr std::size_t kNameDigits = 16;

// Walks one journal, segment by segment, and remembers what it has seen.
class Reader {
 public:
  Reader(FileSystem& files, std::string directory, const Uuid& store, const Replay& replay)
      : files_(files), directory_(std::move(directory)), store_(store), replay_(replay) {}

  headrace::Result<Recovered> run() {
    headrace::Status status = list();
    if (status) status = use_newest_snapshot();
    if (!status) return status.error();
    for (const std::uint64_t segment : segments_) {
      status = segment < start_ ? pass_by(segment) : read(segment);
      if (!status) return status.error();
    }
    if (unknown_record_) {
      return headrace::Error{headrace::ErrorCode::kCorrupt,
                             "the journal holds a record this version cannot read: " + where_};
    }
    if (synced_ > out_.last_lsn) return damage();
    out_.torn = bad_;
    return std::move(out_);
  }

 private:
  Lsn next_lsn() const { return out_.last_lsn.next(); }

  headrace::Status list() {
    const auto names = files_.list(directory_);
    if (!names) return names.error();
    for (const std::string& name : *names) {
      if (const auto number = segment_number(name)) segments_.push_back(*number);
      if (const auto lsn = snapshot_lsn(name)) snapshots_.push_back(*lsn);
      if (is_unfinished_snapshot(name)) out_.unfinished.push_back(name);
    }
    std::reverse(snapshots_.begin(), snapshots_.end());
    return {};
  }

  // A snapshot got its name when every record up to its LSN was durable, damaged or not.
  headrace::Status use_newest_snapshot() {
    if (!snapshots_.empty()) synced_ = snapshots_.front();
    for (const Lsn lsn : snapshots_) {
      const auto facts = check_snapshot(files_, directory_, store_, lsn);
      if (facts) return restore(*facts);
      if (facts.error().code != headrace::ErrorCode::kCorrupt) return facts.error();
      out_.warnings.push_back("the snapshot is damaged: " + facts.error().message);
    }
    return {};
  }

  headrace::Status restore(const SnapshotFacts& facts) {
    // The records after the snapshot begin in the last segment that begins at or before it.
    for (const std::uint64_t segment : segments_) {
      const auto header = read_header(segment);
      if (!header) return header.error();
      if (!*header || (*header)->first_lsn > facts.lsn) continue;
      start_ = segment;
      out_.last_lsn = Lsn((*header)->first_lsn.value() - 1);
    }
    out_.snapshot = facts;
    out_.last_time = facts.end.time;
    const auto visit = [this, &facts](const SnapshotItem& item) {
      replay_.restore(item, facts.lsn);
    };
    return read_snapshot(files_, directory_, store_, facts.lsn, visit);
  }

  // The header of a segment of this store under its own name; nothing when it has none.
  headrace::Result<std::optional<SegmentHeader>> read_header(std::uint64_t segment) {
    const auto file = files_.open(path_of(segment), OpenMode::kReadOnly);
    if (!file) return file.error();
    const auto sector = (*file)->read_at(0, kSectorBytes);
    if (!sector) return sector.error();
    auto header = decode_segment_header(*sector);
    if (header && !ours(*header, segment)) header.reset();
    return header;
  }

  // The snapshot covers all records of this segment; only bodies are read from it, each with a
  // checksum of its own.
  headrace::Status pass_by(std::uint64_t segment) {
    const auto file = files_.open(path_of(segment), OpenMode::kReadOnly);
    if (!file) return file.error();
    const auto size = (*file)->size();
    if (!size) return size.error();
    const auto header = read_header(segment);
    if (!header) return header.error();
    if (!*header) mark_bad(segment, 0, "has no header of this journal");
    RecoveredSegment covered;
    covered.segment = segment;
    covered.valid_end = *size;
    covered.file_bytes = *size;
    covered.generation = *header ? (*header)->generation : 0;
    covered.last_lsn = out_.snapshot->lsn;
    out_.covered.push_back(covered);
    return {};
  }

  bool ours(const SegmentHeader& header, std::uint64_t segment) const {
    return header.store == store_ && header.segment == segment;
  }

  headrace::Status read(std::uint64_t segment) {
    const auto loaded = read_file(files_, path_of(segment));
    if (!loaded) return loaded.error();
    const std::string_view bytes = *loaded;
    const auto header = decode_segment_header(bytes);
    const bool known = header && ours(*header, segment);
    // Once something was bad, later segments are only asked what they know to be durable.
    if (!bad_ && known && continues(*header)) {
      replay(segment, *header, bytes);
    } else {
      if (!bad_ && known) mark_bad(segment, 0, "does not continue the segment before it");
      look_past(segment, bytes, 0);
      RecoveredSegment unused;
      unused.segment = segment;
      unused.file_bytes = bytes.size();
      unused.generation = header ? header->generation + 1 : 0;
      unused.reusable = header || all_zero(bytes.substr(0, kSectorBytes));
      out_.unused.push_back(unused);
    }
    return {};
  }

  std::string path_of(std::uint64_t segment) const {
    return directory_ + "/" + segment_file_name(segment);
  }

  bool continues(const SegmentHeader& header) const {
    if (header.segment == start_) return true;
    if (header.first_lsn != next_lsn() || header.previous_last_lsn != out_.last_lsn) return false;
    if (out_.used.empty()) return header.previous_end == 0;
    return header.previous_end == out_.used.back().valid_end;
  }

  void replay(std::uint64_t segment, const SegmentHeader& header, std::string_view bytes) {
    std::uint64_t at = kSectorBytes;
    while (at < bytes.size()) {
      const auto block = check_block(bytes.substr(at));
      if (!block || !belongs(*block, segment, header.generation, at)) break;
      if (block->first_lsn != next_lsn() && !HR_MUTANT(16)) break;
      if (!replay_records(*block, bytes.substr(at), segment, at)) break;
      note(*block);
      at += block->bytes_on_disk();
    }
    RecoveredSegment used;
    used.segment = segment;
    used.valid_end = at;
    used.file_bytes = bytes.size();
    used.generation = header.generation;
    used.last_lsn = out_.last_lsn;
    out_.used.push_back(used);
    // Behind the blocks of a file used again stand those of its earlier uses.
    const bool fresh = header.generation == 0;
    if (fresh && !all_zero(bytes.substr(at))) {
      mark_bad(segment, at, "holds a block that is not whole");
    }
    look_past(segment, bytes, at);
  }

  static bool belongs(const BlockHeader& block, std::uint64_t segment, std::uint32_t generation,
                      std::uint64_t at) {
    if (HR_MUTANT(16)) return block.offset == at;
    return block.segment == segment && block.generation == generation && block.offset == at;
  }

  static bool all_zero(std::string_view bytes) {
    return bytes.find_first_not_of('\0') == std::string_view::npos;
  }

  bool replay_records(const BlockHeader& block, std::string_view bytes, std::uint64_t segment,
                      std::uint64_t block_at) {
    if (block.records > 0 && out_.snapshot && block.last_lsn() <= out_.snapshot->lsn) {
      out_.last_lsn = block.last_lsn();
      return true;
    }
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
      if (!out_.snapshot || out_.last_lsn > out_.snapshot->lsn) {
        replay_.apply(decoded->record, body, out_.last_lsn);
      }
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
    std::string where = where_.empty() ? "it ends too early" : where_;
    for (const std::string& warning : out_.warnings) where += "; " + warning;
    return headrace::Error{
        headrace::ErrorCode::kCorrupt,
        "the journal is damaged: " + where + "; records " + std::to_string(next_lsn().value()) +
            " to " + std::to_string(synced_.value()) + " were durable and are unreadable"};
  }

  FileSystem& files_;
  std::string directory_;
  Uuid store_;
  const Replay& replay_;
  std::vector<std::uint64_t> segments_;
  std::vector<Lsn> snapshots_;  // the newest first
  std::uint64_t start_ = 0;     // the segment where the records after the snapshot begin
  Recovered out_;
  Lsn synced_{};
  bool bad_ = false;
  bool unknown_record_ = false;
  std::string where_;
};

}  // namespace

std::optional<std::uint64_t> segment_number(std::string_view name) {
  if (name.size() != kNameDigits + kSuffix.size() || !name.ends_with(kSuffix)) return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, ec] = std::from_chars(name.data(), name.data() + kNameDigits, number);
  if (ec != std::errc{} || end != name.data() + kNameDigits) return std::nullopt;
  return number;
}

std::string segment_file_name(std::uint64_t segment) {
  char name[kNameDigits + 8];
  std::snprintf(name, sizeof name, "%016llu.seg", static_cast<unsigned long long>(segment));
  return name;
}

Replay replay_into(Engine& engine) {
  return Replay{
      [&engine](const SnapshotItem& item, Lsn lsn) { engine.restore(item, lsn); },
      [&engine](const Record& record, BodyRef body, Lsn lsn) { engine.apply(record, body, lsn); }};
}

headrace::Result<Recovered> recover_journal(FileSystem& files, const std::string& directory,
                                            const Uuid& store, const Replay& replay) {
  return Reader(files, directory, store, replay).run();
}

}  // namespace headrace::queue

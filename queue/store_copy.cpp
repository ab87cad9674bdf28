#include "queue/store_copy.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "queue/recovery.hpp"
#include "queue/snapshot_file.hpp"

namespace headrace::queue {

namespace {

constexpr std::size_t kCopiedAtOnce = std::size_t{4} << 20;

bool is_missing(const headrace::Error& error) {
  return error.code == headrace::ErrorCode::kNotFound;
}

headrace::Status check_empty(FileSystem& files, const std::string& path) {
  const auto names = files.list(path);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    if (name == "lock" || name == "lost+found") continue;
    return headrace::Error{headrace::ErrorCode::kExists, path + " is not empty"};
  }
  return {};
}

class Copier {
 public:
  Copier(FileSystem& files, std::string from, std::string to)
      : files_(files), from_(std::move(from)), to_(std::move(to)) {}

  std::uint64_t bytes() const { return bytes_; }

  headrace::Status copy_journal() {
    if (const auto status = files_.create_directory(to_); !status) return status;
    const auto names = files_.list(from_);
    if (!names) return names.error();
    const auto segments = written_segments(*names);
    if (!segments) return segments.error();
    for (const std::string& name : *segments) {
      const bool newest = name == segments->back();
      if (const auto status = copy_segment(name, newest); !status) return status;
    }
    for (const std::string& name : *names) {
      if (!snapshot_lsn(name)) continue;
      if (const auto status = copy_file(name); !status) return status;
    }
    // A copy on a disk that nobody may write to is copied as well.
    const auto made = files_.lock(to_ + "/" + kUpkeepLock, IfHeld::kFail);
    if (!made) return made.error();
    return files_.sync_directory(to_);
  }

 private:
  // In order. Looked at from the newest to the oldest: what the server opens meanwhile is not part
  // of the copy, and leaves no gap in it.
  headrace::Result<std::vector<std::string>> written_segments(
      const std::vector<std::string>& names) {
    std::vector<std::string> segments;
    for (auto name = names.rbegin(); name != names.rend(); ++name) {
      const auto number = segment_number(*name);
      if (!number) continue;
      const auto written = is_written(*name, *number);
      if (!written && is_missing(written.error())) continue;  // freed, and used again
      if (!written) return written.error();
      if (*written) segments.push_back(*name);
    }
    std::reverse(segments.begin(), segments.end());
    return segments;
  }

  // False for a file that is only prepared: zeros, or still with the header of an earlier use. One
  // that is damaged is copied, for verification to find.
  headrace::Result<bool> is_written(const std::string& name, std::uint64_t number) {
    const auto file = files_.open(from_ + "/" + name, OpenMode::kReadOnly);
    if (!file) return file.error();
    const auto sector = (*file)->read_at(0, kSectorBytes);
    if (!sector) return sector.error();
    if (const auto header = decode_segment_header(*sector)) return header->segment == number;
    if (sector->find_first_not_of('\0') != std::string::npos) return true;
    const auto content = read_file(files_, from_ + "/" + name);
    if (!content) return content.error();
    SegmentScan scan(number, *content);
    bool gap = false;
    return scan.next(gap).has_value();
  }

  headrace::Status copy_segment(const std::string& name, bool newest) {
    const auto content = newest ? read_to_its_end(name) : read_file(files_, from_ + "/" + name);
    if (!content && is_missing(content.error())) return {};
    if (!content) return content.error();
    // A segment that a snapshot freed may be renamed and written anew at any moment. Then nothing
    // needs it; and while it has its name its content is the old one.
    const auto still = files_.open(from_ + "/" + name, OpenMode::kReadOnly);
    if (!still && is_missing(still.error())) return {};
    if (!still) return still.error();
    auto file = files_.open(to_ + "/" + name, OpenMode::kCreate);
    if (!file) return file.error();
    bytes_ += content->size();
    headrace::Status status = (*file)->write_at(0, *content);
    if (status) status = (*file)->sync();
    return status;
  }

  // The segment that the server may be writing, up to its last whole block. Blocks are written one
  // after the other: where one was read too early and a later one whole, the next look finds it.
  headrace::Result<std::string> read_to_its_end(const std::string& name) {
    std::size_t end = 0;
    for (;;) {
      auto content = read_file(files_, from_ + "/" + name);
      if (!content) return content;
      SegmentScan scan(*segment_number(name), *content);
      if (!scan.header()) return content;  // damaged: all of it
      const std::size_t before = std::exchange(end, kSectorBytes);
      bool gap = false;
      while (const auto block = scan.next(gap)) {
        if (gap) break;
        end = block->offset + block->bytes_on_disk();
      }
      if (!gap) content->resize(end);
      if (!gap || end <= before) return content;  // what is still a gap is damage
    }
  }

  headrace::Status copy_file(const std::string& name) {
    const auto source = files_.open(from_ + "/" + name, OpenMode::kReadOnly);
    if (!source) return source.error();
    auto target = files_.open(to_ + "/" + name, OpenMode::kCreate);
    if (!target) return target.error();
    for (std::uint64_t at = 0;; at += kCopiedAtOnce) {
      const auto part = (*source)->read_at(at, kCopiedAtOnce);
      if (!part) return part.error();
      if (part->empty()) return (*target)->sync();
      bytes_ += part->size();
      if (const auto status = (*target)->write_at(at, *part); !status) return status;
    }
  }

  FileSystem& files_;
  std::string from_;
  std::string to_;
  std::uint64_t bytes_ = 0;
};

}  // namespace

headrace::Result<StoreCopy> copy_store(FileSystem& files, const std::string& from,
                                       const std::string& to,
                                       const DataDirectory::Entropy& entropy) {
  auto made = DataDirectory::look_at(files, from);
  if (!made) return made.error();
  const std::string journal = std::exchange(made->journal, to + "/journal");
  entropy(reinterpret_cast<char*>(made->keys.handles.data()), made->keys.handles.size());
  // Held to the end: nobody starts on it, and nobody else copies to there.
  if (const auto status = files.create_directory(to); !status) return status.error();
  auto lock = files.lock(to + "/lock", IfHeld::kFail);
  if (!lock) return lock.error();
  made->lock = std::move(*lock);
  if (const auto status = check_empty(files, to); !status) return status.error();
  Copier copier(files, journal, made->journal);
  {
    const auto upkeep = files.lock(journal + "/" + kUpkeepLock, IfHeld::kWait);
    // Missing only where nobody may write: then no server does.
    if (!upkeep && !is_missing(upkeep.error())) return upkeep.error();
    if (const auto status = copier.copy_journal(); !status) return status.error();
  }
  auto verified = verify_journal(files, *made);
  if (!verified) return verified.error();
  if (!verified->problems.empty()) {
    return headrace::Error{headrace::ErrorCode::kCorrupt,
                           "what was copied is damaged: " + verified->problems.front()};
  }
  if (const auto status = write_identity(files, to, *made); !status) return status.error();
  return StoreCopy{copier.bytes(), std::move(*verified)};
}

}  // namespace headrace::queue

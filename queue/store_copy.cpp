#include "queue/store_copy.hpp"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "queue/data_directory.hpp"
#include "queue/recovery.hpp"
#include "queue/snapshot_file.hpp"

namespace headrace::queue {

namespace {

headrace::Status check_empty(FileSystem& files, const std::string& path) {
  if (const auto status = files.create_directory(path); !status) return status;
  const auto names = files.list(path);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    if (name == "lost+found") continue;
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
    // Held so that nobody else copies to there; and a copy has all files it needs to be copied.
    const auto target = files_.lock(to_ + "/" + kUpkeepLock, IfHeld::kFail);
    if (!target) return target.error();
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
      const auto content = read_file(files_, from_ + "/" + name);
      if (!content) return content.error();
      if (const auto status = write(name, *content); !status) return status;
    }
    return files_.sync_directory(to_);
  }

 private:
  // In order. What the server opens from now on is not part of the copy.
  headrace::Result<std::vector<std::string>> written_segments(
      const std::vector<std::string>& names) {
    std::vector<std::string> segments;
    for (const std::string& name : names) {
      const auto number = segment_number(name);
      if (!number) continue;
      const auto file = files_.open(from_ + "/" + name, OpenMode::kExisting);
      if (!file && file.error().code == headrace::ErrorCode::kNotFound) continue;  // used again
      if (!file) return file.error();
      const auto sector = (*file)->read_at(0, kSectorBytes);
      if (!sector) return sector.error();
      if (SegmentScan(*number, *sector).header()) segments.push_back(name);
    }
    return segments;
  }

  headrace::Status copy_segment(const std::string& name, bool newest) {
    const auto content = newest ? read_to_its_end(name) : read_file(files_, from_ + "/" + name);
    if (!content && content.error().code == headrace::ErrorCode::kNotFound) return {};
    if (!content) return content.error();
    // A segment that a snapshot freed may be renamed and written anew at any moment. Then nothing
    // needs it; and while it has its name its content is the old one.
    const auto still = files_.open(from_ + "/" + name, OpenMode::kExisting);
    if (!still && still.error().code == headrace::ErrorCode::kNotFound) return {};
    if (!still) return still.error();
    return write(name, *content);
  }

  // The segment that the server may be writing, up to its last whole block. Blocks are written one
  // after the other: where one was read too early and a later one whole, the next look finds it.
  headrace::Result<std::string> read_to_its_end(const std::string& name) {
    std::size_t end = 0;
    for (;;) {
      auto content = read_file(files_, from_ + "/" + name);
      if (!content) return content;
      SegmentScan scan(*segment_number(name), *content);
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

  headrace::Status write(const std::string& name, std::string_view bytes) {
    auto file = files_.open(to_ + "/" + name, OpenMode::kCreate);
    if (!file) return file.error();
    bytes_ += bytes.size();
    headrace::Status status = (*file)->write_at(0, bytes);
    if (status) status = (*file)->sync();
    return status;
  }

  FileSystem& files_;
  std::string from_;
  std::string to_;
  std::uint64_t bytes_ = 0;
};

}  // namespace

headrace::Result<StoreCopy> copy_store(FileSystem& files, const std::string& from,
                                       const std::string& to) {
  if (const auto status = check_data_directory(files, from); !status) return status.error();
  if (const auto status = check_empty(files, to); !status) return status.error();
  const std::string journal = from + "/journal";
  Copier copier(files, journal, to + "/journal");
  {
    const auto upkeep = files.lock(journal + "/" + kUpkeepLock, IfHeld::kWait);
    if (!upkeep) return upkeep.error();
    if (const auto status = copier.copy_journal(); !status) return status.error();
  }
  // The store file makes it a data directory.
  if (const auto status = copy_identity(files, from, to); !status) return status.error();
  auto verified = verify_journal(files, to);
  if (verified && verified->problems.empty()) {
    return StoreCopy{copier.bytes(), std::move(*verified)};
  }
  if (const auto status = remove_identity(files, to); !status) return status.error();
  if (!verified) return verified.error();
  return headrace::Error{headrace::ErrorCode::kCorrupt,
                         "what was copied is damaged: " + verified->problems.front()};
}

}  // namespace headrace::queue

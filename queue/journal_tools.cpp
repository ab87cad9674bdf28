// Looking at a journal: verify and dump.
#include "queue/journal_tools.hpp"

#include <algorithm>
#include <optional>

#include "queue/recovery.hpp"

namespace headrace::queue {

namespace {

std::string describe(const SegmentScan& scan, const JournalFile& file, bool gap,
                     std::string_view bytes) {
  const bool prepared = bytes.substr(0, kSectorBytes).find_first_not_of('\0') == std::string::npos;
  if (gap) return "damaged: whole blocks stand behind something that is none";
  if (!scan.header() && file.blocks > 0) return "damaged: its header is not whole";
  if (!scan.header()) return prepared || decode_segment_header(bytes) ? "prepared" : "damaged";
  return "whole";
}

headrace::Result<JournalFile> look_at_segment(FileSystem& files, const std::string& directory,
                                              const std::string& name) {
  const auto bytes = read_file(files, directory + "/" + name);
  if (!bytes) return bytes.error();
  JournalFile file;
  file.name = name;
  file.bytes = bytes->size();
  SegmentScan scan(*segment_number(name), *bytes);
  bool gap = false;
  while (const auto block = scan.next(gap)) {
    ++file.blocks;
    file.records += block->records;
    if (block->records == 0) continue;
    if (file.first_lsn == Lsn()) file.first_lsn = block->first_lsn;
    file.last_lsn = block->last_lsn();
  }
  file.state = describe(scan, file, gap, *bytes);
  return file;
}

// Reads every living message once, segment by segment.
headrace::Status check_bodies(FileSystem& files, const std::string& directory, Engine& engine,
                              std::vector<std::string>& problems) {
  std::map<std::uint64_t, std::vector<BodyRef>> by_segment;
  engine.visit_bodies([&](BodyRef body) { by_segment[body.place >> 32].push_back(body); });
  for (const auto& [number, bodies] : by_segment) {
    const std::string name = segment_file_name(number);
    const auto bytes = read_file(files, directory + "/" + name);
    if (!bytes && bytes.error().code != headrace::ErrorCode::kNotFound) return bytes.error();
    std::uint64_t bad = 0;
    for (const BodyRef body : bodies) {
      const std::uint64_t offset = body.place & UINT32_MAX;
      const bool inside = bytes && offset + body.size <= bytes->size();
      if (!inside || !decode_stored(std::string_view(*bytes).substr(offset, body.size))) ++bad;
    }
    if (bad == 0) continue;
    problems.push_back(name + (bytes ? "" : " is missing:") + " " + std::to_string(bad) +
                       " living messages stored there are unreadable");
  }
  return {};
}

}  // namespace

std::optional<BlockHeader> SegmentScan::next(bool& gap) {
  const std::uint64_t from = at_;
  for (; at_ < bytes_.size(); at_ += kSectorBytes) {
    if (bytes_[at_] == '\0') continue;
    const auto block = check_block(bytes_.substr(at_));
    if (!block || block->segment != number_ || block->offset != at_) continue;
    if (header_ && block->generation != header_->generation) continue;
    if (at_ != from) gap = true;
    payload_ = bytes_.substr(at_ + kBlockHeaderBytes, block->payload_bytes);
    at_ += block->bytes_on_disk();
    return block;
  }
  return std::nullopt;
}

headrace::Result<JournalReport> verify_journal(FileSystem& files, const std::string& data) {
  const auto directory = DataDirectory::open_existing(files, data);
  if (!directory) return directory.error();
  return verify_journal(files, *directory);
}

headrace::Result<JournalReport> verify_journal(FileSystem& files, const DataDirectory& directory) {
  const auto names = files.list(directory.journal);
  if (!names) return names.error();
  JournalReport report;
  for (const std::string& name : *names) {
    if (segment_number(name)) {
      const auto file = look_at_segment(files, directory.journal, name);
      if (!file) return file.error();
      report.files.push_back(*file);
    } else if (const auto lsn = snapshot_lsn(name)) {
      const auto facts = check_snapshot(files, directory.journal, directory.store, *lsn);
      JournalFile file;
      file.name = name;
      file.last_lsn = *lsn;
      file.bytes = facts ? facts->bytes : 0;
      file.records = facts ? facts->end.messages : 0;
      file.state = facts ? "whole" : "damaged: " + facts.error().message;
      report.files.push_back(file);
    }
  }
  NoBodies nobody;
  Engine engine(directory.keys, nobody);
  const auto recovered =
      recover_journal(files, directory.journal, directory.store, replay_into(engine));
  if (!recovered) {
    if (recovered.error().code != headrace::ErrorCode::kCorrupt) return recovered.error();
    report.problems.push_back(recovered.error().message);
    return report;
  }
  report.starts = true;
  report.torn = recovered->torn;
  report.problems = recovered->warnings;
  report.queues = engine.queue_count();
  for (QueueId id(1); id <= engine.last_queue_id(); id = id.next()) {
    Queue* queue = engine.find(id);
    if (queue != nullptr) report.messages += queue->messages().count_all();
  }
  const auto status = check_bodies(files, directory.journal, engine, report.problems);
  if (!status) return status.error();
  return report;
}

headrace::Status dump_journal(FileSystem& files, const std::string& data,
                              const std::function<void(const JournalRecord&)>& visit) {
  const auto directory = DataDirectory::open_existing(files, data);
  if (!directory) return directory.error();
  const auto names = files.list(directory->journal);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    const auto number = segment_number(name);
    if (!number) continue;
    const auto bytes = read_file(files, directory->journal + "/" + name);
    if (!bytes) return bytes.error();
    SegmentScan scan(*number, *bytes);
    bool gap = false;
    while (const auto block = scan.next(gap)) {
      std::string_view payload = scan.payload();
      for (std::uint32_t i = 0; i < block->records; ++i) {
        const auto decoded = decode_record(payload);
        if (!decoded) break;
        JournalRecord record;
        record.segment = name;
        record.offset = block->offset;
        record.lsn = Lsn(block->first_lsn.value() + i);
        record.time = block->time;
        record.record = &decoded->record;
        record.stored = payload.substr(decoded->stored.offset, decoded->stored.size);
        visit(record);
        payload.remove_prefix(decoded->bytes);
      }
    }
  }
  return {};
}

}  // namespace headrace::queue

// Repair: all that can be read of a damaged journal becomes a new one.
#include <algorithm>
#include <memory>
#include <utility>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "base/offload.hpp"
#include "queue/data_directory.hpp"
#include "queue/file_journal.hpp"
#include "queue/journal_tools.hpp"
#include "queue/recovery.hpp"

namespace headrace::queue {
namespace asio = boost::asio;

namespace {

// Keeps of a record what fits the state, so that applying it cannot fail: what it speaks of may
// have come and gone in records that are lost. False when nothing is left of it.
class Fitting {
 public:
  explicit Fitting(Engine& engine) : engine_(engine) {}

  bool operator()(CreateQueueRecord& record) {
    QueueAttributes attributes;
    return record.queue > engine_.last_queue_id() && engine_.find(record.address) == nullptr &&
           attributes.set_at_creation(record.attributes).has_value();
  }
  bool operator()(SetAttributesRecord& record) {
    QueueAttributes attributes;
    return engine_.find(record.queue) != nullptr &&
           attributes.set_at_creation(record.attributes).has_value();
  }
  bool operator()(DeleteQueueRecord& record) { return engine_.find(record.queue) != nullptr; }
  bool operator()(PurgeQueueRecord& record) { return engine_.find(record.queue) != nullptr; }
  bool operator()(SendRecord& record) {
    Queue* queue = engine_.find(record.queue);
    return queue != nullptr && record.sequence >= queue->next_sequence();
  }
  bool operator()(ReceiveRecord& record) {
    std::erase_if(record.leased, [&](Sequence sequence) { return !alive(record.queue, sequence); });
    Queue* target = engine_.find(record.dead_letter_queue);
    Sequence next = target != nullptr ? target->next_sequence() : Sequence();
    std::erase_if(record.moved, [&](const DeadLetterMove& move) {
      const bool fits = target != nullptr && alive(record.queue, move.from) && move.to >= next;
      if (fits) next = move.to.next();
      return !fits;
    });
    return !record.leased.empty() || !record.moved.empty();
  }
  bool operator()(DeleteRecord& record) { return alive(record.queue, record.sequence); }
  bool operator()(ChangeVisibilityRecord& record) { return alive(record.queue, record.sequence); }
  bool operator()(MoveRecord& record) {
    std::map<QueueId, Sequence> next;
    std::erase_if(record.moves, [&](const Redrive& move) {
      Queue* target = engine_.find(move.destination);
      if (target == nullptr || !alive(record.queue, move.from)) return true;
      Sequence& free = next.emplace(move.destination, target->next_sequence()).first->second;
      if (move.to < free) return true;
      free = move.to.next();
      return false;
    });
    return !record.moves.empty();
  }
  bool operator()(DocumentRecord&) { return true; }
  bool operator()(SetTagsRecord& record) { return engine_.find(record.queue) != nullptr; }
  bool operator()(BodyCopyRecord& record) { return alive(record.queue, record.sequence); }

 private:
  bool alive(QueueId queue, Sequence sequence) {
    return engine_.body_of(queue, sequence).has_value();
  }
  Engine& engine_;
};

// Reads what can be read into an engine, and notes what cannot.
class Salvage {
 public:
  Salvage(FileSystem& files, const DataDirectory& directory, Engine& engine, RepairReport& report)
      : files_(files), directory_(directory), engine_(engine), report_(report) {}

  headrace::Status run() {
    const auto names = files_.list(directory_.journal);
    if (!names) return names.error();
    if (const auto status = use_newest_snapshot(*names); !status) return status;
    for (const std::string& name : *names) {
      const auto number = segment_number(name);
      if (!number) continue;
      if (const auto status = read_segment(name, *number); !status) return status;
    }
    if (promised_ > last_) note_lost(promised_);
    return {};
  }

  TimePoint last_time() const { return last_time_; }

 private:
  headrace::Status use_newest_snapshot(const std::vector<std::string>& names) {
    for (auto name = names.rbegin(); name != names.rend(); ++name) {
      const auto lsn = snapshot_lsn(*name);
      if (!lsn) continue;
      promised_ = std::max(promised_, *lsn);
      const auto facts = check_snapshot(files_, directory_.journal, directory_.store, *lsn);
      if (!facts) {
        report_.passed_over.push_back(facts.error().message);
        continue;
      }
      last_ = *lsn;
      last_time_ = facts->end.time;
      return read_snapshot(files_, directory_.journal, directory_.store, *lsn,
                           [&](const SnapshotItem& item) { engine_.restore(item, *lsn); });
    }
    return {};
  }

  headrace::Status read_segment(const std::string& name, std::uint64_t number) {
    const auto bytes = read_file(files_, directory_.journal + "/" + name);
    if (!bytes) return bytes.error();
    SegmentScan scan(number, *bytes);
    bool gap = false;
    while (const auto block = scan.next(gap)) {
      promised_ = std::max(promised_, block->synced_lsn);
      last_time_ = std::max(last_time_, block->time);
      if (block->records > 0) apply(*block, scan.payload(), number);
    }
    return {};
  }

  void apply(const BlockHeader& block, std::string_view payload, std::uint64_t segment) {
    if (block.first_lsn > last_.next()) note_lost(Lsn(block.first_lsn.value() - 1));
    std::uint64_t at = block.offset + kBlockHeaderBytes;
    for (std::uint32_t i = 0; i < block.records; ++i) {
      auto decoded = decode_record(payload);
      if (!decoded) break;
      const Lsn lsn(block.first_lsn.value() + i);
      if (lsn > last_) {
        last_ = lsn;
        const BodyRef body{segment << 32 | (at + decoded->stored.offset),
                           static_cast<std::uint32_t>(decoded->stored.size)};
        if (std::visit(Fitting(engine_), decoded->record)) {
          engine_.apply(decoded->record, body, lsn);
        } else {
          ++report_.unusable_records;
        }
      }
      payload.remove_prefix(decoded->bytes);
      at += decoded->bytes;
    }
  }

  void note_lost(Lsn to) {
    report_.lost.emplace_back(last_.next(), to);
    last_ = to;
  }

  FileSystem& files_;
  const DataDirectory& directory_;
  Engine& engine_;
  RepairReport& report_;
  Lsn last_{};
  Lsn promised_{};
  TimePoint last_time_;
};

// The stored messages of the old journal, one segment open at a time.
class OldBodies {
 public:
  OldBodies(FileSystem& files, std::string directory)
      : files_(files), directory_(std::move(directory)) {}

  std::optional<std::string> read(BodyRef body) {
    const std::uint64_t segment = body.place >> 32;
    if (!open_ || *open_ != segment) {
      open_ = segment;
      auto file = files_.open(directory_ + "/" + segment_file_name(segment), OpenMode::kExisting);
      file_ = file ? std::move(*file) : nullptr;
    }
    if (file_ == nullptr) return std::nullopt;
    auto bytes = file_->read_at(body.place & UINT32_MAX, body.size);
    if (!bytes || !decode_stored(*bytes)) return std::nullopt;
    return std::move(*bytes);
  }

 private:
  FileSystem& files_;
  std::string directory_;
  std::optional<std::uint64_t> open_;
  std::unique_ptr<File> file_;
};

// A journal of its own: the stored messages as BodyCopy records, then a snapshot of the engine that
// says what they are.
class Rebuild {
 public:
  Rebuild(FileSystem& files, const DataDirectory& directory, std::string target, Engine& engine,
          RepairReport& report)
      : files_(files),
        directory_(directory),
        target_(std::move(target)),
        engine_(engine),
        report_(report),
        clock_(loop_),
        inline_(make_inline_offload(loop_)) {}

  headrace::Status run() {
    FileJournalOptions options;
    options.directory = target_;
    options.store = directory_.store;
    options.on_failure = [this](const headrace::Error& error) { failure_ = error; };
    NoBodies nobody;
    Engine empty(directory_.keys, nobody);
    auto opened = FileJournal::open(files_, clock_, {loop_, *inline_, *inline_, *inline_},
                                    std::move(options), empty);
    if (!opened) return opened.error();
    journal_ = std::move(*opened);
    asio::co_spawn(loop_, copy_bodies(), [this](std::exception_ptr error) {
      if (error) std::rethrow_exception(error);
      loop_.stop();
    });
    loop_.run();
    if (failure_.code != headrace::ErrorCode::kInvalid) return failure_;
    return write_snapshot();
  }

 private:
  asio::awaitable<void> copy_bodies() {
    const std::vector<Engine::Located> all = bodies();
    OldBodies old(files_, directory_.journal);
    // The log has at least one record, for the snapshot to stand on.
    journal_->append(DocumentRecord{"repaired", ""});
    for (const Engine::Located& one : all) {
      const Status room = co_await journal_->room(RoomFor::kUpkeep);
      if (!room) {
        failure_ = headrace::Error{headrace::ErrorCode::kIo, room.error().message};
        co_return;
      }
      auto stored = old.read(one.body);
      if (!stored) {
        ++lost_[one.queue];
        engine_.apply(DeleteRecord{one.queue, one.sequence}, {}, Lsn());
        continue;
      }
      const Record record = BodyCopyRecord{one.queue, one.sequence, std::move(*stored)};
      const Appended appended = journal_->append(record);
      engine_.apply(record, appended.body, appended.lsn);
    }
    co_await journal_->close();
  }

  std::vector<Engine::Located> bodies() {
    std::vector<Engine::Located> all;
    Engine::BodySearch search;
    search.everywhere = true;
    while (engine_.find_bodies(search, SIZE_MAX, all)) {
    }
    return all;
  }

  headrace::Status write_snapshot() {
    SnapshotWriter writer(files_, target_, directory_.store, journal_->last());
    SnapshotEncoder encoder;
    engine_.begin_snapshot();
    while (engine_.snapshot_slice(encoder, SIZE_MAX)) {
      const auto status = writer.write(encoder.take_payload(), SnapshotWriter::Chunk::kMiddle);
      if (!status) return status;
    }
    encoder.add_end(engine_.last_queue_id(), clock_.now());
    auto status = writer.write(encoder.take_payload(), SnapshotWriter::Chunk::kLast);
    if (status) status = writer.publish();
    if (status) count_queues();
    return status;
  }

  void count_queues() {
    for (QueueId id(1); id <= engine_.last_queue_id(); id = id.next()) {
      Queue* queue = engine_.find(id);
      if (queue == nullptr) continue;
      report_.queues.push_back(
          RepairReport::Queue{to_arn(queue->address()), queue->messages().count_all(), lost_[id]});
    }
  }

  FileSystem& files_;
  const DataDirectory& directory_;
  std::string target_;
  Engine& engine_;
  RepairReport& report_;
  asio::io_context loop_;
  SystemClock clock_;
  std::unique_ptr<Offload> inline_;
  std::unique_ptr<FileJournal> journal_;
  headrace::Error failure_{headrace::ErrorCode::kInvalid, ""};
  std::map<QueueId, std::uint64_t> lost_;
};

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Two renames: a server refuses to start between them, and another repair finishes them.
headrace::Status put_in_place(FileSystem& files, const std::string& data,
                              const std::string& kept_in) {
  auto status = files.sync_directory(data);
  if (status) status = files.rename(data + "/journal", data + "/" + kept_in);
  if (status) status = files.sync_directory(data);
  if (status) status = files.rename(data + "/" + kRepairedJournal, data + "/journal");
  if (status) status = files.sync_directory(data);
  return status;
}

// What a repair left that nothing needs any more: no server starts beside it.
headrace::Status put_unfinished_aside(FileSystem& files, const std::string& data) {
  const auto names = files.list(data);
  if (!names) return names.error();
  if (!contains(*names, kRepairedJournal)) return {};
  int number = 1;
  while (contains(*names, "journal.unfinished-" + std::to_string(number))) ++number;
  const std::string aside = data + "/journal.unfinished-" + std::to_string(number);
  auto status = files.rename(data + "/" + kRepairedJournal, aside);
  if (status) status = files.sync_directory(data);
  return status;
}

}  // namespace

headrace::Result<RepairReport> repair_journal(FileSystem& files, const std::string& data) {
  RepairReport report;
  {
    const auto names = files.list(data);
    if (!names) return names.error();
    if (contains(*names, kRepairedJournal) && !contains(*names, "journal")) {
      auto status = files.rename(data + "/" + kRepairedJournal, data + "/journal");
      if (status) status = files.sync_directory(data);
      if (!status) return status.error();
    }
    int copy = 1;
    while (contains(*names, "journal.damaged-" + std::to_string(copy))) ++copy;
    report.kept_in = "journal.damaged-" + std::to_string(copy);
  }
  const auto seen = verify_journal(files, data);
  if (!seen) return seen.error();
  const auto directory = DataDirectory::open_existing(files, data);
  if (!directory) return directory.error();
  const std::string target = data + "/" + kRepairedJournal;
  if (seen->problems.empty()) {
    report.was_sound = true;
    report.kept_in.clear();
    const auto status = put_unfinished_aside(files, data);
    if (!status) return status.error();
    return report;
  }
  // What an interrupted repair left.
  if (auto status = files.create_directory(target); !status) return status.error();
  const auto left = files.list(target);
  if (!left) return left.error();
  for (const std::string& name : *left) {
    if (const auto status = files.unlink(target + "/" + name); !status) return status.error();
  }
  NoBodies nobody;
  Engine engine(directory->keys, nobody);
  auto status = Salvage(files, *directory, engine, report).run();
  if (status) status = Rebuild(files, *directory, target, engine, report).run();
  if (status) status = put_in_place(files, data, report.kept_in);
  if (!status) return status.error();
  return report;
}

}  // namespace headrace::queue

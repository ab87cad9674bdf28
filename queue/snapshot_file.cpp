#include "queue/snapshot_file.hpp"

#include <charconv>
#include <cstdio>
#include <utility>

#include "base/mutant.hpp"

namespace headrace::queue {

namespace {

constexpr std::string_view kSnapshotSuffix = ".snap";
constexpr std::string_view kUnfinished = ".snap.new";
constexpr std::size_t kSnapshotNameDigits = 16;

using ItemVisitor = std::function<void(const SnapshotItem&)>;

headrace::Error corrupt(const std::string& file, std::uint64_t offset, const char* what) {
  return headrace::Error{headrace::ErrorCode::kCorrupt,
                         file + " at offset " + std::to_string(offset) + " " + what};
}

// Chunk by chunk through one file.
headrace::Result<std::uint64_t> read_chunks(FileSystem& files, const std::string& directory,
                                            const Uuid& store, Lsn lsn, const ItemVisitor& visit) {
  const std::string name = snapshot_file_name(lsn);
  const auto file = files.open(directory + "/" + name, OpenMode::kReadOnly);
  if (!file) return file.error();
  const auto size = (*file)->size();
  if (!size) return size.error();
  std::uint64_t at = 0;
  for (std::uint32_t index = 0;; ++index) {
    const auto head = (*file)->read_at(at, kSnapshotHeaderBytes);
    if (!head) return head.error();
    const auto header = decode_snapshot_header(*head);
    if (!header) return corrupt(name, at, "holds no chunk of a snapshot");
    const auto payload = (*file)->read_at(at + kSnapshotHeaderBytes, header->payload_bytes);
    if (!payload) return payload.error();
    if (payload->size() != header->payload_bytes || !check_snapshot_chunk(*head, *payload)) {
      return corrupt(name, at, "holds a chunk that is not whole");
    }
    if (header->store != store || header->lsn != lsn || header->index != index) {
      return corrupt(name, at, "holds a chunk of another place");
    }
    if (!decode_snapshot(*payload, visit)) {
      return corrupt(name, at, "holds an item this version cannot read");
    }
    at += kSnapshotHeaderBytes + payload->size();
    if (header->last) break;
  }
  if (at != *size) return corrupt(name, at, "goes on behind its last chunk");
  return at;
}

// The rules between items, so that restoring them cannot fail.
class OrderCheck {
 public:
  void operator()(const SnapshotItem& item) {
    if (end_) good_ = false;
    if (const auto* queue = std::get_if<QueueImage>(&item)) {
      next_queue(queue->id);
      next_sequence_ = queue->next_sequence;
      QueueAttributes attributes;
      if (!attributes.set_at_creation(queue->attributes)) good_ = false;
    } else if (const auto* gone = std::get_if<DeletedQueueImage>(&item)) {
      next_queue(gone->id);
      next_sequence_ = Sequence();
    } else if (const auto* message = std::get_if<QueuedMessage>(&item)) {
      const Sequence sequence = message->image.entry.sequence;
      if (message->queue != queue_ || sequence <= sequence_ || sequence >= next_sequence_) {
        good_ = false;
      }
      sequence_ = sequence;
      ++messages_;
    } else if (const auto* end = std::get_if<SnapshotEnd>(&item)) {
      if (end->messages != messages_ || end->last_queue < queue_) good_ = false;
      end_ = *end;
    }
  }

  bool good() const { return good_ && end_.has_value(); }
  const SnapshotEnd& end() const { return *end_; }

 private:
  void next_queue(QueueId queue) {
    if (queue <= queue_) good_ = false;
    queue_ = queue;
    sequence_ = Sequence();
  }

  bool good_ = true;
  QueueId queue_{};
  Sequence sequence_{};
  Sequence next_sequence_{};
  std::uint64_t messages_ = 0;
  std::optional<SnapshotEnd> end_;
};

}  // namespace

std::string snapshot_file_name(Lsn lsn) {
  char name[kSnapshotNameDigits + 16];
  std::snprintf(name, sizeof name, "%016llu.snap", static_cast<unsigned long long>(lsn.value()));
  return name;
}

std::optional<Lsn> snapshot_lsn(std::string_view name) {
  if (name.size() != kSnapshotNameDigits + kSnapshotSuffix.size() ||
      !name.ends_with(kSnapshotSuffix))
    return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, ec] = std::from_chars(name.data(), name.data() + kSnapshotNameDigits, number);
  if (ec != std::errc{} || end != name.data() + kSnapshotNameDigits) return std::nullopt;
  return Lsn(number);
}

bool is_unfinished_snapshot(std::string_view name) { return name.ends_with(kUnfinished); }

SnapshotWriter::SnapshotWriter(FileSystem& files, std::string directory, const Uuid& store, Lsn lsn)
    : files_(files), directory_(std::move(directory)) {
  header_.store = store;
  header_.lsn = lsn;
}

headrace::Status SnapshotWriter::write(std::string_view payload, Chunk position) {
  const std::string path = directory_ + "/" + snapshot_file_name(header_.lsn) + ".new";
  if (file_ == nullptr) {
    auto file = files_.open(path, OpenMode::kCreate);
    if (!file) return file.error();
    file_ = std::move(*file);
  }
  header_.last = position == Chunk::kLast;
  const std::string chunk = encode_snapshot_chunk(header_, payload);
  const headrace::Status status = file_->write_at(bytes_, chunk);
  if (!status) return status;
  bytes_ += chunk.size();
  ++header_.index;
  return {};
}

headrace::Status SnapshotWriter::publish() {
  headrace::Status status;
  if (!HR_MUTANT(7)) status = file_->sync();
  const std::string path = directory_ + "/" + snapshot_file_name(header_.lsn);
  if (status) status = files_.rename(path + ".new", path);
  if (status && !HR_MUTANT(7)) status = files_.sync_directory(directory_);
  if (status) status = remove_others();
  return status;
}

headrace::Status SnapshotWriter::remove_others() {
  const auto names = files_.list(directory_);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    const auto lsn = snapshot_lsn(name);
    if (!lsn || *lsn == header_.lsn) continue;
    if (const auto status = files_.unlink(directory_ + "/" + name); !status) return status;
  }
  return {};
}

void SnapshotWriter::discard() {
  if (file_ == nullptr) return;
  file_.reset();
  // Best effort: what is left of it is removed by the next start.
  static_cast<void>(files_.unlink(directory_ + "/" + snapshot_file_name(header_.lsn) + ".new"));
}

headrace::Result<SnapshotFacts> check_snapshot(FileSystem& files, const std::string& directory,
                                               const Uuid& store, Lsn lsn) {
  OrderCheck order;
  const auto bytes = read_chunks(files, directory, store, lsn, std::ref(order));
  if (!bytes) return bytes.error();
  if (!order.good()) {
    return headrace::Error{headrace::ErrorCode::kCorrupt,
                           snapshot_file_name(lsn) + " holds items that do not fit each other"};
  }
  return SnapshotFacts{lsn, *bytes, order.end()};
}

headrace::Status read_snapshot(FileSystem& files, const std::string& directory, const Uuid& store,
                               Lsn lsn, const ItemVisitor& visit) {
  const auto bytes = read_chunks(files, directory, store, lsn, visit);
  if (!bytes) return bytes.error();
  return {};
}

}  // namespace headrace::queue

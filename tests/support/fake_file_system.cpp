#include "tests/support/fake_file_system.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "base/check.hpp"

namespace headrace {

namespace {

constexpr std::size_t kSectorBytes = 512;

using Operation = FakeFileSystem::Operation;

// One write or truncation that no sync has covered yet.
struct Change {
  std::uint64_t offset = 0;
  std::string bytes;
  std::optional<std::uint64_t> truncated_to;
};

struct Inode {
  std::string written;  // what a reader sees
  std::string stored;   // what the disk holds for certain
  std::vector<Change> unsynced;
};

using InodePointer = std::shared_ptr<Inode>;
using Entries = std::map<std::string, InodePointer>;

// One change of directory entries; a null inode is a removal. A rename has two parts.
using EntryChange = std::vector<std::pair<std::string, InodePointer>>;

std::string parent_of(const std::string& path) {
  return std::filesystem::path(path).parent_path().string();
}

std::string normal(const std::string& path) {
  std::string text = std::filesystem::path(path).lexically_normal().string();
  if (text.size() > 1 && text.ends_with('/')) text.pop_back();
  return text;
}

void overwrite(std::string& content, std::uint64_t offset, std::string_view bytes) {
  if (content.size() < offset + bytes.size()) content.resize(offset + bytes.size(), '\0');
  std::copy(bytes.begin(), bytes.end(), content.begin() + static_cast<std::ptrdiff_t>(offset));
}

void replay(std::string& content, const Change& change) {
  if (change.truncated_to) {
    content.resize(*change.truncated_to, '\0');
  } else {
    overwrite(content, change.offset, change.bytes);
  }
}

void replay(Entries& entries, const EntryChange& change) {
  for (const auto& [path, inode] : change) {
    if (inode) {
      entries[path] = inode;
    } else {
      entries.erase(path);
    }
  }
}

std::string garbage(std::size_t size, Random& random) {
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random.next());
  return bytes;
}

// Applies the part of `change` that a power cut left: each sector whole, in part, as garbage or not
// at all.
void replay_in_part(std::string& content, const Change& change, std::uint64_t kept_of_8,
                    Random& random) {
  if (change.truncated_to) {
    if (random.below(8) < kept_of_8) replay(content, change);
    return;
  }
  std::string_view rest = change.bytes;
  std::uint64_t offset = change.offset;
  while (!rest.empty()) {
    const std::string_view sector = rest.substr(0, kSectorBytes - offset % kSectorBytes);
    if (random.below(8) < kept_of_8) {
      overwrite(content, offset, sector);
    } else if (random.one_in(4)) {
      overwrite(content, offset, sector.substr(0, random.below(sector.size() + 1)));
    } else if (random.one_in(8)) {
      overwrite(content, offset, garbage(sector.size(), random));
    }
    offset += sector.size();
    rest.remove_prefix(sector.size());
  }
}

struct Fault {
  std::uint64_t calls_left = 0;  // 0: none planned
  int error_number = 0;
};

}  // namespace

struct FakeFileSystem::State {
  mutable std::mutex mutex;
  Entries visible;
  Entries stored;
  std::vector<EntryChange> unsynced;
  std::set<std::string> directories = {"/", "", "."};
  std::set<std::string> locked;
  std::array<Fault, 4> faults{};
  std::array<std::uint64_t, 4> counts{};
  bool sync_lies = false;
  bool full = false;
  bool lost_writes = false;
  bool page_cache_cold = false;
  std::function<void(Operation)> observer;
  std::function<void()> read_observer;

  // The errno planned for this call, 0 when it may go on.
  int begin(Operation operation) {
    ++counts[static_cast<std::size_t>(operation)];
    Fault& fault = faults[static_cast<std::size_t>(operation)];
    if (fault.calls_left == 0 || --fault.calls_left > 0) return 0;
    return fault.error_number;
  }

  void change_entries(EntryChange change) {
    replay(visible, change);
    unsynced.push_back(std::move(change));
  }

  Status succeeded(Operation operation) {
    std::function<void(Operation)> callback;
    {
      const std::lock_guard hold(mutex);
      callback = observer;
    }
    if (callback) callback(operation);
    return {};
  }
};

namespace {

using State = FakeFileSystem::State;

class FakeFile final : public File {
 public:
  FakeFile(std::shared_ptr<State> state, InodePointer inode, std::string path)
      : state_(std::move(state)), inode_(std::move(inode)), path_(std::move(path)) {}

  Status write_at(std::uint64_t offset, std::string_view bytes) override {
    {
      const std::lock_guard hold(state_->mutex);
      if (state_->full && offset + bytes.size() > inode_->written.size()) {
        return system_error("write", path_, ENOSPC);
      }
      const int error_number = state_->begin(Operation::kWrite);
      if (error_number != 0) bytes = bytes.substr(0, bytes.size() / 2);
      change(Change{.offset = offset, .bytes = std::string(bytes), .truncated_to = {}});
      if (error_number != 0) return system_error("write", path_, error_number);
    }
    return state_->succeeded(Operation::kWrite);
  }

  Result<std::string> read_at(std::uint64_t offset, std::size_t size) override {
    std::string bytes;
    std::function<void()> callback;
    {
      const std::lock_guard hold(state_->mutex);
      const int error_number = state_->begin(Operation::kRead);
      if (error_number != 0) return system_error("read", path_, error_number);
      if (offset < inode_->written.size()) bytes = inode_->written.substr(offset, size);
      callback = state_->read_observer;
    }
    if (callback) callback();
    return bytes;
  }

  Result<std::string> read_cached(std::uint64_t offset, std::size_t size) override {
    {
      const std::lock_guard hold(state_->mutex);
      if (state_->page_cache_cold) {
        return Error{ErrorCode::kUnavailable, "not in the page cache: " + path_};
      }
    }
    return read_at(offset, size);
  }

  Status sync() override {
    {
      const std::lock_guard hold(state_->mutex);
      const int error_number = state_->begin(Operation::kSync);
      if (error_number != 0) {
        lose();
        state_->lost_writes = true;
        return system_error("fdatasync", path_, error_number);
      }
      if (!state_->sync_lies) store();
    }
    return state_->succeeded(Operation::kSync);
  }

  Status preallocate(std::uint64_t size) override {
    const Status written = write_at(0, std::string(size, '\0'));
    if (!written) return written;
    return sync();
  }

  Status truncate(std::uint64_t size) override {
    {
      const std::lock_guard hold(state_->mutex);
      const int error_number = state_->begin(Operation::kWrite);
      if (error_number != 0) return system_error("truncate", path_, error_number);
      change(Change{.bytes = {}, .truncated_to = size});
    }
    return state_->succeeded(Operation::kWrite);
  }

  Result<std::uint64_t> size() override {
    const std::lock_guard hold(state_->mutex);
    return inode_->written.size();
  }

 private:
  void change(Change change) {
    replay(inode_->written, change);
    inode_->unsynced.push_back(std::move(change));
  }

  void store() {
    for (const Change& change : inode_->unsynced) replay(inode_->stored, change);
    inode_->unsynced.clear();
  }

  // What a failed sync covered is gone, also for readers. Truncations are metadata: they stay.
  void lose() {
    std::erase_if(inode_->unsynced, [](const Change& change) { return !change.truncated_to; });
    inode_->written = inode_->stored;
    for (const Change& change : inode_->unsynced) replay(inode_->written, change);
  }

  std::shared_ptr<State> state_;
  InodePointer inode_;
  std::string path_;
};

class FakeLock final : public FileLock {
 public:
  FakeLock(std::shared_ptr<State> state, std::string path)
      : state_(std::move(state)), path_(std::move(path)) {}
  ~FakeLock() override {
    const std::lock_guard hold(state_->mutex);
    state_->locked.erase(path_);
  }
  FakeLock(const FakeLock&) = delete;
  FakeLock& operator=(const FakeLock&) = delete;

 private:
  std::shared_ptr<State> state_;
  std::string path_;
};

// A disk that holds exactly `entries`, each file with the content `content_of` gives.
template <class ContentOf>
std::shared_ptr<State> disk_with(const State& from, const Entries& entries, ContentOf content_of) {
  auto state = std::make_shared<State>();
  state->directories = from.directories;
  for (const auto& [path, inode] : entries) {
    std::string content = content_of(*inode);
    state->visible[path] =
        std::make_shared<Inode>(Inode{.written = content, .stored = content, .unsynced = {}});
  }
  state->stored = state->visible;
  return state;
}

}  // namespace

FakeFileSystem::FakeFileSystem() : state_(std::make_shared<State>()) {}
FakeFileSystem::FakeFileSystem(std::shared_ptr<State> state) : state_(std::move(state)) {}

std::unique_ptr<FakeFileSystem> FakeFileSystem::after_kill() const {
  const std::lock_guard hold(state_->mutex);
  auto state = std::make_shared<State>();
  state->directories = state_->directories;
  std::map<InodePointer, InodePointer> copies;
  const auto copy_entries = [&copies](auto& entries) {
    for (auto& [path, inode] : entries) {
      if (!inode) continue;
      InodePointer& copy = copies[inode];
      if (!copy) copy = std::make_shared<Inode>(*inode);
      inode = copy;
    }
  };
  state->visible = state_->visible;
  state->stored = state_->stored;
  state->unsynced = state_->unsynced;
  copy_entries(state->visible);
  copy_entries(state->stored);
  for (EntryChange& change : state->unsynced) copy_entries(change);
  return std::unique_ptr<FakeFileSystem>(new FakeFileSystem(std::move(state)));
}

std::unique_ptr<FakeFileSystem> FakeFileSystem::after_power_cut(Random& random) const {
  const std::lock_guard hold(state_->mutex);
  Entries entries = state_->stored;
  const std::uint64_t entries_kept_of_8 = random.below(9);
  for (const EntryChange& change : state_->unsynced) {
    if (random.below(8) < entries_kept_of_8) replay(entries, change);
  }
  const std::uint64_t kept_of_8 = random.below(9);
  auto state = disk_with(*state_, entries, [&](const Inode& inode) {
    std::string content = inode.stored;
    for (const Change& change : inode.unsynced) {
      replay_in_part(content, change, kept_of_8, random);
    }
    return content;
  });
  return std::unique_ptr<FakeFileSystem>(new FakeFileSystem(std::move(state)));
}

std::unique_ptr<FakeFileSystem> FakeFileSystem::after_losing_unsynced() const {
  const std::lock_guard hold(state_->mutex);
  auto state = disk_with(*state_, state_->stored, [](const Inode& inode) { return inode.stored; });
  return std::unique_ptr<FakeFileSystem>(new FakeFileSystem(std::move(state)));
}

void FakeFileSystem::fail(Operation operation, std::uint64_t nth, int error_number) {
  const std::lock_guard hold(state_->mutex);
  state_->faults[static_cast<std::size_t>(operation)] = Fault{nth, error_number};
}

void FakeFileSystem::fill_up() {
  const std::lock_guard hold(state_->mutex);
  state_->full = true;
}

void FakeFileSystem::make_room() {
  const std::lock_guard hold(state_->mutex);
  state_->full = false;
}

void FakeFileSystem::lie_about_sync() {
  const std::lock_guard hold(state_->mutex);
  state_->sync_lies = true;
}

void FakeFileSystem::chill_page_cache() {
  const std::lock_guard hold(state_->mutex);
  state_->page_cache_cold = true;
}

void FakeFileSystem::flip_bit(const std::string& path, std::uint64_t offset, int bit) {
  const std::lock_guard hold(state_->mutex);
  const auto found = state_->visible.find(normal(path));
  HR_CHECK(found != state_->visible.end());
  HR_CHECK(offset < found->second->written.size());
  const auto flip = [&](std::string& content) {
    if (offset < content.size()) content[offset] = static_cast<char>(content[offset] ^ (1 << bit));
  };
  flip(found->second->written);
  flip(found->second->stored);
}

void FakeFileSystem::observe_reads(std::function<void()> observer) {
  const std::lock_guard hold(state_->mutex);
  state_->read_observer = std::move(observer);
}

void FakeFileSystem::observe(std::function<void(Operation)> observer) {
  const std::lock_guard hold(state_->mutex);
  state_->observer = std::move(observer);
}

bool FakeFileSystem::lost_writes() const {
  const std::lock_guard hold(state_->mutex);
  return state_->lost_writes;
}

std::uint64_t FakeFileSystem::count(Operation operation) const {
  const std::lock_guard hold(state_->mutex);
  return state_->counts[static_cast<std::size_t>(operation)];
}

Result<std::unique_ptr<File>> FakeFileSystem::open(const std::string& path, OpenMode mode) {
  const std::lock_guard hold(state_->mutex);
  const std::string name = normal(path);
  const auto found = state_->visible.find(name);
  const bool exists = found != state_->visible.end();
  if (mode != OpenMode::kCreate) {
    if (!exists) return Error{ErrorCode::kNotFound, "no file " + path};
    return std::unique_ptr<File>(std::make_unique<FakeFile>(state_, found->second, path));
  }
  if (exists) return Error{ErrorCode::kExists, path + " exists already"};
  if (!state_->directories.contains(parent_of(name))) {
    return Error{ErrorCode::kNotFound, "no file " + path};
  }
  const auto inode = std::make_shared<Inode>();
  state_->change_entries({{name, inode}});
  return std::unique_ptr<File>(std::make_unique<FakeFile>(state_, inode, path));
}

Status FakeFileSystem::rename(const std::string& from, const std::string& to) {
  const std::lock_guard hold(state_->mutex);
  const auto found = state_->visible.find(normal(from));
  if (found == state_->visible.end()) return system_error("rename", from, ENOENT);
  state_->change_entries({{normal(from), nullptr}, {normal(to), found->second}});
  return {};
}

Status FakeFileSystem::unlink(const std::string& path) {
  const std::lock_guard hold(state_->mutex);
  const std::string name = normal(path);
  if (!state_->visible.contains(name)) return system_error("unlink", path, ENOENT);
  state_->change_entries({{name, nullptr}});
  return {};
}

Status FakeFileSystem::create_directory(const std::string& path) {
  const std::lock_guard hold(state_->mutex);
  for (std::string name = normal(path); state_->directories.insert(name).second;) {
    name = parent_of(name);
  }
  return {};
}

Result<std::vector<std::string>> FakeFileSystem::list(const std::string& directory) {
  const std::lock_guard hold(state_->mutex);
  const std::string name = normal(directory);
  if (!state_->directories.contains(name)) return system_error("list", directory, ENOENT);
  std::vector<std::string> names;
  for (const auto& [path, inode] : state_->visible) {
    if (parent_of(path) == name) names.push_back(std::filesystem::path(path).filename().string());
  }
  for (const std::string& path : state_->directories) {
    if (path != name && parent_of(path) == name) {
      names.push_back(std::filesystem::path(path).filename().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

Status FakeFileSystem::sync_directory(const std::string& directory) {
  {
    const std::lock_guard hold(state_->mutex);
    const std::string name = normal(directory);
    const int error_number = state_->begin(Operation::kSyncDirectory);
    if (error_number != 0) return system_error("fsync", directory, error_number);
    if (!state_->directories.contains(name)) return system_error("open", directory, ENOENT);
    if (!state_->sync_lies) {
      for (EntryChange& change : state_->unsynced) {
        const auto inside = [&](const auto& entry) { return parent_of(entry.first) == name; };
        const auto middle = std::stable_partition(change.begin(), change.end(), inside);
        replay(state_->stored, EntryChange(change.begin(), middle));
        change.erase(change.begin(), middle);
      }
      std::erase_if(state_->unsynced, [](const EntryChange& change) { return change.empty(); });
    }
  }
  return state_->succeeded(Operation::kSyncDirectory);
}

// Whoever waits here would wait for itself: the tests that use this disk have one thread.
Result<std::unique_ptr<FileLock>> FakeFileSystem::lock(const std::string& path, IfHeld) {
  const std::lock_guard hold(state_->mutex);
  const std::string name = normal(path);
  if (!state_->locked.insert(name).second) {
    return Error{ErrorCode::kExists, path + " is locked by another process"};
  }
  if (!state_->visible.contains(name)) state_->change_entries({{name, std::make_shared<Inode>()}});
  return std::unique_ptr<FileLock>(std::make_unique<FakeLock>(state_, name));
}

}  // namespace headrace

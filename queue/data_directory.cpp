#include "queue/data_directory.hpp"

#include <algorithm>
#include <optional>
#include <tuple>

#include "base/codec.hpp"

namespace headrace::queue {

namespace {

constexpr std::string_view kStoreTitle = "headrace store 1\n";  // the number is the format
constexpr std::size_t kStoreBytesMax = 256;
constexpr std::size_t kKeyBytes = std::tuple_size_v<HandleKey>;

// The file appears whole or not at all, and is durable on return.
headrace::Status write_file(FileSystem& files, const std::string& directory,
                            const std::string& name, std::string_view bytes) {
  const std::string path = directory + "/" + name;
  const std::string fresh = path + ".new";
  auto file = files.open(fresh, OpenMode::kCreate);
  if (!file && file.error().code == headrace::ErrorCode::kExists) {
    if (const auto status = files.unlink(fresh); !status) return status;
    file = files.open(fresh, OpenMode::kCreate);
  }
  if (!file) return file.error();
  headrace::Status status = (*file)->write_at(0, bytes);
  if (status) status = (*file)->sync();
  if (status) status = files.rename(fresh, path);
  if (status) status = files.sync_directory(directory);
  return status;
}

// The file's bytes; made by `fresh` first when it does not exist.
headrace::Result<std::string> read_or_make(FileSystem& files, const std::string& directory,
                                           const std::string& name, const std::string& fresh) {
  auto file = files.open(directory + "/" + name, OpenMode::kExisting);
  if (!file && file.error().code == headrace::ErrorCode::kNotFound) {
    if (const auto status = write_file(files, directory, name, fresh); !status) {
      return status.error();
    }
    return fresh;
  }
  if (!file) return file.error();
  return (*file)->read_at(0, kStoreBytesMax);
}

headrace::Result<Uuid> parse_store(const std::string& text, const std::string& path) {
  const auto refuse = [&path](const char* why) {
    return headrace::Error{headrace::ErrorCode::kInvalid, path + ": " + why};
  };
  if (!text.starts_with("headrace store ")) return refuse("this is no headrace data directory");
  if (!text.starts_with(kStoreTitle)) {
    return refuse("this data directory was written by another version of headrace");
  }
  const auto id = base64url_decode(
      std::string_view(text).substr(kStoreTitle.size(), text.size() - kStoreTitle.size() - 1));
  Uuid store{};
  if (!id || id->size() != store.size()) return refuse("the store's id is damaged");
  std::copy(id->begin(), id->end(), store.begin());
  return store;
}

std::string key_bytes(const StoreKeys& keys) {
  std::string bytes(keys.texts.begin(), keys.texts.end());
  if (keys.handles != keys.texts) bytes.append(keys.handles.begin(), keys.handles.end());
  return bytes;
}

std::optional<StoreKeys> parse_keys(std::string_view bytes) {
  if (bytes.size() != kKeyBytes && bytes.size() != 2 * kKeyBytes) return std::nullopt;
  StoreKeys keys;
  std::copy_n(bytes.begin(), kKeyBytes, keys.texts.begin());
  std::copy_n(bytes.end() - kKeyBytes, kKeyBytes, keys.handles.begin());
  return keys;
}

// Of a data directory that should be there.
headrace::Result<Uuid> read_store(FileSystem& files, const std::string& path) {
  const auto text = read_file(files, path + "/store");
  if (!text && text.error().code == headrace::ErrorCode::kNotFound) {
    return headrace::Error{headrace::ErrorCode::kNotFound, path + " is no data directory"};
  }
  if (!text) return text.error();
  return parse_store(*text, path + "/store");
}

// A folder of something else is left as it is. Ours is what a first start may leave when it is cut
// short, and the functions and the socket of a server in memory; an empty file system has
// lost+found.
headrace::Status check_ours(FileSystem& files, const std::string& path) {
  const auto names = files.list(path);
  if (!names) return names.error();
  if (std::find(names->begin(), names->end(), "store") != names->end()) return {};
  const bool empty = std::all_of(names->begin(), names->end(), [](const std::string& name) {
    return name == "lock" || name == "store.new" || name == "functions" || name == "control.sock" ||
           name == "lost+found";
  });
  if (empty) return {};
  return headrace::Error{headrace::ErrorCode::kInvalid,
                         path + ": the folder is not empty and holds no headrace store"};
}

headrace::Result<StoreKeys> read_keys(FileSystem& files, const std::string& path) {
  const std::string file = path + "/handle.key";
  const auto bytes = read_file(files, file);
  if (!bytes && bytes.error().code == headrace::ErrorCode::kNotFound) {
    return headrace::Error{headrace::ErrorCode::kInvalid, file + " is missing"};
  }
  if (!bytes) return bytes.error();
  const auto keys = parse_keys(*bytes);
  if (!keys) return headrace::Error{headrace::ErrorCode::kInvalid, file + " is damaged"};
  return *keys;
}

headrace::Result<DataDirectory> read_identity(FileSystem& files, const std::string& path) {
  const auto store = read_store(files, path);
  if (!store) return store.error();
  DataDirectory directory;
  directory.store = *store;
  directory.journal = path + "/journal";
  return directory;
}

headrace::Status check_no_repair(FileSystem& files, const std::string& path) {
  const auto names = files.list(path);
  if (!names) return names.error();
  if (std::find(names->begin(), names->end(), kRepairedJournal) == names->end()) return {};
  return headrace::Error{
      headrace::ErrorCode::kInvalid,
      "a repair of " + path + " was interrupted: run `headrace journal repair` again"};
}

}  // namespace

headrace::Result<DataDirectory> DataDirectory::open(FileSystem& files, const std::string& path,
                                                    const Entropy& entropy) {
  DataDirectory directory;
  if (const auto status = files.create_directory(path); !status) return status.error();
  if (const auto status = check_ours(files, path); !status) return status.error();
  auto lock = files.lock(path + "/lock", IfHeld::kFail);
  if (!lock) return lock.error();
  directory.lock = std::move(*lock);
  directory.journal = path + "/journal";
  if (const auto status = check_no_repair(files, path); !status) return status.error();

  std::string id(16, '\0');
  entropy(id.data(), id.size());
  const auto store =
      read_or_make(files, path, "store", std::string(kStoreTitle) + base64url_encode(id) + "\n");
  if (!store) return store.error();
  const auto parsed = parse_store(*store, path + "/store");
  if (!parsed) return parsed.error();
  directory.store = *parsed;

  std::string fresh_key(kKeyBytes, '\0');
  entropy(fresh_key.data(), fresh_key.size());
  const auto bytes = read_or_make(files, path, "handle.key", fresh_key);
  if (!bytes) return bytes.error();
  const auto keys = parse_keys(*bytes);
  if (!keys) {
    return headrace::Error{headrace::ErrorCode::kInvalid, path + "/handle.key is damaged"};
  }
  directory.keys = *keys;
  return directory;
}

headrace::Result<DataDirectory> DataDirectory::open_existing(FileSystem& files,
                                                             const std::string& path) {
  auto directory = read_identity(files, path);
  if (!directory) return directory;
  if (const auto keys = read_keys(files, path)) directory->keys = *keys;
  auto lock = files.lock(path + "/lock", IfHeld::kFail);
  if (!lock) return lock.error();
  directory->lock = std::move(*lock);
  return directory;
}

headrace::Result<DataDirectory> DataDirectory::look_at(FileSystem& files, const std::string& path) {
  if (const auto status = check_no_repair(files, path); !status) return status.error();
  auto directory = read_identity(files, path);
  if (!directory) return directory;
  const auto keys = read_keys(files, path);
  if (!keys) return keys.error();
  directory->keys = *keys;
  return directory;
}

headrace::Status write_identity(FileSystem& files, const std::string& path,
                                const DataDirectory& made) {
  const auto names = files.list(path);
  if (!names) return names.error();
  if (std::find(names->begin(), names->end(), "store") != names->end()) {
    return headrace::Error{headrace::ErrorCode::kExists, path + " is a data directory already"};
  }
  auto status = write_file(files, path, "handle.key", key_bytes(made.keys));
  const std::string_view id(reinterpret_cast<const char*>(made.store.data()), made.store.size());
  if (status) {
    status =
        write_file(files, path, "store", std::string(kStoreTitle) + base64url_encode(id) + "\n");
  }
  return status;
}

}  // namespace headrace::queue

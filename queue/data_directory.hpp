// DataDirectory: the folder a store lives in. One process at a time; made whole before first use.
//
//   lock        held while a server runs
//   store       format version and the store's id
//   handle.key  its keys, mode 0600
//   journal/    segments and snapshots (docs/journal-format.md)
//   journal.repaired/  a journal being repaired: nothing starts before that is finished
//   functions/, control.sock  of the server around the store; no part of it
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "base/file_system.hpp"
#include "base/random.hpp"
#include "queue/receipt_handle.hpp"

namespace headrace::queue {

// The journal a repair builds, beside the one it replaces.
inline constexpr const char* kRepairedJournal = "journal.repaired";
// In the journal's folder; held by upkeep, and by who copies the files that upkeep would remove.
inline constexpr const char* kUpkeepLock = "upkeep.lock";

struct DataDirectory {
  std::string journal;  // path
  Uuid store{};
  StoreKeys keys;
  std::unique_ptr<FileLock> lock;

  // Opens it, or creates it in a folder that is missing or empty. Fails with kExists when another
  // process holds it, kInvalid when what is there is not ours, kIo on trouble with the disk.
  // `entropy` fills the store's identity and the key of a new one.
  using Entropy = std::function<void(char* bytes, std::size_t size)>;
  static headrace::Result<DataDirectory> open(FileSystem& files, const std::string& path,
                                              const Entropy& entropy = os_random);

  // As open, but makes nothing: fails with kNotFound when this is no data directory. The keys are
  // zero when their file is missing or damaged.
  static headrace::Result<DataDirectory> open_existing(FileSystem& files, const std::string& path);
  // Likewise without the lock, which somebody else may hold. Fails with kInvalid when a repair was
  // interrupted, or the keys are missing or damaged.
  static headrace::Result<DataDirectory> look_at(FileSystem& files, const std::string& path);
};

// Makes a data directory of `made`, whose journal is there already: its keys, then its store,
// durable on return. Fails with kExists when it is one.
headrace::Status write_identity(FileSystem& files, const std::string& path,
                                const DataDirectory& made);

}  // namespace headrace::queue

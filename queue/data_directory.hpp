// DataDirectory: the folder a store lives in. One process at a time; made whole before first use.
//
//   lock        held while a server runs
//   store       format version and the store's id
//   handle.key  the key of receipt handles, mode 0600
//   journal/    the segments (docs/journal-format.md)
#pragma once

#include <memory>
#include <string>

#include "base/error.hpp"
#include "base/file_system.hpp"
#include "queue/receipt_handle.hpp"

namespace headrace::queue {

struct DataDirectory {
  std::string journal;  // path
  Uuid store{};
  HandleKey key{};
  std::unique_ptr<FileLock> lock;

  // Opens it, or creates it in a folder that is missing or empty. Fails with kExists when another
  // process holds it, kInvalid when what is there is not ours, kIo on trouble with the disk.
  static headrace::Result<DataDirectory> open(FileSystem& files, const std::string& path);
};

}  // namespace headrace::queue

// The seam to the disk: everything durable goes through FileSystem and File, so that tests can own
// the disk (tests/support/fake_file_system.hpp keeps only what was synced).
//
// Calls block; the loop thread makes them only while starting. A File may be written by one thread
// and read by others at the same time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace headrace {

class File {
 public:
  virtual ~File() = default;

  // Writes all bytes at `offset`, or fails.
  virtual Status write_at(std::uint64_t offset, std::string_view bytes) = 0;

  // Reads up to `size` bytes; fewer at the end of the file.
  virtual Result<std::string> read_at(std::uint64_t offset, std::size_t size) = 0;

  // As read_at, but only if no disk access is needed; kUnavailable otherwise.
  virtual Result<std::string> read_cached(std::uint64_t offset, std::size_t size) = 0;

  // Makes everything written to this file durable (fdatasync). A failure is final: what was
  // written since the last success may or may not be on the disk, and readers see what is.
  virtual Status sync() = 0;

  // Makes the file `size` bytes long and reserves its blocks, filled with zeros.
  virtual Status preallocate(std::uint64_t size) = 0;
  virtual Status truncate(std::uint64_t size) = 0;
  virtual Result<std::uint64_t> size() = 0;
};

// An exclusive lock, held until destroyed.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

enum class OpenMode {
  kExisting,
  kReadOnly,  // an existing file, also where nothing may be written
  kCreate,    // fails with kExists if the file exists
};
enum class IfHeld { kFail, kWait };

class FileSystem {
 public:
  virtual ~FileSystem() = default;

  virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  virtual Status unlink(const std::string& path) = 0;
  // Mode 0700, with the parents that are missing; durable on return. Fine if it exists.
  virtual Status create_directory(const std::string& path) = 0;
  virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;  // sorted names

  // Makes creations, renames and removals in the directory durable.
  virtual Status sync_directory(const std::string& directory) = 0;

  // Waits or fails with kExists when somebody else holds it. Where nothing may be written the
  // lock's file must be there: kNotFound otherwise.
  virtual Result<std::unique_ptr<FileLock>> lock(const std::string& path, IfHeld if_held) = 0;
};

// The whole file.
Result<std::string> read_file(FileSystem& files, const std::string& path);

// The operating system's files. Created files have mode 0600.
std::unique_ptr<FileSystem> make_posix_file_system();

}  // namespace headrace

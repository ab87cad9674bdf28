// LimitedDisk: a disk with room for so many bytes of files; beyond that a write fails with ENOSPC.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/file_system.hpp"

namespace headrace {

class LimitedDisk final : public FileSystem {
 public:
  LimitedDisk(FileSystem& disk, std::uint64_t capacity) : disk_(disk), capacity_(capacity) {}

  void resize(std::uint64_t capacity) { capacity_ = capacity; }
  // Whether a file may grow that far.
  bool fits(std::uint64_t size, std::uint64_t end) const;

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status unlink(const std::string& path) override;
  Status create_directory(const std::string& path) override { return disk_.create_directory(path); }
  Result<std::vector<std::string>> list(const std::string& directory) override {
    return disk_.list(directory);
  }
  Status sync_directory(const std::string& directory) override {
    return disk_.sync_directory(directory);
  }
  Result<std::unique_ptr<FileLock>> lock(const std::string& path, IfHeld if_held) override {
    return disk_.lock(path, if_held);
  }

 private:
  FileSystem& disk_;
  std::uint64_t capacity_;
  std::map<std::string, std::shared_ptr<std::uint64_t>> sizes_;  // shared with open files
};

}  // namespace headrace

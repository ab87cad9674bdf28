// FileWatch: tells when a file was written, whether in place or by a new one that takes its name.
// Blocks on inotify; asks nothing again and again.
#pragma once

#include <string>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "functions/unique_fd.hpp"

namespace headrace::runtime {

// A build writes a file more than once: it is done when nothing happened for so long.
inline constexpr Duration kFileQuietTime{100};

class FileWatch {
 public:
  // Watches the folder of the file, which need not be there yet.
  static Result<FileWatch> start(const std::string& path);

  // Returns when the file was written since start() or the last wait(), and is quiet.
  Status wait();

 private:
  FileWatch(functions::UniqueFd inotify, std::string name)
      : inotify_(std::move(inotify)), name_(std::move(name)) {}

  // True when one of the events that wait to be read is about the file.
  Result<bool> read_events();
  Result<bool> quiet();

  functions::UniqueFd inotify_;
  std::string name_;
};

}  // namespace headrace::runtime

#include "runtime/cli/file_watch.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

namespace headrace::runtime {

Result<FileWatch> FileWatch::start(const std::string& path) {
  const std::filesystem::path file(path);
  const std::string folder = file.has_parent_path() ? file.parent_path().string() : ".";
  functions::UniqueFd inotify(inotify_init1(IN_CLOEXEC));
  if (inotify.get() < 0) return system_error("inotify_init1", path, errno);
  if (inotify_add_watch(inotify.get(), folder.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO) < 0) {
    return system_error("inotify_add_watch", folder, errno);
  }
  return FileWatch(std::move(inotify), file.filename().string());
}

Status FileWatch::wait() {
  bool written = false;
  bool done = false;
  while (!done) {
    const Result<bool> ours = read_events();
    if (!ours) return ours.error();
    written = written || *ours;
    if (!written) continue;
    const Result<bool> no_more = quiet();
    if (!no_more) return no_more.error();
    done = *no_more;
  }
  return {};
}

// Blocks until there are some.
Result<bool> FileWatch::read_events() {
  alignas(inotify_event) std::array<char, 4096> bytes{};
  ssize_t size = -1;
  do {
    size = read(inotify_.get(), bytes.data(), bytes.size());
  } while (size < 0 && errno == EINTR);
  if (size < 0) return system_error("read", "inotify", errno);
  bool ours = false;
  for (std::size_t at = 0; at < static_cast<std::size_t>(size);) {
    inotify_event event{};
    std::memcpy(&event, bytes.data() + at, sizeof event);
    const char* name = bytes.data() + at + sizeof event;
    // After too many events some are lost: the file may be among them.
    ours = ours || (event.mask & IN_Q_OVERFLOW) != 0 || (event.len > 0 && name_ == name);
    at += sizeof event + event.len;
  }
  return ours;
}

Result<bool> FileWatch::quiet() {
  pollfd waited{inotify_.get(), POLLIN, 0};
  const int ready = poll(&waited, 1, static_cast<int>(kFileQuietTime.count()));
  if (ready < 0 && errno != EINTR) return system_error("poll", "inotify", errno);
  return ready == 0;
}

}  // namespace headrace::runtime

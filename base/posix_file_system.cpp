#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/file_system.hpp"

namespace headrace {

namespace {

constexpr std::size_t kZeroChunkBytes = std::size_t{1} << 20;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { ::close(fd_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

class PosixFile final : public File {
 public:
  PosixFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

  Status write_at(std::uint64_t offset, std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t n = ::pwrite(fd_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return system_error("write", path_, n == 0 ? ENOSPC : errno);
      offset += static_cast<std::uint64_t>(n);
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return {};
  }

  Result<std::string> read_at(std::uint64_t offset, std::size_t size) override {
    return read(offset, size, 0);
  }

  Result<std::string> read_cached(std::uint64_t offset, std::size_t size) override {
    return read(offset, size, RWF_NOWAIT);
  }

  Status sync() override {
    if (::fdatasync(fd_.get()) == 0) return {};
    const int error_number = errno;
    // The kernel keeps the pages it could not write, and calls them clean: a restarted server would
    // read what the disk does not hold, and its next sync would succeed.
    ::posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_DONTNEED);
    return system_error("fdatasync", path_, error_number);
  }

  // Zeros are written, not only reserved: a commit into written blocks costs the file system half.
  Status preallocate(std::uint64_t size) override {
    const std::string zeros(std::min<std::uint64_t>(size, kZeroChunkBytes), '\0');
    for (std::uint64_t at = 0; at < size; at += zeros.size()) {
      const auto chunk = std::min<std::uint64_t>(zeros.size(), size - at);
      const Status written = write_at(at, std::string_view(zeros).substr(0, chunk));
      if (!written) return written;
    }
    return sync();
  }

  Status truncate(std::uint64_t size) override {
    if (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0) {
      return system_error("truncate", path_, errno);
    }
    return {};
  }

  Result<std::uint64_t> size() override {
    struct stat info {};
    if (::fstat(fd_.get(), &info) != 0) return system_error("stat", path_, errno);
    return static_cast<std::uint64_t>(info.st_size);
  }

 private:
  Result<std::string> read(std::uint64_t offset, std::size_t size, int flags) {
    std::string bytes(size, '\0');
    std::size_t got = 0;
    while (got < size) {
      iovec part{bytes.data() + got, size - got};
      const ssize_t n = ::preadv2(fd_.get(), &part, 1, static_cast<off_t>(offset + got), flags);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0 && errno == EAGAIN) {
        return Error{ErrorCode::kUnavailable, "not in the page cache: " + path_};
      }
      if (n < 0 && errno == EOPNOTSUPP && flags != 0) {
        return Error{ErrorCode::kUnavailable, "no cached reads on this file system: " + path_};
      }
      if (n < 0) return system_error("read", path_, errno);
      if (n == 0) break;
      got += static_cast<std::size_t>(n);
    }
    bytes.resize(got);
    return bytes;
  }

  Descriptor fd_;
  std::string path_;
};

class PosixLock final : public FileLock {
 public:
  explicit PosixLock(int fd) : fd_(fd) {}

 private:
  Descriptor fd_;
};

class PosixFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    const int access = mode == OpenMode::kReadOnly ? O_RDONLY : O_RDWR;
    const int creation = mode == OpenMode::kCreate ? O_CREAT | O_EXCL : 0;
    const int fd = ::open(path.c_str(), access | creation | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST) return Error{ErrorCode::kExists, path + " exists already"};
    if (fd < 0 && errno == ENOENT) return Error{ErrorCode::kNotFound, "no file " + path};
    if (fd < 0) return system_error("open", path, errno);
    return std::unique_ptr<File>(std::make_unique<PosixFile>(fd, path));
  }

  Status rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return system_error("rename", from, errno);
    return {};
  }

  Status unlink(const std::string& path) override {
    if (::unlink(path.c_str()) != 0) return system_error("unlink", path, errno);
    return {};
  }

  Status create_directory(const std::string& path) override {
    std::error_code ec;
    const auto wanted = std::filesystem::absolute(path, ec).lexically_normal();
    if (ec) return system_error("mkdir", path, ec.value());
    std::filesystem::path made = wanted.root_path();
    for (const auto& part : wanted.relative_path()) {
      const std::filesystem::path parent = std::exchange(made, made / part);
      if (::mkdir(made.c_str(), 0700) == 0) {
        const Status synced = sync_directory(parent);
        if (!synced) return synced;
      } else if (errno != EEXIST) {
        return system_error("mkdir", made, errno);
      }
    }
    if (!std::filesystem::is_directory(wanted, ec)) return system_error("mkdir", path, ENOTDIR);
    return {};
  }

  Result<std::vector<std::string>> list(const std::string& directory) override {
    std::error_code ec;
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory, ec)) {
      names.push_back(entry.path().filename().string());
    }
    if (ec) return system_error("list", directory, ec.value());
    std::sort(names.begin(), names.end());
    return names;
  }

  Status sync_directory(const std::string& directory) override {
    const int fd = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return system_error("open", directory, errno);
    const Descriptor closer(fd);
    if (::fsync(fd) != 0) return system_error("fsync", directory, errno);
    return {};
  }

  Result<std::unique_ptr<FileLock>> lock(const std::string& path, IfHeld if_held) override {
    int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 && (errno == EROFS || errno == EACCES)) {
      fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    }
    if (fd < 0 && errno == ENOENT) return Error{ErrorCode::kNotFound, "no file " + path};
    if (fd < 0) return system_error("open", path, errno);
    auto held = std::make_unique<PosixLock>(fd);
    const int operation = if_held == IfHeld::kWait ? LOCK_EX : LOCK_EX | LOCK_NB;
    int result = ::flock(fd, operation);
    while (result != 0 && errno == EINTR) result = ::flock(fd, operation);
    if (result == 0) return std::unique_ptr<FileLock>(std::move(held));
    if (errno != EWOULDBLOCK) return system_error("lock", path, errno);
    return Error{ErrorCode::kExists, path + " is locked by another process"};
  }
};

}  // namespace

std::unique_ptr<FileSystem> make_posix_file_system() { return std::make_unique<PosixFileSystem>(); }

}  // namespace headrace

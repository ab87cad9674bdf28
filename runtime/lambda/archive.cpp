#include "runtime/lambda/archive.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zip.h>

#include "base/codec.hpp"
#include "base/error.hpp"
#include "functions/unique_fd.hpp"

namespace headrace::runtime::lambda {

namespace {

constexpr std::size_t kBlockBytes = std::size_t{64} << 10;
constexpr mode_t kFileMode = 0644;
constexpr mode_t kProgramMode = 0755;
constexpr std::size_t kShownNameBytesMax = 200;

struct CloseArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseEntry {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};
using Archive = std::unique_ptr<zip_t, CloseArchive>;
using Entry = std::unique_ptr<zip_file_t, CloseEntry>;

Error not_a_zip() {
  return invalid_parameter(
      "Could not unzip uploaded file. Please check your file, then try to upload again.");
}

Error refused_entry(std::string_view name, const char* reason) {
  return invalid_parameter("The archive has an entry that " + std::string(reason) + ": " +
                           bounded_utf8(name, kShownNameBytesMax));
}

Archive open_archive(std::string_view zip) {
  zip_source_t* source = zip_source_buffer_create(zip.data(), zip.size(), 0, nullptr);
  if (source == nullptr) return nullptr;
  Archive archive(zip_open_from_source(source, ZIP_RDONLY, nullptr));
  if (!archive) zip_source_free(source);
  return archive;
}

// "a/./b" as "a/b"; nothing for a name that leads out of the folder, or nowhere.
std::optional<std::string> safe_path(std::string_view name) {
  if (name.empty() || name.size() > kEntryNameBytesMax || name.front() == '/') return std::nullopt;
  std::string path;
  while (!name.empty()) {
    const std::size_t end = std::min(name.find('/'), name.size());
    const std::string_view part = name.substr(0, end);
    name.remove_prefix(std::min(end + 1, name.size()));
    if (part.empty() || part == "..") return std::nullopt;
    if (part == ".") continue;
    if (!path.empty()) path += '/';
    path += part;
  }
  return path;
}

class Unpacking {
 public:
  Unpacking(zip_t* archive, const std::string& folder, const ArchiveLimits& limits)
      : archive_(archive), folder_(folder), limits_(limits) {}

  Status run() {
    const zip_int64_t count = zip_get_num_entries(archive_, 0);
    if (count <= 0) return invalid_parameter("Uploaded file must be a non-empty zip");
    if (count > limits_.entries) {
      return invalid_parameter("The archive has more than " + std::to_string(limits_.entries) +
                               " entries.");
    }
    for (zip_int64_t i = 0; i < count; ++i) {
      const Status unpacked = unpack(static_cast<zip_uint64_t>(i));
      if (!unpacked) return unpacked;
    }
    return {};
  }

 private:
  Status unpack(zip_uint64_t index) {
    zip_stat_t about;
    if (zip_stat_index(archive_, index, 0, &about) != 0) return not_a_zip();
    const std::string_view name = about.name;
    if ((about.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && about.encryption_method != ZIP_EM_NONE) {
      return refused_entry(name, "is encrypted");
    }
    const mode_t mode = mode_of(index);
    if (S_ISLNK(mode)) return refused_entry(name, "is a link");
    const std::optional<std::string> path = safe_path(name);
    if (!path) return refused_entry(name, "leads out of the archive");
    if (name.ends_with('/') || path->empty()) return make_folders(*path + "/");
    const Status parents = make_folders(*path);
    if (!parents) return parents;
    return write_file(index, *path, (mode & 0111U) != 0 ? kProgramMode : kFileMode);
  }

  // 0 when the archive does not say.
  mode_t mode_of(zip_uint64_t index) const {
    zip_uint8_t system = 0;
    zip_uint32_t attributes = 0;
    zip_file_get_external_attributes(archive_, index, 0, &system, &attributes);
    return system == ZIP_OPSYS_UNIX ? static_cast<mode_t>(attributes >> 16U) : 0;
  }

  // All folders that lead to what stands behind the last slash.
  Status make_folders(const std::string& path) {
    for (std::size_t slash = path.find('/'); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
      const std::string folder = folder_ + "/" + path.substr(0, slash);
      if (mkdir(folder.c_str(), kProgramMode) == 0) {
        if (++folders_ > limits_.entries) return refused_entry(path, "is one folder too many");
      } else if (errno != EEXIST) {
        return refused_entry(path, "cannot be unpacked");
      }
    }
    return {};
  }

  Status write_file(zip_uint64_t index, const std::string& path, mode_t mode) {
    const std::string target = folder_ + "/" + path;
    const functions::UniqueFd file(
        open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (file.get() < 0) {
      return refused_entry(path, errno == EEXIST ? "comes twice" : "cannot be unpacked");
    }
    const Entry entry(zip_fopen_index(archive_, index, 0));
    if (!entry) return not_a_zip();
    std::array<char, kBlockBytes> block;
    for (;;) {
      const zip_int64_t got = zip_fread(entry.get(), block.data(), block.size());
      if (got < 0) return not_a_zip();
      if (got == 0) return {};
      // What the archive says of its sizes is not believed.
      unpacked_bytes_ += static_cast<std::uint64_t>(got);
      if (unpacked_bytes_ >= limits_.unzipped_bytes) {
        return invalid_parameter("Unzipped size must be smaller than " +
                                 std::to_string(limits_.unzipped_bytes) + " bytes");
      }
      const Status written = write_all(file.get(), block.data(), static_cast<std::size_t>(got));
      if (!written) return written;
    }
  }

  static Status write_all(int file, const char* bytes, std::size_t size) {
    while (size > 0) {
      const ssize_t done = write(file, bytes, size);
      if (done < 0 && errno == EINTR) continue;
      if (done <= 0) {
        return Error{ErrorCode::kServiceUnavailable,
                     system_error("write", "the function's code", errno).message};
      }
      bytes += done;
      size -= static_cast<std::size_t>(done);
    }
    return {};
  }

  zip_t* archive_;
  const std::string& folder_;
  const ArchiveLimits& limits_;
  std::uint64_t unpacked_bytes_ = 0;
  std::int64_t folders_ = 0;
};

}  // namespace

Status unpack_archive(std::string_view zip, const std::string& folder,
                      const ArchiveLimits& limits) {
  const Archive archive = open_archive(zip);
  if (!archive) return not_a_zip();
  return Unpacking(archive.get(), folder, limits).run();
}

}  // namespace headrace::runtime::lambda

#include "runtime/lambda/code_store.hpp"

#include <cerrno>
#include <filesystem>
#include <functional>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/codec.hpp"
#include "base/error.hpp"
#include "functions/unique_fd.hpp"
#include "runtime/lambda/archive.hpp"

namespace headrace::runtime::lambda {
namespace fs = std::filesystem;

namespace {

constexpr const char* kTemporary = "unpacking-";

Error disk_error(const char* operation, const std::string& path) {
  return {ErrorCode::kServiceUnavailable, system_error(operation, path, errno).message};
}

// All that was written into its file system is on the disk.
Status sync_files(const std::string& folder) {
  const functions::UniqueFd opened(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() < 0 || syncfs(opened.get()) != 0) return disk_error("sync", folder);
  return {};
}

}  // namespace

boost::asio::awaitable<Result<Code>> CodeStore::install(std::string zip) {
  const std::string temporary = folder_of(kTemporary + std::to_string(++installs_));
  Result<Code> installed = Error{ErrorCode::kServiceUnavailable, "not unpacked"};
  const std::function<void()> work = [&] { installed = install_now(zip, temporary); };
  co_await pool_.carry_out(work);
  co_return std::move(installed);
}

Result<Code> CodeStore::install_now(const std::string& zip, const std::string& temporary) const {
  const Code code{hex(sha256(zip)), static_cast<std::int64_t>(zip.size())};
  const std::string target = folder_of(code.sha256);
  std::error_code error;
  if (fs::exists(target, error)) {
    const Status durable = sync_files(folder_);  // whoever put it there may not be so far
    if (!durable) return durable.error();
    return code;
  }
  fs::create_directories(folder_, error);
  fs::remove_all(temporary, error);
  if (mkdir(temporary.c_str(), 0755) != 0) return disk_error("mkdir", temporary);
  Status done = unpack_archive(zip, temporary);
  if (done) done = sync_files(temporary);
  if (done && rename(temporary.c_str(), target.c_str()) != 0 && errno != EEXIST &&
      errno != ENOTEMPTY) {
    done = disk_error("rename", target);
  }
  if (done) done = sync_files(folder_);
  fs::remove_all(temporary, error);
  if (!done) return done.error();
  return code;
}

boost::asio::awaitable<void> CodeStore::keep_only(std::set<std::string> used) {
  const std::function<void()> work = [&] {
    std::error_code error;
    for (fs::directory_iterator entry(folder_, error); !error && entry != fs::directory_iterator();
         entry.increment(error)) {
      std::error_code ignored;
      if (!used.contains(entry->path().filename())) fs::remove_all(entry->path(), ignored);
    }
  };
  co_await pool_.carry_out(work);
}

std::string only_library(const std::string& folder) {
  std::string library;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    if (!library.empty() || !entry->is_regular_file(error)) return {};
    library = entry->path();
  }
  return library.ends_with(".so") ? library : std::string();
}

}  // namespace headrace::runtime::lambda

// backup and restore: verbs that copy a data directory. No server is asked.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>

#include "queue/store_copy.hpp"
#include "runtime/cli/output.hpp"
#include "runtime/cli/verb.hpp"
#include "runtime/config.hpp"

namespace headrace::runtime {
namespace fs = std::filesystem;

namespace {

struct BackupFlags {
  std::string backup;
  std::string data = StoreConfig().path;
};

// The folder with its links followed, as far as it exists; nothing when there is no such path.
std::optional<fs::path> real_path(const std::string& folder) {
  std::error_code ec;
  auto path = fs::weakly_canonical(fs::absolute(folder, ec), ec);
  if (folder.empty() || ec) return std::nullopt;
  return path;
}

bool contains(const fs::path& outer, const fs::path& inner) {
  return std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end();
}

int copy(const std::string& from, const std::string& to) {
  const auto real_from = real_path(from);
  const auto real_to = real_path(to);
  if (!real_from || !real_to) {
    std::cerr << "\"" << (real_from ? to : from) << "\" is no folder\n";
    return kUsage;
  }
  if (contains(*real_from, *real_to) || contains(*real_to, *real_from)) {
    std::cerr << "the copy must not lie in what is copied, nor around it\n";
    return kUsage;
  }
  const auto files = make_posix_file_system();
  const auto copied = queue::copy_store(*files, *real_from, *real_to);
  if (!copied) {
    std::cerr << copied.error().message << "\n";
    return copied.error().code == ErrorCode::kExists ? kUsage : kFailed;
  }
  std::cout << counted(static_cast<std::int64_t>(copied->verified.queues), "queue") << ", "
            << counted(static_cast<std::int64_t>(copied->verified.messages), "message") << ", "
            << counted(static_cast<std::int64_t>(copied->bytes), "byte")
            << " copied and read again: " << to << "\n";
  return kDone;
}

}  // namespace

void add_backup_verbs(Verbs& verbs) {
  const auto flags = std::make_shared<BackupFlags>();
  CLI::App* backup =
      add_verb(verbs.app, "backup", "Copy a data directory, also of a running server",
               "headrace backup /backups/monday --data ./headrace-data");
  backup->add_option("directory", flags->backup, "Where the copy goes; missing or empty")
      ->required();
  backup->add_option("--data", flags->data, "The data directory")->capture_default_str();
  backup->callback(
      [&verbs, flags] { verbs.chosen = [flags] { return copy(flags->data, flags->backup); }; });
  CLI::App* restore = add_verb(verbs.app, "restore", "Make a data directory from a backup",
                               "headrace restore /backups/monday --data ./headrace-data");
  restore->add_option("directory", flags->backup, "The backup")->required();
  restore->add_option("--data", flags->data, "The data directory to make; missing or empty")
      ->capture_default_str();
  restore->callback(
      [&verbs, flags] { verbs.chosen = [flags] { return copy(flags->backup, flags->data); }; });
}

}  // namespace headrace::runtime

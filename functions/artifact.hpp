// ArtifactStore: the server's own copies of handler files, named by their content:
// <root>/<function>/<sha256>/<file>. What a build overwrites or deletes later is not what runs.
//
// A file is installed only if a worker can load it; if not, the error is the linker's reason. A
// copy's content is compared with its name before it is used again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/file_system.hpp"
#include "base/offload.hpp"
#include "functions/handler_file.hpp"
#include "functions/spawner.hpp"

namespace headrace::functions {

inline constexpr std::uint64_t kArtifactBytesMax = 256U << 20U;

// One installed file.
struct Artifact {
  std::string sha256;  // in hex: what names it
  std::string file;    // without a folder
  std::string path;
  std::optional<HandlerNote> note;
};

class ArtifactStore {
 public:
  struct Services {
    boost::asio::io_context& loop;
    Clock& clock;
    FileSystem& files;
    Offload& disk;  // where files are read and written
    Spawner& spawner;
  };

  // `worker_program` is the path of headrace-worker.
  ArtifactStore(Services services, std::string root, std::string worker_program);

  // Copies the file. Installing the same content again finds the copy there is, and replaces it if
  // it is damaged.
  boost::asio::awaitable<Result<Artifact>> install(std::string function_name,
                                                   std::string source_path);

  // The copy that was installed under this hash and name. kCorrupt when it is not that any more.
  boost::asio::awaitable<Result<Artifact>> open(std::string function_name, std::string sha256,
                                                std::string file);

  // Deletes a copy; one that is not there is no error.
  boost::asio::awaitable<void> remove(std::string function_name, std::string sha256,
                                      std::string file);

 private:
  Result<Artifact> copy(const std::string& function_name, const std::string& source_path);
  // Nothing when one of them is no plain name.
  std::optional<std::string> path_of(const std::string& function_name, const std::string& sha256,
                                     const std::string& file) const;
  Result<Artifact> verify(const std::string& path, const std::string& sha256);
  Result<std::string> read(const std::string& path);
  Status write(const std::string& directory, const std::string& name, const std::string& content);
  boost::asio::awaitable<Status> probe(std::string path);

  Services services_;
  std::string root_;
  std::string worker_program_;
};

}  // namespace headrace::functions

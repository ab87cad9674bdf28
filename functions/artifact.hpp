// ArtifactStore: the server's own copies of handler files, named by their content:
// <root>/<function>/<sha256>/<file>. What a build overwrites or deletes later is not what runs.
//
// A file is installed only if a worker can load it; if not, the error is the linker's reason.
#pragma once

#include <cstdint>
#include <string>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/file_system.hpp"
#include "base/offload.hpp"
#include "functions/spawner.hpp"

namespace headrace::functions {

inline constexpr std::uint64_t kArtifactBytesMax = 256U << 20U;

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

  // The path of the installed copy. Installing the same content again finds the copy there is, and
  // replaces it if it is damaged.
  boost::asio::awaitable<Result<std::string>> install(std::string function_name,
                                                      std::string source_path);

 private:
  Result<std::string> copy(const std::string& function_name, const std::string& source_path);
  Result<std::string> read(const std::string& path);
  Status write(const std::string& directory, const std::string& name, const std::string& content);
  boost::asio::awaitable<Status> probe(std::string path);

  Services services_;
  std::string root_;
  std::string worker_program_;
};

}  // namespace headrace::functions

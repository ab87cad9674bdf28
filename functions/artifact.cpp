#include "functions/artifact.hpp"

#include <array>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include "base/codec.hpp"
#include "functions/child_process.hpp"

namespace headrace::functions {
namespace asio = boost::asio;

namespace {

constexpr std::size_t kProbeOutputBytesMax = 4U << 10U;

// For the loading alone, without init.
constexpr Duration kProbeTimeMax = std::chrono::seconds(10);

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

bool is_plain_name(const std::string& name) {
  return !name.empty() && name.front() != '.' && name.find('/') == std::string::npos &&
         valid_utf8(name);
}

// What the probe printed, on one line. What does not fit the pipe blocked the probe, not us.
std::string read_output(asio::posix::stream_descriptor& output) {
  output.non_blocking(true);
  std::array<char, kProbeOutputBytesMax> bytes{};
  boost::system::error_code ignored;
  const std::size_t size = output.read_some(asio::buffer(bytes), ignored);
  std::string text(bytes.data(), size);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

Status judge_probe(const ExitStatus& status, const std::string& output) {
  if (!status.by_signal && status.number == 0) return Status();
  if (!status.by_signal) return Error{ErrorCode::kInvalid, "cannot be loaded: " + output};
  return Error{ErrorCode::kInvalid,
               "cannot be loaded: it died meanwhile, " + describe(status) + " " + output};
}

}  // namespace

ArtifactStore::ArtifactStore(Services services, std::string root, std::string worker_program)
    : services_(services), root_(std::move(root)), worker_program_(std::move(worker_program)) {}

asio::awaitable<Result<Artifact>> ArtifactStore::install(std::string function_name,
                                                         std::string source_path) {
  Result<Artifact> installed = Error{ErrorCode::kCancelled, "not copied"};
  const std::function<void()> work = [&] { installed = copy(function_name, source_path); };
  co_await services_.disk.carry_out(work);
  if (!installed) co_return installed;
  const Status loadable = co_await probe(installed->path);
  if (!loadable) {
    co_return Error{loadable.error().code, source_path + ": " + loadable.error().message};
  }
  co_return installed;
}

asio::awaitable<Result<Artifact>> ArtifactStore::open(std::string function_name, std::string sha256,
                                                      std::string file) {
  const auto path = path_of(function_name, sha256, file);
  Result<Artifact> opened = Error{ErrorCode::kInvalid, "not a name for a function's file"};
  if (!path) co_return opened;
  const std::function<void()> work = [&] { opened = verify(*path, sha256); };
  co_await services_.disk.carry_out(work);
  co_return opened;
}

asio::awaitable<void> ArtifactStore::remove(std::string function_name, std::string sha256,
                                            std::string file) {
  const auto path = path_of(function_name, sha256, file);
  if (!path) co_return;
  const std::function<void()> work = [&] { (void)services_.files.unlink(*path); };
  co_await services_.disk.carry_out(work);
}

std::optional<std::string> ArtifactStore::path_of(const std::string& function_name,
                                                  const std::string& sha256,
                                                  const std::string& file) const {
  const bool named = is_plain_name(function_name) && is_plain_name(sha256) && is_plain_name(file);
  if (!named) return std::nullopt;
  return root_ + "/" + function_name + "/" + sha256 + "/" + file;
}

Result<Artifact> ArtifactStore::verify(const std::string& path, const std::string& sha256) {
  const Result<std::string> content = read(path);
  if (!content) return content.error();
  if (hex(headrace::sha256(*content)) != sha256) {
    return Error{ErrorCode::kCorrupt, path + ": is not what was installed"};
  }
  auto note = read_handler_file(*content);
  if (!note) return note.error();
  return Artifact{sha256, file_name(path), path, std::move(*note)};
}

Result<Artifact> ArtifactStore::copy(const std::string& function_name,
                                     const std::string& source_path) {
  const std::string name = file_name(source_path);
  if (!is_plain_name(function_name) || !is_plain_name(name)) {
    return Error{ErrorCode::kInvalid, source_path + ": not a name for a function's file"};
  }
  const Result<std::string> content = read(source_path);
  if (!content) return content.error();
  auto note = read_handler_file(*content);
  if (!note) {
    return Error{ErrorCode::kInvalid, source_path + ": cannot be loaded: " + note.error().message};
  }
  Artifact artifact{hex(sha256(*content)), name, {}, std::move(*note)};
  const std::string directory = root_ + "/" + function_name + "/" + artifact.sha256;
  artifact.path = directory + "/" + name;
  const Result<std::string> present = read(artifact.path);
  if (present && *present == *content) return artifact;
  const Status written = write(directory, name, *content);
  if (!written) return written.error();
  return artifact;
}

Result<std::string> ArtifactStore::read(const std::string& path) {
  const auto file = services_.files.open(path, OpenMode::kReadOnly);
  if (!file) return file.error();
  const Result<std::uint64_t> size = (*file)->size();
  if (!size) return size.error();
  if (*size > kArtifactBytesMax) {
    return Error{ErrorCode::kInvalid, path + ": larger than 256 MiB"};
  }
  return (*file)->read_at(0, *size);
}

// Under another name first: a path that can be loaded always has the whole content.
Status ArtifactStore::write(const std::string& directory, const std::string& name,
                            const std::string& content) {
  FileSystem& files = services_.files;
  const std::string unfinished = directory + "/." + name + ".unfinished";
  const Status made = files.create_directory(directory);
  if (!made) return made;
  (void)files.unlink(unfinished);  // of an earlier try; usually there is none
  const auto file = files.open(unfinished, OpenMode::kCreate);
  if (!file) return file.error();
  const Status written = (*file)->write_at(0, content);
  if (!written) return written;
  const Status synced = (*file)->sync();
  if (!synced) return synced;
  const Status renamed = files.rename(unfinished, directory + "/" + name);
  if (!renamed) return renamed;
  return files.sync_directory(directory);
}

asio::awaitable<Status> ArtifactStore::probe(std::string path) {
  SpawnRequest request;
  request.program = worker_program_;
  request.arguments = {"--probe", std::move(path)};
  Result<SpawnedProcess> started = co_await services_.spawner.spawn(std::move(request));
  if (!started) co_return started.error();
  ChildProcess process(services_.loop, started->pid, std::move(started->pidfd));
  asio::posix::stream_descriptor output(services_.loop, started->output.release());
  const TimePoint deadline = services_.clock.now() + kProbeTimeMax;
  const TimerId alarm = services_.clock.call_at(deadline, [&process] { process.kill(); });
  const ExitStatus status = co_await process.wait();
  services_.clock.cancel(alarm);
  const Status verdict = judge_probe(status, read_output(output));
  co_return verdict;
}

}  // namespace headrace::functions

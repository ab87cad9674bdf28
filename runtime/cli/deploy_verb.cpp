// deploy: the one verb that speaks to the server's control socket, not to its HTTP port.
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include "base/json_writer.hpp"
#include "runtime/cli/file_watch.hpp"
#include "runtime/cli/output.hpp"
#include "runtime/cli/verb.hpp"
#include "runtime/config.hpp"
#include "runtime/control_socket.hpp"

namespace headrace::runtime {
namespace asio = boost::asio;
namespace fs = std::filesystem;

namespace {

struct DeployFlags {
  std::string function;
  std::string artifact;
  std::string data = StoreConfig().path;
  bool watch = false;
};

// One line there and one back; the server bounds how long that takes. Nothing when there is no
// server, which has been said.
std::optional<std::string> ask(const std::string& path, std::string line) {
  if (const std::string problem = socket_path_problem(path); !problem.empty()) {
    std::cerr << "headrace: " << problem << "\n";
    return std::nullopt;
  }
  asio::io_context io;
  asio::local::stream_protocol::socket socket(io);
  boost::system::error_code failure;
  socket.connect(asio::local::stream_protocol::endpoint(path), failure);
  if (failure) {
    std::cerr << "headrace: no server with native functions answers at " << path << ": "
              << failure.message() << "\n";
    return std::nullopt;
  }
  line += '\n';
  asio::write(socket, asio::buffer(line), failure);
  std::string answer;
  if (!failure) {
    asio::read_until(socket, asio::dynamic_buffer(answer, kControlLineBytesMax), '\n', failure);
  }
  if (failure) {
    std::cerr << "headrace: the server ended meanwhile: " << failure.message() << "\n";
    return std::nullopt;
  }
  return answer;
}

int deploy(const DeployFlags& flags, const fs::path& artifact) {
  std::string line;
  JsonWriter(line)
      .begin_object()
      .member("function", flags.function)
      .member("artifact", artifact.string())
      .end_object();
  const auto answer = ask(flags.data + "/" + kControlSocketName, std::move(line));
  if (!answer) return kFailed;
  const auto document = JsonDocument::parse(*answer);
  if (!document) {
    std::cerr << "headrace: the server answered something else than JSON\n";
    return kFailed;
  }
  const std::string error = text_of(document->root(), "error");
  if (!error.empty()) {
    std::cerr << "headrace: refused: " << printable(error) << "\n";
    return kRefused;
  }
  std::cout << flags.function << ": version " << printable(text_of(document->root(), "version"))
            << " serves" << std::endl;
  return kDone;
}

// Deploys each time the file is written; what is refused waits for the next time.
int watch(const DeployFlags& flags, const fs::path& artifact) {
  Result<FileWatch> files = FileWatch::start(artifact.string());
  Status watching;
  if (!files) watching = files.error();
  while (watching) {
    deploy(flags, artifact);
    watching = files->wait();
  }
  std::cerr << "headrace: " << watching.error().message << "\n";
  return kFailed;
}

int run_deploy(const DeployFlags& flags) {
  std::error_code failure;
  const fs::path artifact = fs::absolute(flags.artifact, failure);
  if (failure) {
    std::cerr << "headrace: " << printable(flags.artifact) << ": " << failure.message() << "\n";
    return kFailed;
  }
  return flags.watch ? watch(flags, artifact) : deploy(flags, artifact);
}

}  // namespace

void add_deploy_verb(Verbs& verbs) {
  CLI::App* verb =
      add_verb(verbs.app, "deploy", "Let a new .so serve as a native function, while messages flow",
               "headrace deploy welcome-email ./build/libwelcome_email.so");
  const auto flags = std::make_shared<DeployFlags>();
  verb->add_option("function", flags->function, "Name of the function")
      ->required()
      ->check(check_name, "");
  verb->add_option("artifact", flags->artifact, "The handler")->required();
  verb->add_option("--data", flags->data, "The data directory of the server, on this machine")
      ->capture_default_str();
  verb->add_flag("--watch", flags->watch,
                 "Deploy again whenever the file is written, until Ctrl-C");
  verb->callback([&verbs, flags] { verbs.chosen = [flags] { return run_deploy(*flags); }; });
}

}  // namespace headrace::runtime

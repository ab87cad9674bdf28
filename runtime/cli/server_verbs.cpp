// serve, demo, check, version: the verbs that need no running server.
#include <filesystem>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "runtime/auth/credentials.hpp"
#include "runtime/cli/output.hpp"
#include "runtime/cli/verb.hpp"
#include "runtime/http/authority.hpp"
#include "runtime/version.hpp"

namespace headrace::runtime {

namespace {

struct ServeFlags {
  std::string config;
  std::string listen;
  std::string data;
  std::string durability;
  bool insecure_allow_remote = false;
  bool function_uploads = false;
};

void print_problems(const std::string& file, const char* kind,
                    const std::vector<ConfigProblem>& problems) {
  for (const ConfigProblem& problem : problems) {
    std::cerr << kind << to_string(file, problem) << "\n";
  }
}

std::optional<Config> read_config_file(const std::string& file) {
  ConfigOutcome outcome = load_config(file);
  print_problems(file, "", outcome.errors);
  print_problems(file, "warning: ", outcome.warnings);
  return std::move(outcome.config);
}

// LocalStack's HOST[:PORT] for the queue URLs it gives out, which tools that start it set; without
// a port the one it listens on. False when the text is none, which has been said.
bool take_localstack_host(ServerConfig& server) {
  const std::string text = process_environment("LOCALSTACK_HOST").value_or("");
  if (text.empty() || !server.public_url.empty()) return true;
  const auto authority = parse_authority(text);
  if (!authority || (authority->port == 0 && server.port == 0)) {
    std::cerr << "LOCALSTACK_HOST: expected HOST:PORT, got \"" << printable(text) << "\"\n";
    return false;
  }
  server.public_url = "http://" + text;
  if (authority->port == 0) server.public_url += ":" + std::to_string(server.port);
  return true;
}

int run_serve(const ServeFlags& flags, const ServeFunction& serve) {
  ServeOptions options;
  if (!flags.config.empty()) {
    auto config = read_config_file(flags.config);
    if (!config) return kFailed;
    options.config = std::move(*config);
  }
  Config& config = options.config;
  if (!flags.listen.empty())
    parse_listen(flags.listen, config.server);  // the option has checked it
  if (!flags.data.empty()) config.store.path = flags.data;
  config.store.durability = parse_durability(flags.durability).value_or(config.store.durability);
  if (flags.insecure_allow_remote) config.server.insecure_allow_remote = true;
  if (flags.function_uploads) config.server.function_uploads = true;
  if (!take_localstack_host(config.server)) return kFailed;
  return serve(options);
}

std::string check_listen(const std::string& text) {
  ServerConfig ignored;
  return parse_listen(text, ignored) ? "" : "expected ADDRESS:PORT, such as 127.0.0.1:4566";
}

void add_serve(Verbs& verbs, const ServeFunction& serve) {
  CLI::App* verb = add_verb(verbs.app, "serve", "Run the server until SIGINT or SIGTERM",
                            "headrace serve --config headrace.yaml --listen 127.0.0.1:0");
  const auto flags = std::make_shared<ServeFlags>();
  verb->add_option("--config", flags->config, "The configuration file (none: only defaults)");
  verb->add_option("--listen", flags->listen, "ADDRESS:PORT; port 0 takes a free one")
      ->check(check_listen, "");
  verb->add_option("--data", flags->data, "The data directory");
  verb->add_option("--durability", flags->durability, "What a reply waits for")
      ->check(CLI::IsMember({"sync", "os", "memory"}));
  verb->add_flag("--insecure-allow-remote", flags->insecure_allow_remote,
                 "Listen beyond this machine though nobody needs to sign");
  verb->add_flag("--function-uploads", flags->function_uploads,
                 "Take functions from whoever reaches the port; they run as the server's user");
  verb->callback([&verbs, &serve, flags] {
    verbs.chosen = [&serve, flags] { return run_serve(*flags, serve); };
  });
}

int run_demo(const ServeFunction& serve) {
  ServeOptions options;
  options.config.server.port = 0;
  options.config.store.durability = Durability::kMemory;
  QueueConfig signup;
  signup.name = "signup";
  signup.dead_letter = DeadLetterConfig{"signup-dlq", 3};
  QueueConfig dead;
  dead.name = "signup-dlq";
  options.config.queues = {signup, dead};
  options.on_ready = [](const std::string& url) {
    std::cout << "Queues signup and signup-dlq, in memory only. Try, in another terminal:\n"
              << "  headrace send --endpoint " << url << " signup '{\"username\":\"ada\"}'\n"
              << "  headrace receive --endpoint " << url << " signup\n"
              << "  headrace status --endpoint " << url << "\n"
              << "Ctrl-C ends it." << std::endl;
  };
  return serve(options);
}

void add_demo(Verbs& verbs, const ServeFunction& serve) {
  CLI::App* verb = add_verb(
      verbs.app, "demo", "Run a server in memory, with two queues to try it on", "headrace demo");
  verb->callback([&verbs, &serve] { verbs.chosen = [&serve] { return run_demo(serve); }; });
}

bool is_readable_file(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored) && access(path.c_str(), R_OK) == 0;
}

int run_check(const std::string& file) {
  const auto config = read_config_file(file);
  if (!config) return kFailed;
  bool whole = true;
  for (const FunctionConfig& function : config->functions) {
    if (function.kind != FunctionKind::kNative || is_readable_file(function.artifact)) continue;
    whole = false;
    std::cerr << file << ": functions." << function.name
              << ".artifact: cannot be read: " << function.artifact << "\n";
  }
  if (const std::string exposed = exposure_problem(config->server); !exposed.empty()) {
    whole = false;
    std::cerr << file << ": server.listen: " << exposed << "\n";
  }
  if (config->server.auth != AuthMode::kNone) {
    const auto users =
        gather_credentials(config->server.credentials, process_environment, config->server.account);
    if (!users) {
      whole = false;
      std::cerr << file << ": server.auth: " << users.error().message << "\n";
    }
  }
  if (!whole) return kFailed;
  const auto count = [](const auto& list, const char* noun) {
    return counted(static_cast<std::int64_t>(list.size()), noun);
  };
  std::cout << "ok: " << count(config->queues, "queue") << ", "
            << count(config->functions, "function") << ", " << count(config->mappings, "mapping")
            << "\n";
  return kDone;
}

void add_check(Verbs& verbs) {
  CLI::App* verb = add_verb(verbs.app, "check", "Read a configuration file and say what is wrong",
                            "headrace check --config headrace.yaml");
  const auto file = std::make_shared<std::string>();
  verb->add_option("--config", *file, "The configuration file")->required();
  verb->callback([&verbs, file] { verbs.chosen = [file] { return run_check(*file); }; });
}

void add_version(Verbs& verbs) {
  CLI::App* verb =
      add_verb(verbs.app, "version", "Print the version of this program", "headrace version");
  verb->callback([&verbs] {
    verbs.chosen = [] {
      std::cout << "headrace " << kVersion << "\n";
      return static_cast<int>(kDone);
    };
  });
}

}  // namespace

void add_server_verbs(Verbs& verbs, const ServeFunction& serve) {
  add_serve(verbs, serve);
  add_demo(verbs, serve);
  add_check(verbs);
  add_version(verbs);
}

}  // namespace headrace::runtime

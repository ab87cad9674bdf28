#include "runtime/config.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <tuple>

#include <arpa/inet.h>

#include "runtime/config_rules.hpp"
#include "runtime/config_sections.hpp"

namespace headrace::runtime {

namespace {

void sort_by_place(std::vector<ConfigProblem>& problems) {
  std::stable_sort(problems.begin(), problems.end(),
                   [](const ConfigProblem& a, const ConfigProblem& b) {
                     return std::tie(a.line, a.column) < std::tie(b.line, b.column);
                   });
}

bool is_address(int family, const std::string& text) {
  in6_addr address{};
  return inet_pton(family, text.c_str(), &address) == 1;
}

// One byte more than allowed, so that the parser sees that it is too much.
std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file || std::filesystem::is_directory(path)) return std::nullopt;
  std::string text(kConfigBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return std::nullopt;
  text.resize(static_cast<std::size_t>(file.gcount()));
  return text;
}

}  // namespace

std::string to_string(std::string_view file, const ConfigProblem& problem) {
  std::string text(file);
  if (problem.line > 0) {
    text += ":" + std::to_string(problem.line) + ":" + std::to_string(problem.column);
  }
  if (!problem.path.empty()) text += ": " + problem.path;
  return text + ": " + problem.text;
}

ConfigOutcome parse_config(const ConfigSource& source) {
  ConfigOutcome outcome;
  const auto root = parse_config_tree(source.text, outcome.errors);
  if (root) {
    ConfigReading reading{source, outcome.errors, outcome.warnings};
    Config config = read_config(*root, reading);
    check_config_rules(*root, config, reading);
    if (outcome.errors.empty()) outcome.config = std::move(config);
  } else if (outcome.errors.empty()) {
    outcome.errors.push_back({0, 0, "", "expected a configuration, got an empty file"});
  }
  sort_by_place(outcome.errors);
  sort_by_place(outcome.warnings);
  return outcome;
}

ConfigOutcome load_config(const std::string& path) {
  const auto text = read_file(path);
  if (!text) {
    ConfigOutcome outcome;
    outcome.errors.push_back({0, 0, "", "cannot be read"});
    return outcome;
  }
  ConfigSource source;
  source.text = *text;
  source.folder = std::filesystem::absolute(path).parent_path().string();
  source.environment = process_environment;
  return parse_config(source);
}

bool parse_listen(std::string_view text, ServerConfig& server) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return false;
  std::string host(text.substr(0, colon));
  const std::string_view port = text.substr(colon + 1);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  const bool known =
      bracketed ? is_address(AF_INET6, host) : host == "localhost" || is_address(AF_INET, host);
  std::uint16_t number = 0;
  const auto [end, ec] = std::from_chars(port.data(), port.data() + port.size(), number);
  if (!known || ec != std::errc{} || end != port.data() + port.size()) return false;
  server.host = std::move(host);
  server.port = number;
  return true;
}

std::optional<Durability> parse_durability(std::string_view text) {
  if (text == "sync") return Durability::kSync;
  if (text == "os") return Durability::kOs;
  if (text == "memory") return Durability::kMemory;
  return std::nullopt;
}

bool listens_on_loopback(const ServerConfig& server) {
  in6_addr v6{};
  if (inet_pton(AF_INET6, server.host.c_str(), &v6) != 1) {
    return server.host == "localhost" || server.host.starts_with("127.");
  }
  const bool mapped = IN6_IS_ADDR_V4MAPPED(&v6) && v6.s6_addr[12] == 127;
  return mapped || IN6_IS_ADDR_LOOPBACK(&v6);
}

bool takes_function_uploads(const ServerConfig& server) {
  return server.function_uploads || server.auth == AuthMode::kRequired;
}

std::string exposure_problem(const ServerConfig& server) {
  const bool closed = server.auth == AuthMode::kRequired;
  if (listens_on_loopback(server) || closed || server.insecure_allow_remote) return {};
  return server.host +
         " is reachable from other machines, and nothing asks them who they are: set server.auth "
         "to required, or server.insecure_allow_remote to true (--insecure-allow-remote)";
}

unsigned http_threads(const ServerConfig& server, unsigned cores) {
  return server.http_threads.value_or(cores <= 2 ? 0 : cores / 2);
}

}  // namespace headrace::runtime

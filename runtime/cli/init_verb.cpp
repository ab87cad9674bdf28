// init: starts a project for a handler. No server is asked.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "runtime/cli/cpp_project.hpp"
#include "runtime/cli/output.hpp"
#include "runtime/cli/verb.hpp"

namespace headrace::runtime {
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kProjectNameLengthMax = 60;  // its dead-letter queue's is longer

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
    text.replace(at, from.size(), to);
    at += to.size();
  }
}

std::string check_project_name(const std::string& name) {
  const bool fits = !name.empty() && name.size() <= kProjectNameLengthMax && name.front() != '-' &&
                    check_name(name).empty();
  return fits ? "" : "expected 1 to 60 letters, digits, hyphens and underscores";
}

bool write_file(const fs::path& path, const std::string& text) {
  std::error_code ignored;
  fs::create_directories(path.parent_path(), ignored);
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  if (file.good()) return true;
  std::cerr << "headrace: cannot be written: " << path.string() << "\n";
  return false;
}

int run_init(const std::string& name) {
  std::error_code failure;
  if (fs::exists(name, failure) || failure) {
    std::cerr << "headrace: " << name << " is there already\n";
    return kUsage;
  }
  for (const EmbeddedFile& file : cpp_project()) {
    if (!write_file(fs::path(name) / file.path, fill_in(file.text, name))) return kFailed;
  }
  std::cout << name << "/ is a project with a handler, a test and a configuration. Next:\n"
            << "  cd " << name << "\n"
            << "  cmake -S . -B build && cmake --build build && ctest --test-dir build\n"
            << "  headrace serve --config headrace.yaml\n";
  return kDone;
}

}  // namespace

std::string fill_in(std::string_view text, const std::string& name) {
  std::string target = name;
  std::replace(target.begin(), target.end(), '-', '_');
  std::string filled(text);
  replace_all(filled, "{{name}}", name);
  replace_all(filled, "{{target}}", target);
  return filled;
}

void add_init_verb(Verbs& verbs) {
  CLI::App* group = add_verb(verbs.app, "init", "Start a project for a handler",
                             "headrace init cpp welcome-email");
  group->require_subcommand(1);
  CLI::App* verb = add_verb(*group, "cpp", "A handler in C++: CMake, a test, a configuration",
                            "headrace init cpp welcome-email");
  const auto name = std::make_shared<std::string>();
  verb->add_option("name", *name, "Name of the function, of its queue, and of the new folder")
      ->required()
      ->check(check_project_name, "");
  verb->callback([&verbs, name] { verbs.chosen = [name] { return run_init(*name); }; });
}

}  // namespace headrace::runtime

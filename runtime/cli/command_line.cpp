#include "runtime/cli/command_line.hpp"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "runtime/cli/verb.hpp"

namespace headrace::runtime {

namespace {

void add_endpoint_options(Verbs& verbs) {
  CLI::App& app = verbs.app;
  app.add_option("--endpoint", verbs.endpoint.url, "The server to talk to")
      ->envname("HEADRACE_ENDPOINT")
      ->capture_default_str();
  CLI::Option* region = app.add_option("--region", verbs.endpoint.region,
                                       "Region of the queues, when it is not the server's own")
                            ->check(check_name, "");
  app.add_option("--account", verbs.endpoint.account,
                 "Account of the queues, when it is not the server's own")
      ->needs(region)
      ->check(check_name, "");
}

}  // namespace

CLI::App* add_verb(CLI::App& parent, const std::string& name, const std::string& description,
                   const std::string& example) {
  CLI::App* verb = parent.add_subcommand(name, description);
  verb->fallthrough();  // --endpoint may stand anywhere
  verb->footer("Example:\n  " + example);
  return verb;
}

std::string check_assignment(const std::string& text) {
  const std::size_t equals = text.find('=');
  return equals == std::string::npos || equals == 0 ? "expected NAME=VALUE" : "";
}

std::string check_name(const std::string& text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  };
  return std::all_of(text.begin(), text.end(), fits)
             ? ""
             : "expected letters, digits, hyphens and underscores";
}

int run_command_line(int argc, char** argv, const ServeFunction& serve) {
  CLI::App app("headrace: Amazon SQS and Lambda event source mappings, self-hosted", "headrace");
  app.require_subcommand(1);
  app.footer("Example:\n  headrace serve --config headrace.yaml");
  Verbs verbs{app, {}, {}};
  add_endpoint_options(verbs);
  add_server_verbs(verbs, serve);
  add_message_verbs(verbs);
  add_peek_verbs(verbs);
  add_queue_verbs(verbs);
  add_status_verbs(verbs);
  add_journal_verbs(verbs);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // CLI11 writes help to stdout, errors to stderr.
    return app.exit(error) == 0 ? kDone : kUsage;
  }
  while (verbs.endpoint.url.ends_with('/')) verbs.endpoint.url.pop_back();
  return verbs.chosen();
}

}  // namespace headrace::runtime

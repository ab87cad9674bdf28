#include "runtime/cli/command_line.hpp"

#include <algorithm>
#include <iostream>

#include <CLI/CLI.hpp>

#include "runtime/cli/did_you_mean.hpp"
#include "runtime/cli/output.hpp"
#include "runtime/cli/verb.hpp"
#include "runtime/version.hpp"

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
                 "Account of the queues, when it is not the server's own; needs --region")
      ->needs(region)
      ->check(check_name, "");
}

// Says which word is no verb, if that is what is wrong: a group of verbs was given one that it does
// not have.
bool explain_unknown_verb(const CLI::App& app) {
  const CLI::App* group = &app;
  while (!group->get_subcommands().empty()) group = group->get_subcommands().front();
  const std::vector<std::string> rest =
      app.remaining(true);  // a verb hands on what it does not know
  if (group->get_require_subcommand_min() == 0 || rest.empty()) return false;
  std::vector<std::string> verbs;
  for (const CLI::App* verb : group->get_subcommands([](const CLI::App*) { return true; })) {
    verbs.push_back(verb->get_name());
  }
  std::cerr << "headrace: no verb '" << excerpt(rest.front(), 40) << "'";
  if (const auto meant = did_you_mean(rest.front(), verbs)) {
    std::cerr << "; did you mean " << *meant << "?";
  }
  std::cerr << "\nRun headrace --help for the verbs there are.\n";
  return true;
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
  app.set_version_flag("--version", "headrace " + std::string(kVersion));
  Verbs verbs{app, {}, {}};
  add_endpoint_options(verbs);
  add_server_verbs(verbs, serve);
  add_message_verbs(verbs);
  add_peek_verbs(verbs);
  add_queue_verbs(verbs);
  add_explain_verb(verbs);
  add_status_verbs(verbs);
  add_function_verbs(verbs);
  add_deploy_verb(verbs);
  add_init_verb(verbs);
  add_tool_verbs(verbs);
  add_journal_verbs(verbs);
  add_backup_verbs(verbs);
  try {
    app.parse(argc, argv);
  } catch (const CLI::RequiredError& error) {
    if (!explain_unknown_verb(app)) app.exit(error);
    return kUsage;
  } catch (const CLI::ParseError& error) {
    // CLI11 writes help to stdout, errors to stderr.
    return app.exit(error) == 0 ? kDone : kUsage;
  }
  while (verbs.endpoint.url.ends_with('/')) verbs.endpoint.url.pop_back();
  return verbs.chosen();
}

}  // namespace headrace::runtime

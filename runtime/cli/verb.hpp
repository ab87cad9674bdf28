// How verbs join the command line. One function per group of verbs; each adds its subcommands.
#pragma once

#include <functional>
#include <string>

#include "runtime/cli/client.hpp"
#include "runtime/cli/command_line.hpp"

namespace CLI {
class App;
}

namespace headrace::runtime {

// What parsing the command line leads to. Outlives the parsing.
struct Verbs {
  CLI::App& app;
  Endpoint endpoint;            // filled by parsing
  std::function<int()> chosen;  // what to run, set by the verb that was given
};

// A subcommand of `parent` whose help ends with an example.
CLI::App* add_verb(CLI::App& parent, const std::string& name, const std::string& description,
                   const std::string& example);

// Checks of single arguments: the reason of a refusal, or nothing.
std::string check_assignment(const std::string& text);  // NAME=VALUE
std::string check_name(const std::string& text);        // letters, digits, hyphens, underscores

void add_server_verbs(Verbs& verbs, const ServeFunction& serve);  // serve demo check version
void add_message_verbs(Verbs& verbs);                             // send receive purge
void add_queue_verbs(Verbs& verbs);                               // queue ...
void add_peek_verbs(Verbs& verbs);                                // peek, dlq ...
void add_explain_verb(Verbs& verbs);                              // explain
void add_status_verbs(Verbs& verbs);                              // status logs health
void add_function_verbs(Verbs& verbs);                            // invoke function ...
void add_deploy_verb(Verbs& verbs);                               // deploy
void add_init_verb(Verbs& verbs);                                 // init cpp
void add_tool_verbs(Verbs& verbs);                                // env aws
void add_journal_verbs(Verbs& verbs);                             // journal ...
void add_backup_verbs(Verbs& verbs);                              // backup restore

}  // namespace headrace::runtime

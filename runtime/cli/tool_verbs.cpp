// env, aws: other people's clients, pointed at a server.
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include <CLI/CLI.hpp>
#include <unistd.h>

#include "base/environment.hpp"
#include "runtime/auth/credentials.hpp"
#include "runtime/cli/verb.hpp"

namespace headrace::runtime {

namespace {

struct Variable {
  const char* name;
  std::string value;
};

bool is_set(const char* name) { return !process_environment(name).value_or("").empty(); }

std::string region_of(const Endpoint& endpoint) {
  if (!endpoint.region.empty()) return endpoint.region;
  for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (is_set(name)) return *process_environment(name);
  }
  return ServerConfig().region;
}

// What SDKs and the AWS CLI read. Credentials only for whom has none, those of the verbs first:
// they refuse to start without, and a server that does not ask for signatures takes any.
std::vector<Variable> variables_for(const Endpoint& endpoint) {
  const std::string region = region_of(endpoint);
  std::vector<Variable> variables = {{"AWS_ENDPOINT_URL", endpoint.url},
                                     {"AWS_ENDPOINT_URL_SQS", endpoint.url},
                                     {"AWS_REGION", region},
                                     {"AWS_DEFAULT_REGION", region}};
  const bool has_key = is_set("AWS_ACCESS_KEY_ID") && is_set("AWS_SECRET_ACCESS_KEY");
  if (!endpoint.account.empty()) {
    variables.push_back({"AWS_ACCESS_KEY_ID", endpoint.account});  // selects that account
    variables.push_back({"AWS_SECRET_ACCESS_KEY", "test"});
  } else if (!has_key && !is_set("AWS_PROFILE")) {
    const auto own = credential_from_environment(process_environment, "");
    const bool signs = own && *own;
    variables.push_back({"AWS_ACCESS_KEY_ID", signs ? (*own)->access_key_id : "test"});
    variables.push_back({"AWS_SECRET_ACCESS_KEY", signs ? (*own)->secret : "test"});
  }
  return variables;
}

// One word to any POSIX shell.
std::string shell_quoted(const std::string& text) {
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return word + "'";
}

int print_environment(const Endpoint& endpoint) {
  for (const Variable& variable : variables_for(endpoint)) {
    std::cout << "export " << variable.name << "=" << shell_quoted(variable.value) << "\n";
  }
  return kDone;
}

// Becomes the AWS CLI. It is told the endpoint by a flag: not every version reads the variable.
int run_aws(std::vector<std::string> words, const Endpoint& endpoint) {
  for (const Variable& variable : variables_for(endpoint)) {
    setenv(variable.name, variable.value.c_str(), 1);
  }
  words.insert(words.begin(), {"aws", "--endpoint-url", endpoint.url});
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  if (errno == ENOENT) {
    std::cerr << "headrace: there is no aws on PATH; install the AWS CLI (Debian: awscli)\n";
  } else {
    std::cerr << "headrace: aws does not start: " << std::strerror(errno) << "\n";
  }
  return kFailed;
}

void add_env(Verbs& verbs) {
  CLI::App* verb =
      add_verb(verbs.app, "env", "Print what points a shell's AWS SDKs at the server, for eval",
               "headrace env --endpoint http://127.0.0.1:4566    # eval \"$(headrace env)\"");
  verb->callback(
      [&verbs] { verbs.chosen = [&verbs] { return print_environment(verbs.endpoint); }; });
}

void add_aws(Verbs& verbs) {
  CLI::App* verb =
      add_verb(verbs.app, "aws", "Run the AWS CLI against the server; all that follows is its own",
               "headrace aws sqs list-queues");
  verb->fallthrough(false);
  verb->prefix_command();
  verb->set_help_flag();
  verb->callback([&verbs, verb] {
    verbs.chosen = [&verbs, verb] { return run_aws(verb->remaining(), verbs.endpoint); };
  });
}

}  // namespace

void add_tool_verbs(Verbs& verbs) {
  add_env(verbs);
  add_aws(verbs);
}

}  // namespace headrace::runtime

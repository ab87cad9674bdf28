// invoke, function ...
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>

#include <CLI/CLI.hpp>

#include "base/clock.hpp"
#include "base/json_writer.hpp"
#include "runtime/cli/output.hpp"
#include "runtime/cli/verb.hpp"
#include "runtime/event_source_mapping.hpp"

namespace headrace::runtime {

namespace {

// The longest timeout of a function, and the start of a worker before it.
constexpr std::chrono::seconds kInvokePatience{930};

struct InvokeFlags {
  std::string function;
  std::string event;
  bool json = false;
};

// The file, or stdin for "-"; nothing when it cannot be read, which has been said. A text longer
// than any event is not read to its end.
std::optional<std::string> read_event(const std::string& path) {
  std::ifstream file;
  if (path != "-") file.open(path, std::ios::binary);
  std::istream& input = path == "-" ? std::cin : file;
  std::string text(kEventBytesMax + 1, '\0');
  input.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(input.gcount()));
  if (input.bad() || (path != "-" && !file.is_open())) {
    std::cerr << "headrace: cannot be read: " << path << "\n";
    return std::nullopt;
  }
  return text;
}

// The answer is the handler's: JSON in one line, and what is not JSON without control characters.
void print_answer(const std::string& answer) {
  if (answer.empty()) return;
  const auto document = JsonDocument::parse(answer);
  std::cout << (document ? document->root().to_json() : printable_line(answer)) << "\n";
}

void print_invocation(const JsonValue& invocation) {
  for (const JsonValue& line : list_of(invocation, "log")) {
    std::cerr << printable_line(line.as_string().value_or("")) << "\n";
  }
  for (const JsonValue& record : list_of(invocation, "failed_records")) {
    std::cerr << "failed: " << printable(text_of(record, "message_id")) << ": "
              << printable(text_of(record, "reason")) << "\n";
  }
  print_answer(text_of(invocation, "answer"));
}

int run_invoke(const InvokeFlags& flags, const Endpoint& endpoint) {
  const auto event = read_event(flags.event);
  if (!event) return kFailed;
  ServerClient client(endpoint);
  const std::string path = "/_headrace/functions/" + flags.function + "/invoke";
  const auto answer = client.post(path, *event, kInvokePatience);
  if (!answer) return client.exit_code();
  const JsonValue invocation = answer->root();
  if (flags.json) {
    std::cout << invocation.to_json() << "\n";
  } else {
    print_invocation(invocation);
  }
  return text_of(invocation, "outcome") == "succeeded" ? kDone : kFailed;
}

void add_invoke(Verbs& verbs) {
  CLI::App* verb = add_verb(verbs.app, "invoke", "Give an event to a function and show its answer",
                            "headrace invoke welcome-email --event event.json");
  const auto flags = std::make_shared<InvokeFlags>();
  verb->add_option("function", flags->function, "Name of the function")
      ->required()
      ->check(check_name, "");
  verb->add_option("--event", flags->event,
                   "File with a Records event as JSON, - for stdin; a record needs only a body")
      ->required();
  verb->add_flag("--json", flags->json, "Print the whole answer");
  verb->callback([&verbs, flags] {
    verbs.chosen = [&verbs, flags] { return run_invoke(*flags, verbs.endpoint); };
  });
}

struct FunctionFlags {
  std::string function;
  std::string version;
  bool json = false;
};

using FunctionRun = int (*)(const FunctionFlags& flags, const Endpoint& endpoint);

std::string path_of(const FunctionFlags& flags) { return "/_headrace/functions/" + flags.function; }

int run_list(const FunctionFlags& flags, const Endpoint& endpoint) {
  ServerClient client(endpoint);
  const auto answer = client.get("/_headrace/functions");
  if (!answer) return client.exit_code();
  if (flags.json) {
    std::cout << answer->root().to_json() << "\n";
    return kDone;
  }
  Table table({{"FUNCTION"}, {"KIND"}, {"VERSION"}, {"RUNNING", Align::kRight}});
  for (const JsonValue& function : list_of(answer->root(), "functions")) {
    table.add({printable(text_of(function, "name")), printable(text_of(function, "kind")),
               printable(text_of(function, "version")),
               std::to_string(number_of(function, "running")) + "/" +
                   std::to_string(number_of(function, "limit"))});
  }
  std::cout << table.text();
  return kDone;
}

// The newest first.
void print_versions(const std::vector<JsonValue>& versions) {
  const std::int64_t now_ms = to_epoch_ms(wall_clock_now());
  Table table({{"VERSION"}, {"ROLE"}, {"DEPLOYED", Align::kRight}, {"FILE"}, {"ABI"}, {"SDK"}});
  for (const JsonValue& version : versions) {
    table.add({printable(text_of(version, "version")), printable(text_of(version, "role")),
               show_age(now_ms - number_of(version, "deployed_ms")) + " ago",
               printable(text_of(version, "file")), printable(text_of(version, "abi")),
               printable(text_of(version, "sdk"))});
  }
  std::cout << table.text();
}

int run_show(const FunctionFlags& flags, const Endpoint& endpoint) {
  ServerClient client(endpoint);
  const auto answer = client.get(path_of(flags));
  if (!answer) return client.exit_code();
  const JsonValue function = answer->root();
  if (flags.json) {
    std::cout << function.to_json() << "\n";
    return kDone;
  }
  constexpr std::int64_t kMebibyte = std::int64_t{1} << 20;
  std::cout << "kind     " << printable(text_of(function, "kind")) << "\n"
            << "running  " << number_of(function, "running") << "/" << number_of(function, "limit")
            << "\n"
            << "timeout  " << number_of(function, "timeout_ms") << "ms\n"
            << "memory   " << number_of(function, "memory_bytes") / kMebibyte << "MiB\n";
  const std::vector<JsonValue> versions = list_of(function, "versions");
  for (const JsonValue& version : versions) {
    if (text_of(version, "role") != "active") continue;
    std::cout << "\n";
    print_versions({version});
  }
  return kDone;
}

int run_versions(const FunctionFlags& flags, const Endpoint& endpoint) {
  ServerClient client(endpoint);
  const auto answer = client.get(path_of(flags));
  if (!answer) return client.exit_code();
  const std::vector<JsonValue> versions = list_of(answer->root(), "versions");
  if (flags.json) {
    for (const JsonValue& version : versions) std::cout << version.to_json() << "\n";
  } else {
    print_versions(versions);
  }
  return kDone;
}

int run_rollback(const FunctionFlags& flags, const Endpoint& endpoint) {
  std::string body;
  JsonWriter(body).begin_object().member("version", flags.version).end_object();
  ServerClient client(endpoint);
  const auto answer = client.post(path_of(flags) + "/rollback", body);
  if (!answer) return client.exit_code();
  std::cout << flags.function << ": version " << printable(text_of(answer->root(), "version"))
            << " serves\n";
  return kDone;
}

struct FunctionVerb {
  const char* name;
  const char* description;
  const char* example;
  FunctionRun run;
};

CLI::App* add_function_verb(Verbs& verbs, CLI::App& group, const FunctionVerb& verb,
                            const std::shared_ptr<FunctionFlags>& flags) {
  CLI::App* added = add_verb(group, verb.name, verb.description, verb.example);
  added->callback([&verbs, flags, run = verb.run] {
    verbs.chosen = [&verbs, flags, run] { return run(*flags, verbs.endpoint); };
  });
  return added;
}

void add_function_group(Verbs& verbs) {
  CLI::App* group = add_verb(verbs.app, "function", "Look at functions and their versions",
                             "headrace function ls");
  group->require_subcommand(1);
  const auto flags = std::make_shared<FunctionFlags>();
  CLI::App* list = add_function_verb(
      verbs, *group, {"ls", "List the functions", "headrace function ls --json", run_list}, flags);
  CLI::App* show = add_function_verb(
      verbs, *group, {"show", "Show a function", "headrace function show welcome-email", run_show},
      flags);
  CLI::App* versions = add_function_verb(verbs, *group,
                                         {"versions", "List the versions of a native function",
                                          "headrace function versions welcome-email", run_versions},
                                         flags);
  CLI::App* rollback =
      add_function_verb(verbs, *group,
                        {"rollback", "Let the version serve that served before, or another one",
                         "headrace function rollback welcome-email --to 3fa9c1", run_rollback},
                        flags);
  for (CLI::App* verb : {list, show, versions}) {
    verb->add_flag("--json", flags->json, "Print the answer as JSON");
  }
  for (CLI::App* verb : {show, versions, rollback}) {
    verb->add_option("function", flags->function, "Name of the function")
        ->required()
        ->check(check_name, "");
  }
  rollback->add_option("--to", flags->version, "The version, by how its hash begins");
}

}  // namespace

void add_function_verbs(Verbs& verbs) {
  add_invoke(verbs);
  add_function_group(verbs);
}

}  // namespace headrace::runtime

// status, logs, health.
#include <cstdio>
#include <ctime>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "runtime/admin_api.hpp"
#include "runtime/cli/output.hpp"
#include "runtime/cli/verb.hpp"

namespace headrace::runtime {

namespace {

void print_queues(const std::vector<JsonValue>& queues) {
  Table table({{"QUEUE"},
               {"VISIBLE", Align::kRight},
               {"IN FLIGHT", Align::kRight},
               {"DELAYED", Align::kRight},
               {"OLDEST", Align::kRight},
               {"SENT", Align::kRight},
               {"DELETED", Align::kRight},
               {"DEAD LETTERS TO"}});
  for (const JsonValue& queue : queues) {
    const auto count = [&queue](const char* name) {
      return std::to_string(number_of(queue, name));
    };
    const std::int64_t age = number_of(queue, "oldest_age_ms");
    const std::string target = text_of(queue, "dead_letter_queue");
    table.add({printable(text_of(queue, "name")), count("visible"), count("in_flight"),
               count("delayed"), age == 0 ? "-" : show_age(age), count("sent"), count("deleted"),
               target.empty() ? "" : target + " after " + count("max_receive_count")});
  }
  std::cout << table.text();
}

void print_mappings(const std::vector<JsonValue>& mappings) {
  if (mappings.empty()) return;
  Table table({{"MAPPING"},
               {"STATE"},
               {"BATCH", Align::kRight},
               {"RUNNING", Align::kRight},
               {"INVOCATIONS", Align::kRight},
               {"ERRORS", Align::kRight},
               {"THROTTLES", Align::kRight},
               {"RECORDS OK", Align::kRight},
               {"FAILED", Align::kRight},
               {"LAST RESULT"}});
  for (const JsonValue& mapping : mappings) {
    const auto count = [&mapping](const char* name) {
      return std::to_string(number_of(mapping, name));
    };
    table.add({printable(text_of(mapping, "queue") + " -> " + text_of(mapping, "function")),
               printable(text_of(mapping, "state")), count("batch_size"),
               count("concurrency") + "/" + count("limit"), count("invocations"), count("errors"),
               count("throttles"), count("records_ok"), count("records_failed"),
               printable(text_of(mapping, "last_result"))});
  }
  std::cout << "\n" << table.text();
}

int run_status(bool json, const Endpoint& endpoint) {
  std::string path = "/_headrace/status";
  if (!endpoint.region.empty()) path += "?region=" + endpoint.region;
  if (!endpoint.account.empty()) path += "&account=" + endpoint.account;
  ServerClient client(endpoint);
  const auto answer = client.get(path);
  if (!answer) return client.exit_code();
  if (json) {
    std::cout << answer->root().to_json() << "\n";
    return kDone;
  }
  const std::vector<JsonValue> queues = list_of(answer->root(), "queues");
  print_queues(queues);
  if (queues.size() == AdminApi::kQueuesShownMax) {
    std::cerr << "only the first " << queues.size() << " queues are shown\n";
  }
  print_mappings(list_of(answer->root(), "mappings"));
  return kDone;
}

void add_status(Verbs& verbs) {
  CLI::App* verb = add_verb(verbs.app, "status", "Show all queues and event source mappings",
                            "headrace status --json");
  const auto json = std::make_shared<bool>(false);
  verb->add_flag("--json", *json, "Print the whole answer");
  verb->callback([&verbs, json] {
    verbs.chosen = [&verbs, json] { return run_status(*json, verbs.endpoint); };
  });
}

struct LogFlags {
  std::string function;
  bool follow = false;
  bool json = false;
};

// "12:00:04.113", UTC
std::string time_of_day(std::int64_t epoch_ms) {
  const std::time_t seconds = static_cast<std::time_t>(epoch_ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[16];
  std::snprintf(text, sizeof text, "%02d:%02d:%02d.%03d", parts.tm_hour, parts.tm_min, parts.tm_sec,
                static_cast<int>(epoch_ms % 1000));
  return text;
}

void print_line(const JsonValue& line, bool json) {
  if (json) {
    std::cout << line.to_json() << "\n";
    return;
  }
  std::cout << time_of_day(number_of(line, "time_ms")) << "  "
            << printable(text_of(line, "function")) << "  " << printable_line(text_of(line, "text"))
            << "\n";
}

// Reads page after page; following waits at the server, never here.
int run_logs(const LogFlags& flags, const Endpoint& endpoint) {
  ServerClient client(endpoint);
  std::int64_t after = 0;
  bool more = true;
  while (more) {
    std::string path = "/_headrace/logs?after=" + std::to_string(after);
    if (!flags.function.empty()) path += "&function=" + flags.function;
    if (flags.follow) path += "&wait=" + std::to_string(AdminApi::kLogWaitSecondsMax);
    const auto answer = client.get(path);
    if (!answer) return client.exit_code();
    const std::vector<JsonValue> lines = list_of(answer->root(), "lines");
    for (const JsonValue& line : lines) print_line(line, flags.json);
    std::cout.flush();
    after = number_of(answer->root(), "last");
    more = flags.follow || !lines.empty();
  }
  return kDone;
}

void add_logs(Verbs& verbs) {
  CLI::App* verb = add_verb(verbs.app, "logs", "Show the recent log lines of functions",
                            "headrace logs welcome-email --follow");
  const auto flags = std::make_shared<LogFlags>();
  verb->add_option("function", flags->function, "Name of a function; all when absent")
      ->check(check_name, "");
  verb->add_flag("--follow", flags->follow, "Go on with new lines until Ctrl-C");
  verb->add_flag("--json", flags->json, "Print one JSON object per line");
  verb->callback([&verbs, flags] {
    verbs.chosen = [&verbs, flags] { return run_logs(*flags, verbs.endpoint); };
  });
}

void add_health(Verbs& verbs) {
  CLI::App* verb =
      add_verb(verbs.app, "health", "Say whether the server answers", "headrace health");
  verb->callback([&verbs] {
    verbs.chosen = [&verbs] {
      ServerClient client(verbs.endpoint);
      const auto answer = client.get("/_headrace/health");
      if (answer) std::cout << printable(text_of(answer->root(), "status")) << "\n";
      return client.exit_code();
    };
  });
}

}  // namespace

void add_status_verbs(Verbs& verbs) {
  add_status(verbs);
  add_logs(verbs);
  add_health(verbs);
}

}  // namespace headrace::runtime

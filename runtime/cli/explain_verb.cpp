// explain: the life of one message, a line for each thing that happened.
#include <cstdio>
#include <ctime>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "runtime/cli/output.hpp"
#include "runtime/cli/verb.hpp"

namespace headrace::runtime {

namespace {

constexpr std::size_t kVersionShown = 12;  // characters: a hash begins so

// "2026-01-02 12:00:04.113", UTC
std::string date_and_time(std::int64_t epoch_ms) {
  const std::time_t seconds = static_cast<std::time_t>(epoch_ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char day[32];
  std::strftime(day, sizeof day, "%Y-%m-%d %H:%M:%S", &parts);
  char text[40];
  std::snprintf(text, sizeof text, "%s.%03d", day, static_cast<int>(epoch_ms % 1000));
  return text;
}

std::string shown(const JsonValue& object, std::string_view member) {
  return printable(text_of(object, member));
}

std::string show_milliseconds(std::int64_t us) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f ms", static_cast<double>(us) / 1000.0);
  return text;
}

// "failed in welcome-email after 3.2 ms"
std::string attempt_line(const JsonValue& attempt) {
  const std::string outcome = text_of(attempt, "outcome");
  const std::string function = shown(attempt, "function");
  if (outcome == "filtered") return "deleted: no filter of " + function + " matches";
  if (outcome == "throttled") return "throttled by " + function + ", let go";
  const std::string verb = outcome == "handled" ? "handled by " : "failed in ";
  return verb + function + " after " + show_milliseconds(number_of(attempt, "duration_us"));
}

std::string move_line(const JsonValue& move) {
  if (text_of(move, "event") == "redriven") {
    return "redriven to " + shown(move, "to") + " as " + shown(move, "new_message_id");
  }
  return "moved to " + shown(move, "to") + " after " +
         counted(number_of(move, "receive_count"), "receive") + ", at most " +
         std::to_string(number_of(move, "max_receive_count")) + " allowed";
}

void print_line(const std::string& time, const std::string& text) {
  std::cout << time << std::string(time.size() < 23 ? 23 - time.size() : 0, ' ') << "  " << text
            << "\n";
}

void print_event(const JsonValue& event) {
  const bool attempt = text_of(event, "event") == "attempt";
  const std::string time = date_and_time(number_of(event, "time_ms"));
  print_line(time, attempt ? attempt_line(event) : move_line(event));
  const std::string error = shown(event, "error");
  const std::string request = shown(event, "request_id");
  if (!error.empty()) print_line("", "  error    " + error);
  if (!request.empty()) {
    const std::string version = shown(event, "version").substr(0, kVersionShown);
    print_line("", "  request  " + request + "  version " + version);
  }
}

std::string state_line(const JsonValue& now) {
  const std::string state = text_of(now, "state");
  if (state == "deleted") return "deleted";
  if (state == "unknown") {
    return "in no queue: deleted by a consumer, purged, expired, or never sent here";
  }
  std::string line = shown(now, "queue") + ", " + state;
  const std::int64_t until = number_of(now, "until_ms");
  if (until > 0) line += " until " + date_and_time(until);
  line += ", " + counted(number_of(now, "receive_count"), "receive");
  const std::string source = shown(now, "dead_letter_source");
  if (!source.empty()) line += ", dead-lettered from " + source;
  return line;
}

void print_life(const JsonValue& life) {
  std::cout << "message " << shown(life, "message_id") << "\n";
  for (const JsonValue& id : list_of(life, "other_ids")) {
    std::cout << "also    " << printable(id.as_string().value_or("")) << "\n";
  }
  const std::int64_t sent = number_of(life, "sent_ms");
  if (sent > 0) print_line(date_and_time(sent), "sent to " + shown(life, "sent_to"));
  for (const JsonValue& event : list_of(life, "events")) print_event(event);
  const auto now = life.find("now");
  if (now) print_line("now", state_line(*now));
}

// What the history cannot tell, for who misses something.
void print_limits(const JsonValue& life) {
  const auto history = life.find("history");
  if (!history) return;
  const auto kept = history->find("kept");
  const std::int64_t since = number_of(*history, "since_ms");
  if (!kept || !kept->as_boolean().value_or(false)) {
    std::cerr << "no history is kept: attempts and moves are not known\n";
  } else if (since > 0) {
    std::cerr << "the history begins at " << date_and_time(since) << "\n";
  }
}

struct ExplainFlags {
  std::string message;
  bool json = false;
};

int run_explain(const ExplainFlags& flags, const Endpoint& endpoint) {
  std::string path = "/_headrace/explain?message=" + flags.message;
  if (!endpoint.region.empty()) path += "&region=" + endpoint.region;
  if (!endpoint.account.empty()) path += "&account=" + endpoint.account;
  ServerClient client(endpoint);
  const auto answer = client.get(path);
  if (!answer) return client.exit_code();
  if (flags.json) {
    std::cout << answer->root().to_json() << "\n";
    return kDone;
  }
  print_life(answer->root());
  print_limits(answer->root());
  return kDone;
}

}  // namespace

void add_explain_verb(Verbs& verbs) {
  CLI::App* verb =
      add_verb(verbs.app, "explain", "Tell the life of a message: attempts, moves, where it is",
               "headrace explain 3f0c4f0e-1c1c-4d0a-8d54-2f3d7a0d1e11");
  const auto flags = std::make_shared<ExplainFlags>();
  verb->add_option("message", flags->message, "MessageId, also an earlier one")
      ->required()
      ->check(check_name, "");
  verb->add_flag("--json", flags->json, "Print the whole answer");
  verb->callback([&verbs, flags] {
    verbs.chosen = [&verbs, flags] { return run_explain(*flags, verbs.endpoint); };
  });
}

}  // namespace headrace::runtime

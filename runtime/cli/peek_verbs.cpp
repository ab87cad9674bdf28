// peek, dlq peek, dlq redrive: looking at messages without receiving them, and moving them back.
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "base/clock.hpp"
#include "base/json_writer.hpp"
#include "runtime/cli/output.hpp"
#include "runtime/cli/verb.hpp"

namespace headrace::runtime {

namespace {

constexpr std::size_t kBodyExcerpt = 60;  // characters in a table

void write_scope(JsonWriter& out, const Endpoint& endpoint) {
  if (!endpoint.region.empty()) out.member("region", endpoint.region);
  if (!endpoint.account.empty()) out.member("account", endpoint.account);
}

struct PeekFlags {
  std::string queue;
  std::int64_t max = 10;
  bool json = false;
};

std::optional<JsonDocument> peek(const PeekFlags& flags, ServerClient& client) {
  std::string request;
  JsonWriter out(request);
  out.begin_object().member("queue", flags.queue).member("max", flags.max);
  write_scope(out, client.endpoint());
  out.end_object();
  return client.post("/_headrace/peek", request);
}

void print_table(const std::vector<JsonValue>& messages) {
  Table table(
      {{"MESSAGE ID"}, {"STATE"}, {"RECEIVES", Align::kRight}, {"AGE", Align::kRight}, {"BODY"}});
  const std::int64_t now = to_epoch_ms(wall_clock_now());
  for (const JsonValue& message : messages) {
    table.add({printable(text_of(message, "message_id")), text_of(message, "state"),
               std::to_string(number_of(message, "receive_count")),
               show_age(std::max<std::int64_t>(now - number_of(message, "sent_ms"), 0)),
               excerpt(text_of(message, "body"), kBodyExcerpt)});
  }
  std::cout << table.text();
}

// With the reason of each, as somebody asks who stands before a dead-letter queue.
void print_reasons(const std::vector<JsonValue>& messages) {
  for (const JsonValue& message : messages) {
    const std::string error = text_of(message, "last_error");
    const std::string source = text_of(message, "dead_letter_source");
    std::cout << printable(text_of(message, "message_id")) << "  "
              << counted(number_of(message, "receive_count"), "receive");
    if (!source.empty()) std::cout << "  from " << printable(source.substr(source.rfind(':') + 1));
    std::cout << "\n  body   " << printable(text_of(message, "body")) << "\n  error  "
              << (error.empty() ? "not known" : printable(error)) << "\n";
  }
}

using Printer = void (*)(const std::vector<JsonValue>& messages);

void add_peek(CLI::App& parent, Verbs& verbs, const std::string& description,
              const std::string& example, Printer print) {
  CLI::App* verb = add_verb(parent, "peek", description, example);
  const auto flags = std::make_shared<PeekFlags>();
  verb->add_option("queue", flags->queue, "Name or URL of the queue")->required();
  verb->add_option("--max", flags->max, "At most so many, 1 to 100")->capture_default_str();
  verb->add_flag("--json", flags->json, "Print the whole answer");
  verb->callback([&verbs, flags, print] {
    verbs.chosen = [&verbs, flags, print] {
      ServerClient client(verbs.endpoint);
      const auto answer = peek(*flags, client);
      if (!answer) return client.exit_code();
      const std::vector<JsonValue> messages = list_of(answer->root(), "messages");
      if (flags->json) {
        std::cout << answer->root().to_json() << "\n";
      } else if (messages.empty()) {
        std::cerr << "no messages\n";
      } else {
        print(messages);
      }
      return static_cast<int>(kDone);
    };
  });
}

struct RedriveFlags {
  std::string queue;
  std::string to;
  bool dry_run = false;
  bool json = false;
};

int run_redrive(const RedriveFlags& flags, const Endpoint& endpoint) {
  std::string request;
  JsonWriter out(request);
  out.begin_object().member("queue", flags.queue).member("dry_run", flags.dry_run);
  if (!flags.to.empty()) out.member("destination", flags.to);
  write_scope(out, endpoint);
  out.end_object();
  ServerClient client(endpoint);
  const auto answer = client.post("/_headrace/redrive", request);
  if (!answer) return client.exit_code();
  const std::string target = flags.to.empty() ? "where they came from" : flags.to;
  if (flags.json) {
    std::cout << answer->root().to_json() << "\n";
  } else if (flags.dry_run) {
    std::cout << counted(number_of(answer->root(), "visible"), "message") << " would move to "
              << target << "\n";
  } else {
    std::cout << counted(number_of(answer->root(), "moved"), "message") << " moved to " << target
              << "\n";
  }
  const std::int64_t left = number_of(answer->root(), "without_source");
  if (left > 0) {
    std::cerr << left << " stay: the queue they came from is not known; name one with --to\n";
  }
  return kDone;
}

void add_redrive(CLI::App& parent, Verbs& verbs) {
  CLI::App* verb = add_verb(parent, "redrive", "Move the visible messages back where they failed",
                            "headrace dlq redrive signup-dlq --dry-run");
  const auto flags = std::make_shared<RedriveFlags>();
  verb->add_option("queue", flags->queue, "Name or URL of the dead-letter queue")->required();
  verb->add_option("--to", flags->to, "Another queue than the one each came from");
  verb->add_flag("--dry-run", flags->dry_run, "Only say how many");
  verb->add_flag("--json", flags->json, "Print the whole answer");
  verb->callback([&verbs, flags] {
    verbs.chosen = [&verbs, flags] { return run_redrive(*flags, verbs.endpoint); };
  });
}

}  // namespace

void add_peek_verbs(Verbs& verbs) {
  add_peek(verbs.app, verbs, "Look at messages without receiving them",
           "headrace peek signup --max 5", &print_table);
  CLI::App* group =
      add_verb(verbs.app, "dlq", "Look into dead-letter queues and move messages back",
               "headrace dlq peek signup-dlq");
  group->require_subcommand(1);
  add_peek(*group, verbs, "Show messages with the last error of each",
           "headrace dlq peek signup-dlq", &print_reasons);
  add_redrive(*group, verbs);
}

}  // namespace headrace::runtime

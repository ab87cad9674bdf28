// queue ls, create, delete, show, set.
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "base/json_writer.hpp"
#include "queue/limits.hpp"
#include "runtime/cli/output.hpp"
#include "runtime/cli/verb.hpp"

namespace headrace::runtime {

namespace {

struct QueueFlags {
  std::string queue;
  std::string prefix;
  std::vector<std::string> attributes;  // NAME=VALUE
  bool json = false;
};

using QueueAction = int (*)(const QueueFlags& flags, ServerClient& client);

std::string request_for(const QueueFlags& flags, const char* name_member) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().member(name_member, flags.queue);
  if (!flags.attributes.empty()) {
    out.key("Attributes").begin_object();
    for (const std::string& attribute : flags.attributes) {
      const std::size_t equals = attribute.find('=');
      out.member(attribute.substr(0, equals), attribute.substr(equals + 1));
    }
    out.end_object();
  }
  out.end_object();
  return text;
}

std::string list_request(const std::string& prefix, const std::string& token) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().member("MaxResults", queue::kListResultsMax);
  if (!prefix.empty()) out.member("QueueNamePrefix", prefix);
  if (!token.empty()) out.member("NextToken", token);
  out.end_object();
  return text;
}

int list_queues(const QueueFlags& flags, ServerClient& client) {
  std::string urls;
  JsonWriter out(urls);
  out.begin_object().key("QueueUrls").begin_array();
  std::string token;
  do {
    const auto page = client.sqs("ListQueues", list_request(flags.prefix, token));
    if (!page) return client.exit_code();
    for (const JsonValue& value : list_of(page->root(), "QueueUrls")) {
      const std::string_view url = value.as_string().value_or("");
      out.string(url);
      if (!flags.json) std::cout << printable(url.substr(url.rfind('/') + 1)) << "\n";
    }
    token = text_of(page->root(), "NextToken");
  } while (!token.empty());
  out.end_array().end_object();
  if (flags.json) std::cout << urls << "\n";
  return kDone;
}

int create_queue(const QueueFlags& flags, ServerClient& client) {
  const auto answer = client.sqs("CreateQueue", request_for(flags, "QueueName"));
  if (!answer) return client.exit_code();
  std::cout << printable(text_of(answer->root(), "QueueUrl")) << "\n";
  return kDone;
}

int delete_queue(const QueueFlags& flags, ServerClient& client) {
  const auto answer = client.sqs_of(flags.queue, "DeleteQueue", request_for(flags, "QueueUrl"));
  if (!answer) return client.exit_code();
  std::cerr << "deleted " << flags.queue << "\n";
  return kDone;
}

int show_queue(const QueueFlags& flags, ServerClient& client) {
  std::string request;
  JsonWriter out(request);
  out.begin_object().member("QueueUrl", flags.queue);
  out.key("AttributeNames").begin_array().string("All").end_array().end_object();
  const auto answer = client.sqs_of(flags.queue, "GetQueueAttributes", request);
  if (!answer) return client.exit_code();
  if (flags.json) {
    std::cout << answer->root().to_json() << "\n";
    return kDone;
  }
  Table table({{"ATTRIBUTE"}, {"VALUE"}});
  const auto attributes = answer->root().find("Attributes");
  if (attributes) {
    for (const auto& [name, value] : attributes->members()) {
      table.add({printable(name), printable(value.as_string().value_or(""))});
    }
  }
  std::cout << table.text();
  return kDone;
}

int set_queue(const QueueFlags& flags, ServerClient& client) {
  const auto answer =
      client.sqs_of(flags.queue, "SetQueueAttributes", request_for(flags, "QueueUrl"));
  if (!answer) return client.exit_code();
  std::cerr << "changed " << flags.queue << "\n";
  return kDone;
}

void run_when_chosen(CLI::App* verb, Verbs& verbs, std::shared_ptr<QueueFlags> flags,
                     QueueAction action) {
  verb->callback([&verbs, flags, action] {
    verbs.chosen = [&verbs, flags, action] {
      ServerClient client(verbs.endpoint);
      return action(*flags, client);
    };
  });
}

}  // namespace

void add_queue_verbs(Verbs& verbs) {
  CLI::App* group =
      add_verb(verbs.app, "queue", "List, create, change and delete queues", "headrace queue ls");
  group->require_subcommand(1);
  const auto flags = std::make_shared<QueueFlags>();

  CLI::App* list = add_verb(*group, "ls", "List the names of all queues", "headrace queue ls");
  list->add_option("--prefix", flags->prefix, "Only names that begin so");
  list->add_flag("--json", flags->json, "Print the URLs as JSON");
  run_when_chosen(list, verbs, flags, &list_queues);

  CLI::App* create = add_verb(*group, "create", "Create a queue and print its URL",
                              "headrace queue create signup --attribute VisibilityTimeout=60");
  create->add_option("queue", flags->queue, "Name of the queue")->required();
  create->add_option("--attribute", flags->attributes, "NAME=VALUE in AWS's spelling; repeatable")
      ->allow_extra_args(false)
      ->check(check_assignment, "");
  run_when_chosen(create, verbs, flags, &create_queue);

  CLI::App* remove =
      add_verb(*group, "delete", "Delete a queue and its messages", "headrace queue delete signup");
  remove->add_option("queue", flags->queue, "Name or URL of the queue")->required();
  run_when_chosen(remove, verbs, flags, &delete_queue);

  CLI::App* show =
      add_verb(*group, "show", "Show the attributes of a queue", "headrace queue show signup");
  show->add_option("queue", flags->queue, "Name or URL of the queue")->required();
  show->add_flag("--json", flags->json, "Print the whole answer");
  run_when_chosen(show, verbs, flags, &show_queue);

  CLI::App* set = add_verb(*group, "set", "Change attributes of a queue",
                           "headrace queue set signup VisibilityTimeout=60 DelaySeconds=5");
  set->add_option("queue", flags->queue, "Name or URL of the queue")->required();
  set->add_option("attributes", flags->attributes, "NAME=VALUE in AWS's spelling")
      ->required()
      ->check(check_assignment, "");
  run_when_chosen(set, verbs, flags, &set_queue);
}

}  // namespace headrace::runtime

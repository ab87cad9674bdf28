// send, receive, purge: SQS calls on one queue.
#include <iostream>
#include <iterator>
#include <memory>

#include <CLI/CLI.hpp>

#include "base/codec.hpp"
#include "base/json_writer.hpp"
#include "queue/limits.hpp"
#include "runtime/cli/output.hpp"
#include "runtime/cli/verb.hpp"

namespace headrace::runtime {

namespace {

struct SendFlags {
  std::string queue;
  std::string body;
  std::int64_t delay = -1;  // seconds; -1: the queue's own
  std::string group;
  std::vector<std::string> attributes;  // NAME=VALUE
  bool json = false;
};

// Of stdin: one byte more than any queue takes, so that the server sees that it is too much.
std::string read_stdin() {
  std::string text(static_cast<std::size_t>(queue::kMessageSizeMax) + 1, '\0');
  std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::cin.gcount()));
  return text;
}

std::string send_request(const SendFlags& flags, const std::string& message) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().member("QueueUrl", flags.queue).member("MessageBody", message);
  if (flags.delay >= 0) out.member("DelaySeconds", flags.delay);
  if (!flags.group.empty()) out.member("MessageGroupId", flags.group);
  if (!flags.attributes.empty()) {
    out.key("MessageAttributes").begin_object();
    for (const std::string& attribute : flags.attributes) {
      const std::size_t equals = attribute.find('=');
      out.key(attribute.substr(0, equals))
          .begin_object()
          .member("DataType", "String")
          .member("StringValue", attribute.substr(equals + 1))
          .end_object();
    }
    out.end_object();
  }
  out.end_object();
  return text;
}

int run_send(const SendFlags& flags, const Endpoint& endpoint) {
  const std::string message = flags.body == "-" ? read_stdin() : flags.body;
  const std::string request = send_request(flags, message);
  if (!valid_utf8(request)) {
    std::cerr << "headrace: the message is not UTF-8 text\n";
    return kFailed;
  }
  ServerClient client(endpoint);
  const auto answer = client.sqs_of(flags.queue, "SendMessage", request);
  if (!answer) return client.exit_code();
  std::cout << (flags.json ? answer->root().to_json() : text_of(answer->root(), "MessageId"))
            << "\n";
  return kDone;
}

void add_send(Verbs& verbs) {
  CLI::App* verb =
      add_verb(verbs.app, "send", "Send a message and print its id",
               R"(headrace send signup '{"username":"ada","email":"ada@example.com"}')");
  const auto flags = std::make_shared<SendFlags>();
  verb->add_option("queue", flags->queue, "Name or URL of the queue")->required();
  verb->add_option("body", flags->body,
                   "The message; - reads it from stdin, a newline at its end included")
      ->required();
  verb->add_option("--delay", flags->delay, "Seconds until it can be received")
      ->check(CLI::NonNegativeNumber);
  verb->add_option("--group", flags->group, "MessageGroupId");
  verb->add_option("--attribute", flags->attributes, "NAME=VALUE, a String attribute; repeatable")
      ->allow_extra_args(false)
      ->check(check_assignment, "");
  verb->add_flag("--json", flags->json, "Print the whole answer");
  verb->callback([&verbs, flags] {
    verbs.chosen = [&verbs, flags] { return run_send(*flags, verbs.endpoint); };
  });
}

struct ReceiveFlags {
  std::string queue;
  std::int64_t max = 1;
  std::int64_t wait = 0;
  std::int64_t visibility = -1;  // seconds; -1: the queue's own
  bool remove = false;
  bool json = false;
};

std::string receive_request(const ReceiveFlags& flags) {
  std::string text;
  JsonWriter out(text);
  out.begin_object()
      .member("QueueUrl", flags.queue)
      .member("MaxNumberOfMessages", flags.max)
      .member("WaitTimeSeconds", flags.wait);
  if (flags.visibility >= 0) out.member("VisibilityTimeout", flags.visibility);
  out.key("MessageSystemAttributeNames").begin_array().string("All").end_array();
  out.key("MessageAttributeNames").begin_array().string("All").end_array();
  out.end_object();
  return text;
}

void print_message(const JsonValue& message) {
  const auto attributes = message.find("Attributes");
  const std::string receives =
      attributes ? text_of(*attributes, "ApproximateReceiveCount") : std::string("?");
  std::cout << text_of(message, "MessageId") << "  receive " << receives << "\n"
            << "  " << printable(text_of(message, "Body")) << "\n";
}

int delete_message(ServerClient& client, const std::string& queue, const JsonValue& message) {
  std::string request;
  JsonWriter(request)
      .begin_object()
      .member("QueueUrl", queue)
      .member("ReceiptHandle", text_of(message, "ReceiptHandle"))
      .end_object();
  const auto answer = client.sqs("DeleteMessage", request);
  return answer ? static_cast<int>(kDone) : client.exit_code();
}

int run_receive(const ReceiveFlags& flags, const Endpoint& endpoint) {
  ServerClient client(endpoint);
  const auto answer = client.sqs_of(flags.queue, "ReceiveMessage", receive_request(flags));
  if (!answer) return client.exit_code();
  const std::vector<JsonValue> messages = list_of(answer->root(), "Messages");
  if (flags.json) std::cout << answer->root().to_json() << "\n";
  if (messages.empty()) std::cerr << "no messages\n";
  for (const JsonValue& message : messages) {
    if (!flags.json) print_message(message);
    const int deleted = flags.remove ? delete_message(client, flags.queue, message) : kDone;
    if (deleted != kDone) return deleted;
  }
  return kDone;
}

void add_receive(Verbs& verbs) {
  CLI::App* verb = add_verb(verbs.app, "receive", "Receive messages; they stay invisible meanwhile",
                            "headrace receive signup --max 10 --wait 5 --delete");
  const auto flags = std::make_shared<ReceiveFlags>();
  verb->add_option("queue", flags->queue, "Name or URL of the queue")->required();
  verb->add_option("--max", flags->max, "At most so many, 1 to 10")->capture_default_str();
  verb->add_option("--wait", flags->wait, "Wait up to so many seconds, 0 to 20")
      ->capture_default_str();
  verb->add_option("--visibility", flags->visibility, "Seconds they stay invisible")
      ->check(CLI::NonNegativeNumber);
  verb->add_flag("--delete", flags->remove, "Delete them once they are printed");
  verb->add_flag("--json", flags->json, "Print the whole answer, with receipt handles");
  verb->callback([&verbs, flags] {
    verbs.chosen = [&verbs, flags] { return run_receive(*flags, verbs.endpoint); };
  });
}

int run_purge(const std::string& queue, const Endpoint& endpoint) {
  std::string request;
  JsonWriter(request).begin_object().member("QueueUrl", queue).end_object();
  ServerClient client(endpoint);
  const auto answer = client.sqs_of(queue, "PurgeQueue", request);
  if (!answer) return client.exit_code();
  std::cerr << "purged " << queue << "\n";
  return kDone;
}

void add_purge(Verbs& verbs) {
  CLI::App* verb =
      add_verb(verbs.app, "purge", "Delete every message of a queue", "headrace purge signup-dlq");
  const auto queue = std::make_shared<std::string>();
  verb->add_option("queue", *queue, "Name or URL of the queue")->required();
  verb->callback([&verbs, queue] {
    verbs.chosen = [&verbs, queue] { return run_purge(*queue, verbs.endpoint); };
  });
}

}  // namespace

void add_message_verbs(Verbs& verbs) {
  add_send(verbs);
  add_receive(verbs);
  add_purge(verbs);
}

}  // namespace headrace::runtime

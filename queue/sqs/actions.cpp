#include "queue/sqs/actions.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <utility>

#include "queue/sqs/json_protocol.hpp"
#include "queue/sqs/perform.hpp"
#include "queue/sqs/validation.hpp"

namespace headrace::queue::sqs {

namespace {

template <class Input>
using CallOf =
    typename decltype(validate(std::declval<Input&>(), std::declval<const Caller&>()))::value_type;

template <class Input>
struct Prepared {
  Result<CallOf<Input>> call;
  std::optional<QueueAddress> queue_to_check;  // of a call that was refused
};

template <class Input>
Result<Input> parse(const ActionRequest& request, const Caller& caller) {
  if (const auto* const json = std::get_if<JsonRequest>(&request)) {
    return parse_json<Input>(json->body);
  }
  return parse_query<Input>(std::get<QueryRequest>(request), caller);
}

template <class Output>
std::string render(const ActionRequest& request, const Output& output) {
  if (const auto* const query = std::get_if<QueryRequest>(&request)) {
    return render_query(*query, output);
  }
  return render_json(output);
}

// Where the members of a request stand, encoded.
std::string& encoded_members(ActionRequest& request) {
  if (auto* const json = std::get_if<JsonRequest>(&request)) return json->body;
  return std::get<QueryRequest>(request).form;
}

template <class Input>
Prepared<Input> prepare(const ActionRequest& request, const Caller& caller) {
  Result<Input> input = parse<Input>(request, caller);
  if (!input) return {input.error(), std::nullopt};
  Prepared<Input> prepared{validate(*input, caller), std::nullopt};
  if constexpr (NamesItsQueue<Input>) {
    if (prepared.call) return prepared;
    const auto address = locate(input->queue_url, caller);
    if (address) prepared.queue_to_check = *address;
  }
  return prepared;
}

// How much there is to look at when an answer is rendered.
template <class Output>
std::size_t render_bytes(const Output&) {
  return 0;
}

std::size_t bytes_of(const Names& names) {
  std::size_t bytes = 0;
  for (const std::string& name : names) bytes += name.size() + 1;
  return bytes;
}

// Every attribute of a message is held against the names that the caller asked for, so they count.
std::size_t render_bytes(const ReceiveMessageOutput& output) {
  std::size_t bytes =
      bytes_of(output.system_attribute_names) + bytes_of(output.message_attribute_names);
  for (const ReceivedMessage& message : output.messages) bytes += event_size(message.content);
  return bytes;
}

std::size_t render_bytes(const PeekOutput& output) {
  std::size_t bytes = 0;
  for (const PeekedMessage& peeked : output.messages) bytes += event_size(peeked.message.content);
  return bytes;
}

template <class Input>
boost::asio::awaitable<Result<std::string>> run(ActionContext& context, ActionRequest request) {
  Prepared<Input> prepared;
  const auto prepare_call = [&] { prepared = prepare<Input>(request, context.caller); };
  if (encoded_members(request).size() > kOffloadBytes) {
    std::function<void()> work = prepare_call;
    co_await context.pool.carry_out(std::move(work));
  } else {
    prepare_call();
  }
  // Not kept while the broker waits for messages or the disk.
  encoded_members(request) = std::string();
  if (prepared.queue_to_check) {
    const Status exists = co_await require_queue(context, std::move(*prepared.queue_to_check));
    if (!exists) co_return exists.error();
  }
  if (!prepared.call) co_return prepared.call.error();
  if constexpr (NamesItsQueue<Input>) {
    co_await settle_region(context, prepared.call->request.address);
  }

  const auto output = co_await perform(context, std::move(*prepared.call));
  if (!output) co_return output.error();

  std::string body;
  const auto render_body = [&] { body = render(request, *output); };
  if (render_bytes(*output) > kOffloadBytes) {
    std::function<void()> work = render_body;
    co_await context.pool.carry_out(std::move(work));
  } else {
    render_body();
  }
  co_return body;
}

// By name.
constexpr std::array<Action, 23> kActions = {{
    {"AddPermission", Effect::kChanges, &run<AddPermissionInput>},
    {"CancelMessageMoveTask", Effect::kChanges, &run<CancelMessageMoveTaskInput>},
    {"ChangeMessageVisibility", Effect::kChanges, &run<ChangeMessageVisibilityInput>},
    {"ChangeMessageVisibilityBatch", Effect::kChanges, &run<ChangeMessageVisibilityBatchInput>},
    {"CreateQueue", Effect::kChanges, &run<CreateQueueInput>},
    {"DeleteMessage", Effect::kChanges, &run<DeleteMessageInput>},
    {"DeleteMessageBatch", Effect::kChanges, &run<DeleteMessageBatchInput>},
    {"DeleteQueue", Effect::kChanges, &run<DeleteQueueInput>},
    {"GetQueueAttributes", Effect::kReads, &run<GetQueueAttributesInput>},
    {"GetQueueUrl", Effect::kReads, &run<GetQueueUrlInput>},
    {"ListDeadLetterSourceQueues", Effect::kReads, &run<ListDeadLetterSourceQueuesInput>},
    {"ListMessageMoveTasks", Effect::kReads, &run<ListMessageMoveTasksInput>},
    {"ListQueueTags", Effect::kReads, &run<ListQueueTagsInput>},
    {"ListQueues", Effect::kReads, &run<ListQueuesInput>},
    {"PurgeQueue", Effect::kChanges, &run<PurgeQueueInput>},
    {"ReceiveMessage", Effect::kChanges, &run<ReceiveMessageInput>},
    {"RemovePermission", Effect::kChanges, &run<RemovePermissionInput>},
    {"SendMessage", Effect::kChanges, &run<SendMessageInput>},
    {"SendMessageBatch", Effect::kChanges, &run<SendMessageBatchInput>},
    {"SetQueueAttributes", Effect::kChanges, &run<SetQueueAttributesInput>},
    {"StartMessageMoveTask", Effect::kChanges, &run<StartMessageMoveTaskInput>},
    {"TagQueue", Effect::kChanges, &run<TagQueueInput>},
    {"UntagQueue", Effect::kChanges, &run<UntagQueueInput>},
}};

}  // namespace

const Action* find_action(std::string_view name) {
  const auto action = std::find_if(kActions.begin(), kActions.end(),
                                   [name](const Action& a) { return a.name == name; });
  return action == kActions.end() ? nullptr : &*action;
}

const Action& peek_action() {
  static constexpr Action kPeek = {"ReceiveMessage", Effect::kReads, &run<PeekInput>};
  return kPeek;
}

}  // namespace headrace::queue::sqs

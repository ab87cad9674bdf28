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
concept NamesItsQueue = requires(Input input) {
  input.queue_url;
};

template <class Input>
struct Prepared {
  Result<CallOf<Input>> call;
  std::optional<QueueAddress> queue_to_check;  // of a call that was refused
};

template <class Input>
Prepared<Input> prepare_json(std::string_view body, const Caller& caller) {
  Result<Input> input = parse_json<Input>(body);
  if (!input) return {input.error(), std::nullopt};
  Prepared<Input> prepared{validate(*input, caller), std::nullopt};
  if constexpr (NamesItsQueue<Input>) {
    if (prepared.call) return prepared;
    const auto address = locate(input->queue_url, caller);
    if (address) prepared.queue_to_check = *address;
  }
  return prepared;
}

template <class Output>
std::size_t body_bytes(const Output&) {
  return 0;
}

std::size_t body_bytes(const ReceiveMessageOutput& output) {
  std::size_t bytes = 0;
  for (const ReceivedMessage& message : output.messages) bytes += event_size(message.content);
  return bytes;
}

template <class Input>
boost::asio::awaitable<Result<std::string>> run_json(ActionContext& context, std::string body) {
  Prepared<Input> prepared;
  const auto prepare = [&] { prepared = prepare_json<Input>(body, context.caller); };
  if (body.size() > kOffloadBytes) {
    std::function<void()> work = prepare;
    co_await context.pool.carry_out(std::move(work));
  } else {
    prepare();
  }
  body = std::string();  // not kept while the broker waits for messages or the disk
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

  std::string json;
  const auto render = [&] { json = render_json(*output); };
  if (body_bytes(*output) > kOffloadBytes) {
    std::function<void()> work = render;
    co_await context.pool.carry_out(std::move(work));
  } else {
    render();
  }
  co_return json;
}

// By name.
constexpr std::array<Action, 23> kActions = {{
    {"AddPermission", &run_json<AddPermissionInput>},
    {"CancelMessageMoveTask", &run_json<CancelMessageMoveTaskInput>},
    {"ChangeMessageVisibility", &run_json<ChangeMessageVisibilityInput>},
    {"ChangeMessageVisibilityBatch", &run_json<ChangeMessageVisibilityBatchInput>},
    {"CreateQueue", &run_json<CreateQueueInput>},
    {"DeleteMessage", &run_json<DeleteMessageInput>},
    {"DeleteMessageBatch", &run_json<DeleteMessageBatchInput>},
    {"DeleteQueue", &run_json<DeleteQueueInput>},
    {"GetQueueAttributes", &run_json<GetQueueAttributesInput>},
    {"GetQueueUrl", &run_json<GetQueueUrlInput>},
    {"ListDeadLetterSourceQueues", &run_json<ListDeadLetterSourceQueuesInput>},
    {"ListMessageMoveTasks", &run_json<ListMessageMoveTasksInput>},
    {"ListQueueTags", &run_json<ListQueueTagsInput>},
    {"ListQueues", &run_json<ListQueuesInput>},
    {"PurgeQueue", &run_json<PurgeQueueInput>},
    {"ReceiveMessage", &run_json<ReceiveMessageInput>},
    {"RemovePermission", &run_json<RemovePermissionInput>},
    {"SendMessage", &run_json<SendMessageInput>},
    {"SendMessageBatch", &run_json<SendMessageBatchInput>},
    {"SetQueueAttributes", &run_json<SetQueueAttributesInput>},
    {"StartMessageMoveTask", &run_json<StartMessageMoveTaskInput>},
    {"TagQueue", &run_json<TagQueueInput>},
    {"UntagQueue", &run_json<UntagQueueInput>},
}};

}  // namespace

const Action* find_action(std::string_view name) {
  const auto action = std::find_if(kActions.begin(), kActions.end(),
                                   [name](const Action& a) { return a.name == name; });
  return action == kActions.end() ? nullptr : &*action;
}

}  // namespace headrace::queue::sqs

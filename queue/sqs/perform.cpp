#include "queue/sqs/perform.hpp"

#include <algorithm>
#include <chrono>

#include "base/check.hpp"

namespace headrace::queue::sqs {

namespace {

constexpr std::string_view kTooLargeAlone = "One or more parameters are invalid. Reason: ";
constexpr std::string_view kTooLargeInBatch =
    "One or more parameters cannot be validated. Reason: ";

// AWS words one and the same fault of a message differently in a batch.
Error as_entry_error(Error error) {
  if (error.message.starts_with(kTooLargeAlone)) {
    error.message.replace(0, kTooLargeAlone.size(), kTooLargeInBatch);
  }
  return error;
}

// A missing MessageGroupId has another code when an entry of a batch lacks it (spec 3.3).
Error as_batch_error(Error error) {
  if (error.code == ErrorCode::kMissingParameter) error.code = ErrorCode::kInvalidParameterValue;
  return error;
}

// Gives the entries that reached the broker its results; the refused ones keep their errors.
template <class Outcome, class BrokerResult>
void take_results(std::vector<Outcome>& outcomes, const std::vector<BrokerResult>& results) {
  auto result = results.begin();
  for (Outcome& outcome : outcomes) {
    if (!outcome.result) continue;
    HR_CHECK(result != results.end());
    if (*result) {
      outcome.result = *result;
    } else {
      outcome.result = as_entry_error(result->error());
    }
    ++result;
  }
  HR_CHECK(result == results.end());
}

std::string epoch_seconds(TimePoint time) { return std::to_string(to_epoch_ms(time) / 1000); }

AttributeMap all_attributes(const QueueDescription& queue) {
  AttributeMap attributes = queue.attributes.to_map();
  attributes["QueueArn"] = to_arn(queue.address);
  attributes["CreatedTimestamp"] = epoch_seconds(queue.created);
  attributes["LastModifiedTimestamp"] = epoch_seconds(queue.last_modified);
  attributes["ApproximateNumberOfMessages"] = std::to_string(queue.visible);
  attributes["ApproximateNumberOfMessagesNotVisible"] = std::to_string(queue.in_flight);
  attributes["ApproximateNumberOfMessagesDelayed"] = std::to_string(queue.delayed);
  return attributes;
}

Result<EmptyOutput> empty_or_error(const Status& status) {
  if (!status) return status.error();
  return EmptyOutput();
}

// `list` is what the token of the next page is bound to.
ListQueuesOutput page_of(const Caller& caller, const ListQueuesResult& page, bool wants_pages,
                         const std::string& list) {
  ListQueuesOutput output;
  for (const QueueAddress& address : page.queues) {
    output.queue_urls.push_back(to_queue_url(caller, address));
  }
  if (wants_pages && page.more) {
    HR_CHECK(!page.queues.empty());
    output.next_token = make_list_token(list, page.queues.back().name);
  }
  return output;
}

// The only result of a single action.
template <class T>
const T& only(const std::vector<T>& results) {
  HR_CHECK(results.size() == 1);
  return results.front();
}

}  // namespace

boost::asio::awaitable<void> settle_region(ActionContext& context, QueueAddress& address) {
  if (address.region == context.config.region) co_return;
  const auto queue = co_await context.broker.describe_queue(address);
  if (queue || queue.error().code != ErrorCode::kQueueDoesNotExist) co_return;
  address.region = context.config.region;
}

boost::asio::awaitable<Status> require_queue(ActionContext& context, QueueAddress address) {
  co_await settle_region(context, address);
  const auto queue = co_await context.broker.describe_queue(std::move(address));
  Status status;
  if (!queue) status = queue.error();
  co_return status;
}

Performed<QueueUrlOutput> perform(ActionContext& context, CreateQueueCall call) {
  const auto address = co_await context.broker.create_queue(std::move(call.request));
  if (!address) co_return address.error();
  co_return QueueUrlOutput{to_queue_url(context.caller, *address)};
}

Performed<EmptyOutput> perform(ActionContext& context, DeleteQueueCall call) {
  const auto status = co_await context.broker.delete_queue(std::move(call.request.address));
  co_return empty_or_error(status);
}

Performed<EmptyOutput> perform(ActionContext& context, PurgeQueueCall call) {
  const auto status = co_await context.broker.purge_queue(std::move(call.request.address));
  co_return empty_or_error(status);
}

Performed<QueueUrlOutput> perform(ActionContext& context, GetQueueUrlCall call) {
  co_await settle_region(context, call.request.address);
  const auto queue = co_await context.broker.describe_queue(std::move(call.request.address));
  if (!queue) co_return queue.error();
  co_return QueueUrlOutput{to_queue_url(context.caller, queue->address)};
}

Performed<ListQueuesOutput> perform(ActionContext& context, ListQueuesCall call) {
  const std::string prefix = call.request.name_prefix;
  const auto page = co_await context.broker.list_queues(std::move(call.request));
  ListQueuesOutput output = page_of(context.caller, page, call.wants_pages, prefix);
  co_return output;
}

Performed<AttributesOutput> perform(ActionContext& context, GetQueueAttributesCall call) {
  const auto queue = co_await context.broker.describe_queue(std::move(call.request.address));
  if (!queue) co_return queue.error();
  AttributesOutput output{all_attributes(*queue)};
  const Names& names = call.attribute_names;
  if (std::find(names.begin(), names.end(), "All") == names.end()) {
    std::erase_if(output.attributes, [&names](const auto& attribute) {
      return std::find(names.begin(), names.end(), attribute.first) == names.end();
    });
  }
  co_return output;
}

Performed<EmptyOutput> perform(ActionContext& context, SetQueueAttributesCall call) {
  auto& request = call.request;
  const auto status = co_await context.broker.set_attributes(std::move(request.address),
                                                             std::move(request.attributes));
  co_return empty_or_error(status);
}

Performed<EmptyOutput> perform(ActionContext& context, ChangeTagsCall call) {
  const auto status = co_await context.broker.change_tags(std::move(call.request));
  co_return empty_or_error(status);
}

Performed<TagsOutput> perform(ActionContext& context, ListQueueTagsCall call) {
  auto queue = co_await context.broker.describe_queue(std::move(call.request.address));
  if (!queue) co_return queue.error();
  co_return TagsOutput{std::move(queue->tags)};
}

Performed<EmptyOutput> perform(ActionContext& context, AddPermissionCall call) {
  const auto status = co_await context.broker.add_permission(std::move(call.request));
  co_return empty_or_error(status);
}

Performed<EmptyOutput> perform(ActionContext& context, RemovePermissionCall call) {
  const auto status = co_await context.broker.remove_permission(std::move(call.request));
  co_return empty_or_error(status);
}

Performed<SourceQueuesOutput> perform(ActionContext& context, ListSourcesCall call) {
  const std::string name = call.request.address.name;
  const auto page = co_await context.broker.list_sources(std::move(call.request));
  if (!page) co_return page.error();
  SourceQueuesOutput output{page_of(context.caller, *page, call.wants_pages, name)};
  co_return output;
}

Performed<TaskHandleOutput> perform(ActionContext& context, StartMoveTaskCall call) {
  auto handle = co_await context.broker.start_move_task(std::move(call));
  if (!handle) co_return handle.error();
  co_return TaskHandleOutput{std::move(*handle)};
}

Performed<MovedOutput> perform(ActionContext& context, CancelMoveTaskCall call) {
  const auto moved = co_await context.broker.cancel_move_task(std::move(call.task_handle));
  if (!moved) co_return moved.error();
  co_return MovedOutput{*moved};
}

Performed<MoveTasksOutput> perform(ActionContext& context, ListMoveTasksCall call) {
  auto tasks = co_await context.broker.list_move_tasks(std::move(call.source_arn), call.limit);
  if (!tasks) co_return tasks.error();
  co_return MoveTasksOutput{std::move(*tasks)};
}

Performed<SendMessageOutput> perform(ActionContext& context, SendMessageCall call) {
  const auto results = co_await context.broker.send(std::move(call.request));
  if (!results) co_return results.error();
  const Result<SendResult>& result = only(*results);
  if (!result) co_return result.error();
  co_return SendMessageOutput{{.id = {}, .digests = call.digests, .result = result}};
}

Performed<SendMessageBatchOutput> perform(ActionContext& context, SendMessageBatchCall call) {
  if (call.request.entries.empty()) {
    const Status exists = co_await require_queue(context, std::move(call.request.address));
    if (!exists) co_return exists.error();
    co_return SendMessageBatchOutput{std::move(call.outcomes)};
  }
  const auto results = co_await context.broker.send(std::move(call.request));
  if (!results) co_return as_batch_error(results.error());
  take_results(call.outcomes, *results);
  co_return SendMessageBatchOutput{std::move(call.outcomes)};
}

Performed<ReceiveMessageOutput> perform(ActionContext& context, ReceiveMessageCall call) {
  auto messages = co_await context.broker.receive(std::move(call.request), context.cancellation);
  if (!messages) co_return messages.error();
  co_return ReceiveMessageOutput{std::move(*messages), std::move(call.system_attribute_names),
                                 std::move(call.message_attribute_names)};
}

Performed<PeekOutput> perform(ActionContext& context, PeekCall call) {
  auto messages = co_await context.broker.peek(std::move(call.request));
  if (!messages) co_return messages.error();
  co_return PeekOutput{std::move(*messages)};
}

Performed<EmptyOutput> perform(ActionContext& context, DeleteMessageCall call) {
  const auto results = co_await context.broker.remove(std::move(call.request));
  if (!results) co_return results.error();
  co_return empty_or_error(only(*results));
}

Performed<EntriesOutput> perform(ActionContext& context, DeleteMessageBatchCall call) {
  const auto results = co_await context.broker.remove(std::move(call.request));
  if (!results) co_return results.error();
  take_results(call.outcomes, *results);
  co_return EntriesOutput{std::move(call.outcomes)};
}

Performed<EmptyOutput> perform(ActionContext& context, ChangeMessageVisibilityCall call) {
  const auto results = co_await context.broker.change_visibility(std::move(call.request));
  if (!results) co_return results.error();
  co_return empty_or_error(only(*results));
}

Performed<EntriesOutput> perform(ActionContext& context, ChangeMessageVisibilityBatchCall call) {
  if (call.request.entries.empty()) {
    const Status exists = co_await require_queue(context, std::move(call.request.address));
    if (!exists) co_return exists.error();
    co_return EntriesOutput{std::move(call.outcomes)};
  }
  const auto results = co_await context.broker.change_visibility(std::move(call.request));
  if (!results) co_return results.error();
  take_results(call.outcomes, *results);
  co_return EntriesOutput{std::move(call.outcomes)};
}

}  // namespace headrace::queue::sqs

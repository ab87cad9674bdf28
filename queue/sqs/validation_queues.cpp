// The half of validation that is about queues; validation.cpp has the messages.
#include <algorithm>
#include <array>
#include <cctype>

#include "base/codec.hpp"
#include "queue/limits.hpp"
#include "queue/move_task.hpp"
#include "queue/sqs/message_rules.hpp"
#include "queue/sqs/validation_parts.hpp"

namespace headrace::queue::sqs {

namespace {

constexpr char kTokenSeparator = '\n';  // in no queue name

// What AddPermission may allow to others, and what only the owner of a queue may do (spec 4.6).
constexpr std::array<std::string_view, 9> kGrantableActions = {"*",
                                                               "SendMessage",
                                                               "ReceiveMessage",
                                                               "DeleteMessage",
                                                               "ChangeMessageVisibility",
                                                               "GetQueueAttributes",
                                                               "GetQueueUrl",
                                                               "ListDeadLetterSourceQueues",
                                                               "PurgeQueue"};
constexpr std::array<std::string_view, 12> kOwnersActions = {
    "AddPermission",        "CancelMessageMoveTask", "CreateQueue", "DeleteQueue",
    "ListMessageMoveTasks", "ListQueueTags",         "ListQueues",  "RemovePermission",
    "SetQueueAttributes",   "StartMessageMoveTask",  "TagQueue",    "UntagQueue"};

template <std::size_t kSize>
bool is_one_of(const std::array<std::string_view, kSize>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::size_t character_count(std::string_view utf8) {
  constexpr unsigned char kContinuationMask = 0xC0;
  constexpr unsigned char kContinuation = 0x80;
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](unsigned char c) {
    return (c & kContinuationMask) != kContinuation;
  }));
}

// Unicode letters and digits, space and _ . : / = + - @ (spec 4.5). What is not ASCII passes, as
// long as XML can carry it.
bool has_tag_characters(std::string_view text) {
  constexpr std::string_view kSigns = " _.:/=+-@";
  const auto fits = [kSigns](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 0x80 || std::isalnum(byte) != 0 || kSigns.find(c) != std::string_view::npos;
  };
  return std::all_of(text.begin(), text.end(), fits) && has_allowed_characters(text);
}

Status check_tag_key(std::string_view key) {
  const std::size_t length = character_count(key);
  if (length < 1 || length > kTagKeyLengthMax) {
    return invalid("Tag keys must be between 1 and 128 characters in length.");
  }
  if (key.starts_with("aws:"))
    return invalid("Tag keys must not begin with aws:, which is reserved.");
  if (!has_tag_characters(key)) {
    return invalid("Tag keys can only contain letters, digits, spaces and _.:/=+-@.");
  }
  return {};
}

Status check_tags(const TagMap& tags) {
  for (const auto& [key, value] : tags) {
    if (const Status valid = check_tag_key(key); !valid) return valid;
    if (character_count(value) > kTagValueLengthMax) {
      return invalid("Tag values must be between 0 and 256 characters in length.");
    }
    if (!has_tag_characters(value)) {
      return invalid("Tag values can only contain letters, digits, spaces and _.:/=+-@.");
    }
  }
  return {};
}

Status require_queue_name(const Text& name) {
  if (!name) {
    return invalid("Value for parameter QueueName is invalid. Reason: Must specify a queue name.");
  }
  if (name->empty()) return invalid("Queue name cannot be empty");
  return {};
}

Status check_new_queue_name(const CreateQueueInput& input) {
  if (const Status given = require_queue_name(input.queue_name); !given) return given;
  std::string_view name = *input.queue_name;
  const auto fifo = input.attributes.find("FifoQueue");
  const bool wants_fifo =
      fifo != input.attributes.end() &&
      (fifo->second == "true" || fifo->second == "True" || fifo->second == "TRUE");
  if (!wants_fifo) {
    if (is_plain_name(name, kQueueNameLengthMax)) return {};
    return invalid(
        "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
  }
  const bool has_suffix = name.ends_with(kFifoSuffix);
  if (has_suffix) name.remove_suffix(kFifoSuffix.size());
  if (has_suffix && is_plain_name(name, kQueueNameLengthMax - kFifoSuffix.size())) return {};
  return invalid(
      "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, "
      "must end with .fifo suffix and be 1 to 80 in length");
}

struct Page {
  std::string after;
  std::size_t limit = 0;
  bool wants_pages = false;
};

// A token goes on after a name, and fits only the list it was made for.
Result<Page> check_page(const Integer& max_results, const Text& next_token,
                        const std::string& list) {
  if (!check_range(max_results, 1, kListResultsMax, "MaxResults", "")) {
    return invalid(
        "Value for parameter MaxResults is invalid. Reason: MaxResults must be an integer between "
        "1 and 1000.");
  }
  Page page;
  page.limit = static_cast<std::size_t>(max_results.value_or(kListResultsMax));
  page.wants_pages = max_results.has_value();
  if (is_blank(next_token)) return page;
  const auto text = base64url_decode(*next_token);
  const std::size_t separator = text ? text->find(kTokenSeparator) : std::string::npos;
  if (separator == std::string::npos) return invalid("Invalid or expired next token.");
  if (text->substr(0, separator) != list) {
    return invalid(
        "Invalid NextToken value. If you are passing in NextToken, you must not change the other "
        "request parameters.");
  }
  page.after = text->substr(separator + 1);
  return page;
}

Error too_many(const char* what, std::size_t found, std::size_t most) {
  return Error{ErrorCode::kOverLimit, std::to_string(found) + " " + what +
                                          " were found, maximum allowed is " +
                                          std::to_string(most) + "."};
}

Status check_account(const std::string& account) {
  const bool digits = std::all_of(account.begin(), account.end(),
                                  [](unsigned char c) { return std::isdigit(c) != 0; });
  if (digits && account.size() == kAccountLength) return {};
  return invalid_parameter(account, "PrincipalId", "Unable to verify.");
}

Status check_grants(const std::vector<std::string>& actions) {
  if (actions.size() > kPolicyActionsMax) {
    return too_many("Actions", actions.size(), kPolicyActionsMax);
  }
  for (const std::string& action : actions) {
    if (is_one_of(kGrantableActions, action)) continue;
    return invalid_parameter(
        "SQS:" + action, "ActionName",
        is_one_of(kOwnersActions, action)
            ? "Only the queue owner is allowed to invoke this action."
            : "Please refer to the appropriate WSDL for a list of valid actions.");
  }
  return {};
}

Status check_arn(const Text& arn, const char* parameter, const Caller& caller) {
  QueueAddress address;
  if (parse_arn(*arn, address)) return require_account(caller, address.account, *arn);
  return invalid(std::string("You must use this format to specify the ") + parameter +
                 ": arn:<partition>:<service>:<region>:<account-id>:<resource-id>");
}

// What is no handle, and whose queue is gone, the broker says.
Status check_task_owner(const std::string& task_handle, const Caller& caller) {
  const auto task = read_task_handle(task_handle);
  QueueAddress source;
  if (!task || !parse_arn(task->source_arn, source)) return {};
  return require_account(caller, source.account, task->source_arn);
}

}  // namespace

std::string make_list_token(const std::string& list, const std::string& last_name) {
  return base64url_encode(list + kTokenSeparator + last_name);
}

Result<CreateQueueCall> validate(CreateQueueInput& input, const Caller& caller) {
  if (const Status name = check_new_queue_name(input); !name) return name.error();
  if (input.tags.size() > kTagsMax) return too_many_tags(*input.queue_name);
  if (const Status tags = check_tags(input.tags); !tags) return tags.error();
  CreateQueueCall call;
  call.request.address = {caller.region, caller.account, std::move(*input.queue_name)};
  call.request.attributes = std::move(input.attributes);
  call.request.tags = std::move(input.tags);
  return call;
}

Result<DeleteQueueCall> validate(DeleteQueueInput& input, const Caller& caller) {
  return validate_queue_only<DeleteQueueCall>(input.queue_url, caller);
}

Result<PurgeQueueCall> validate(PurgeQueueInput& input, const Caller& caller) {
  return validate_queue_only<PurgeQueueCall>(input.queue_url, caller);
}

Result<GetQueueUrlCall> validate(GetQueueUrlInput& input, const Caller& caller) {
  if (const Status name = require_queue_name(input.queue_name); !name) return name.error();
  GetQueueUrlCall call;
  std::string owner =
      is_blank(input.owner_account) ? caller.account : std::move(*input.owner_account);
  if (const Status own = require_account(caller, owner, *input.queue_name); !own) {
    return own.error();
  }
  call.request.address = {caller.region, std::move(owner), std::move(*input.queue_name)};
  return call;
}

Result<ListQueuesCall> validate(ListQueuesInput& input, const Caller& caller) {
  const std::string prefix = std::move(input.name_prefix).value_or(std::string());
  auto page = check_page(input.max_results, input.next_token, prefix);
  if (!page) return page.error();
  return ListQueuesCall{
      {caller.region, caller.account, prefix, std::move(page->after), page->limit},
      page->wants_pages};
}

Result<GetQueueAttributesCall> validate(GetQueueAttributesInput& input, const Caller& caller) {
  auto call = validate_queue_only<GetQueueAttributesCall>(input.queue_url, caller);
  if (!call) return call;
  for (const std::string& name : input.attribute_names) {
    if (is_queue_attribute(name)) continue;
    return Error{ErrorCode::kInvalidAttributeName, "Unknown Attribute " + name + "."};
  }
  // Once each: a request has room for a million names, a queue for two dozen.
  Names& names = input.attribute_names;
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  call->attribute_names = std::move(names);
  return call;
}

Result<SetQueueAttributesCall> validate(SetQueueAttributesInput& input, const Caller& caller) {
  auto call = validate_queue_only<SetQueueAttributesCall>(input.queue_url, caller);
  if (!call) return call;
  if (!input.attributes) return missing_parameter("Attributes");
  call->request.attributes = std::move(*input.attributes);
  return call;
}

Result<ChangeTagsCall> validate(TagQueueInput& input, const Caller& caller) {
  auto call = validate_queue_only<ChangeTagsCall>(input.queue_url, caller);
  if (!call) return call;
  if (input.tags.empty()) return missing_parameter("Tags");
  if (input.tags.size() > kTagsMax) return too_many_tags(call->request.address.name);
  if (const Status tags = check_tags(input.tags); !tags) return tags.error();
  call->request.set = std::move(input.tags);
  return call;
}

Result<ChangeTagsCall> validate(UntagQueueInput& input, const Caller& caller) {
  auto call = validate_queue_only<ChangeTagsCall>(input.queue_url, caller);
  if (!call) return call;
  if (input.tag_keys.empty()) return missing_parameter("TagKeys");
  call->request.removed = std::move(input.tag_keys);
  return call;
}

Result<ListQueueTagsCall> validate(ListQueueTagsInput& input, const Caller& caller) {
  return validate_queue_only<ListQueueTagsCall>(input.queue_url, caller);
}

Result<AddPermissionCall> validate(AddPermissionInput& input, const Caller& caller) {
  auto call = validate_queue_only<AddPermissionCall>(input.queue_url, caller);
  if (!call) return call;
  if (is_blank(input.label)) return missing_parameter("Label");
  if (input.accounts.empty()) return missing_parameter("AWSAccountIds");
  if (input.actions.empty()) return missing_parameter("Actions");
  if (!is_plain_name(*input.label, kPolicyLabelLengthMax)) {
    return invalid_parameter(*input.label, "Label",
                             "Can only include alphanumeric characters, hyphens, or underscores. 1 "
                             "to 80 in length");
  }
  if (input.accounts.size() > kPolicyPrincipalsMax) {
    return too_many("Principals", input.accounts.size(), kPolicyPrincipalsMax);
  }
  for (const std::string& account : input.accounts) {
    if (const Status valid = check_account(account); !valid) return valid.error();
  }
  if (const Status valid = check_grants(input.actions); !valid) return valid.error();
  call->request.statement = {std::move(*input.label), std::move(input.accounts),
                             std::move(input.actions)};
  return call;
}

Result<RemovePermissionCall> validate(RemovePermissionInput& input, const Caller& caller) {
  auto call = validate_queue_only<RemovePermissionCall>(input.queue_url, caller);
  if (!call) return call;
  if (is_blank(input.label)) return missing_parameter("Label");
  call->request.label = std::move(*input.label);
  return call;
}

Result<ListSourcesCall> validate(ListDeadLetterSourceQueuesInput& input, const Caller& caller) {
  auto call = validate_queue_only<ListSourcesCall>(input.queue_url, caller);
  if (!call) return call;
  auto page = check_page(input.max_results, input.next_token, call->request.address.name);
  if (!page) return page.error();
  call->request.after = std::move(page->after);
  call->request.limit = page->limit;
  call->wants_pages = page->wants_pages;
  return call;
}

Result<StartMoveTaskCall> validate(StartMessageMoveTaskInput& input, const Caller& caller) {
  if (is_blank(input.source_arn)) return missing_parameter("SourceArn");
  const Status source = check_arn(input.source_arn, "SourceArn", caller);
  if (!source) return source.error();
  if (!is_blank(input.destination_arn)) {
    const Status destination = check_arn(input.destination_arn, "DestinationArn", caller);
    if (!destination) return destination.error();
  }
  if (!check_range(input.per_second, 1, kMoveRateMax, "", "")) {
    return invalid(
        "Value for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: You must enter a "
        "number that's between 1 and 500.");
  }
  return StartMoveTaskCall{std::move(*input.source_arn),
                           std::move(input.destination_arn).value_or(std::string()),
                           input.per_second};
}

Result<CancelMoveTaskCall> validate(CancelMessageMoveTaskInput& input, const Caller& caller) {
  if (is_blank(input.task_handle)) return missing_parameter("TaskHandle");
  if (const Status own = check_task_owner(*input.task_handle, caller); !own) return own.error();
  return CancelMoveTaskCall{std::move(*input.task_handle)};
}

Result<ListMoveTasksCall> validate(ListMessageMoveTasksInput& input, const Caller& caller) {
  if (is_blank(input.source_arn)) return missing_parameter("SourceArn");
  const Status source = check_arn(input.source_arn, "SourceArn", caller);
  if (!source) return source.error();
  if (!check_range(input.max_results, 1, kMoveTasksListMax, "", "")) {
    return invalid(
        "Value for parameter MaxResults is invalid. Reason: You must enter a number that's between "
        "1 and 10.");
  }
  return ListMoveTasksCall{std::move(*input.source_arn),
                           static_cast<std::size_t>(input.max_results.value_or(1))};
}

}  // namespace headrace::queue::sqs

#include "queue/sqs/validation.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "base/codec.hpp"
#include "queue/limits.hpp"
#include "queue/sqs/message_rules.hpp"

namespace headrace::queue::sqs {

namespace {

constexpr std::string_view kFifoSuffix = ".fifo";
constexpr char kTokenSeparator = '\n';  // in no queue name

// What AWS's texts call the entries of a batch.
struct BatchNames {
  std::string_view entry;
  std::string_view empty;
};

constexpr BatchNames kSendNames{"SendMessageBatchRequestEntry", "SendMessageBatchRequestEntry"};
constexpr BatchNames kDeleteNames{"DeleteMessageBatchRequestEntry",
                                  "DeleteMessageBatchRequestEntry"};
constexpr BatchNames kVisibilityNames{"ChangeMessageVisibilityBatchRequestEntry",
                                      "ChangeMessageVisibilityBatch"};

Error invalid(std::string message) {
  return Error{ErrorCode::kInvalidParameterValue, std::move(message)};
}

bool is_blank(const Text& text) { return !text || text->empty(); }

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

bool is_plain_name(std::string_view text, std::size_t length_max) {
  return !text.empty() && text.size() <= length_max &&
         std::all_of(text.begin(), text.end(), is_name_character);
}

Error missing_entry_member(BatchNames names, std::size_t index, const char* member) {
  return missing_parameter(std::string(names.entry) + "." + std::to_string(index + 1) + "." +
                           member);
}

template <class Entry>
Status check_ids(const std::vector<Entry>& entries) {
  for (const Entry& entry : entries) {
    if (is_plain_name(*entry.id, kBatchEntryIdLengthMax)) continue;
    return Error{ErrorCode::kInvalidBatchEntryId,
                 "A batch entry id can only contain alphanumeric characters, hyphens and "
                 "underscores. It can be at most 80 letters long."};
  }
  std::unordered_set<std::string_view> seen;
  for (const Entry& entry : entries) {
    if (seen.insert(*entry.id).second) continue;
    return Error{ErrorCode::kBatchEntryIdsNotDistinct, "Id " + *entry.id + " repeated."};
  }
  return {};
}

// Number of entries, ids, and the member every entry must have.
template <class Entry>
Status check_batch(const std::vector<Entry>& entries, BatchNames names, Text Entry::*required,
                   const char* required_name) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (!entries[i].id) return missing_entry_member(names, i, "Id");
    if (is_blank(entries[i].*required)) return missing_entry_member(names, i, required_name);
  }
  if (entries.empty()) {
    return Error{ErrorCode::kEmptyBatchRequest,
                 "There should be at least one " + std::string(names.empty) + " in the request."};
  }
  if (entries.size() > kBatchEntriesMax) {
    return Error{ErrorCode::kTooManyEntriesInBatchRequest,
                 "Maximum number of entries per request are " + std::to_string(kBatchEntriesMax) +
                     ". You have sent " + std::to_string(entries.size()) + "."};
  }
  return check_ids(entries);
}

Status check_range(const Integer& value, std::int64_t min, std::int64_t max, const char* parameter,
                   const char* reason) {
  if (!value || (*value >= min && *value <= max)) return {};
  return invalid_parameter(std::to_string(*value), parameter, reason);
}

Status check_tags(const CreateQueueInput& input) {
  if (input.tags.size() > kTagsMax) {
    return invalid("Too many tags added for queue " + *input.queue_name + ".");
  }
  for (const auto& [key, value] : input.tags) {
    if (key.empty() || key.size() > kTagKeyLengthMax) {
      return invalid("Tag keys must be between 1 and 128 characters in length.");
    }
    if (value.size() > kTagValueLengthMax) {
      return invalid("Tag values must be between 0 and 256 characters in length.");
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

// The last name of the page before, from a token made for the same prefix.
Result<std::string> read_list_token(const std::string& token, const std::string& prefix) {
  const auto text = base64url_decode(token);
  const std::size_t separator = text ? text->find(kTokenSeparator) : std::string::npos;
  if (separator == std::string::npos) return invalid("Invalid or expired next token.");
  if (text->substr(0, separator) != prefix) {
    return invalid(
        "Invalid NextToken value. If you are passing in NextToken, you must not change the other "
        "request parameters.");
  }
  return text->substr(separator + 1);
}

// A call that says nothing but which queue it is for.
template <class Call>
Result<Call> validate_queue_only(const Text& queue_url, const Caller& caller) {
  auto address = locate(queue_url, caller);
  if (!address) return address.error();
  Call call;
  call.request.address = std::move(*address);
  return call;
}

}  // namespace

namespace {

// A FIFO queue may need the hash for deduplication; taken here, a large body stays off the loop.
void hash_body(const QueueAddress& queue, SendEntry& entry) {
  if (!queue.name.ends_with(kFifoSuffix) || !entry.content.deduplication_id.empty()) return;
  entry.body_sha256 = hex(sha256(entry.content.body));
}

}  // namespace

Result<QueueAddress> locate(const Text& queue_url, const Caller& caller) {
  if (!queue_url) return missing_parameter("QueueUrl");
  auto address = parse_queue_url(*queue_url, caller);
  if (!address) return queue_does_not_exist();
  return std::move(*address);
}

std::string make_list_token(const std::string& prefix, const std::string& last_name) {
  return base64url_encode(prefix + kTokenSeparator + last_name);
}

Result<CreateQueueCall> validate(CreateQueueInput& input, const Caller& caller) {
  if (const Status name = check_new_queue_name(input); !name) return name.error();
  if (const Status tags = check_tags(input); !tags) return tags.error();
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
  call.request.address = {caller.region, input.owner_account.value_or(caller.account),
                          std::move(*input.queue_name)};
  return call;
}

Result<ListQueuesCall> validate(ListQueuesInput& input, const Caller& caller) {
  const Status page = check_range(input.max_results, 1, kListResultsMax, "MaxResults", "");
  if (!page) {
    return invalid(
        "Value for parameter MaxResults is invalid. Reason: MaxResults must be an integer between "
        "1 and 1000.");
  }
  ListQueuesCall call;
  call.request.region = caller.region;
  call.request.account = caller.account;
  call.request.name_prefix = std::move(input.name_prefix).value_or(std::string());
  call.request.limit = static_cast<std::size_t>(input.max_results.value_or(kListResultsMax));
  call.wants_pages = input.max_results.has_value();
  if (!is_blank(input.next_token)) {
    auto after = read_list_token(*input.next_token, call.request.name_prefix);
    if (!after) return after.error();
    call.request.after = std::move(*after);
  }
  return call;
}

Result<GetQueueAttributesCall> validate(GetQueueAttributesInput& input, const Caller& caller) {
  auto call = validate_queue_only<GetQueueAttributesCall>(input.queue_url, caller);
  if (!call) return call;
  for (const std::string& name : input.attribute_names) {
    if (is_queue_attribute(name)) continue;
    return Error{ErrorCode::kInvalidAttributeName, "Unknown Attribute " + name + "."};
  }
  call->attribute_names = std::move(input.attribute_names);
  return call;
}

Result<SetQueueAttributesCall> validate(SetQueueAttributesInput& input, const Caller& caller) {
  auto call = validate_queue_only<SetQueueAttributesCall>(input.queue_url, caller);
  if (!call) return call;
  if (!input.attributes) return missing_parameter("Attributes");
  call->request.attributes = std::move(*input.attributes);
  return call;
}

Result<SendMessageCall> validate(SendMessageInput& input, const Caller& caller) {
  auto call = validate_queue_only<SendMessageCall>(input.queue_url, caller);
  if (!call) return call;
  if (is_blank(input.message.body)) return missing_parameter("MessageBody");
  auto checked = check_message(std::move(input.message), caller.sender_id, caller.trace_header);
  if (!checked) return checked.error();
  hash_body(call->request.address, checked->entry);
  call->request.entries.push_back(std::move(checked->entry));
  call->digests = checked->digests;
  return call;
}

Result<SendMessageBatchCall> validate(SendMessageBatchInput& input, const Caller& caller) {
  auto call = validate_queue_only<SendMessageBatchCall>(input.queue_url, caller);
  if (!call) return call;
  const Status shape = check_batch(input.entries, kSendNames, &MessageInput::body, "MessageBody");
  if (!shape) return shape.error();
  std::int64_t total = 0;
  for (const MessageInput& entry : input.entries) total += message_size(entry);
  if (total > kBatchSizeMax) {
    return Error{ErrorCode::kBatchRequestTooLong,
                 "Batch requests cannot be longer than " + std::to_string(kBatchSizeMax) +
                     " bytes. You have sent " + std::to_string(total) + " bytes."};
  }
  for (MessageInput& entry : input.entries) {
    SendOutcome& outcome = call->outcomes.emplace_back();
    outcome.id = std::move(*entry.id);
    auto checked = check_message(std::move(entry), caller.sender_id, caller.trace_header);
    if (!checked) {
      outcome.result = checked.error();
      continue;
    }
    outcome.digests = checked->digests;
    hash_body(call->request.address, checked->entry);
    call->request.entries.push_back(std::move(checked->entry));
  }
  return call;
}

Result<ReceiveMessageCall> validate(ReceiveMessageInput& input, const Caller& caller) {
  auto call = validate_queue_only<ReceiveMessageCall>(input.queue_url, caller);
  if (!call) return call;
  const Status count = check_range(input.max_messages, 1, kReceiveMessagesMax,
                                   "MaxNumberOfMessages", "Must be between 1 and 10, if provided.");
  if (!count) return count.error();
  const Status wait = check_range(input.wait_seconds, 0, kWaitTimeSecondsMax, "WaitTimeSeconds",
                                  "Must be >= 0 and <= 20, if provided.");
  if (!wait) return wait.error();
  const Status visibility =
      check_range(input.visibility_timeout, 0, kVisibilityTimeoutMax, "VisibilityTimeout",
                  "Must be >= 0 and <= 43200, if provided.");
  if (!visibility) return visibility.error();
  if (!is_blank(input.attempt_id)) {
    if (!is_printable_id(*input.attempt_id)) {
      return invalid_parameter(*input.attempt_id, "ReceiveRequestAttemptId",
                               "ReceiveRequestAttemptId can only include alphanumeric and "
                               "punctuation characters. 1 to 128 in length.");
    }
    call->request.attempt_id = std::move(*input.attempt_id);
  }
  call->request.max_messages = static_cast<std::size_t>(input.max_messages.value_or(1));
  call->request.wait_seconds = input.wait_seconds;
  call->request.visibility_timeout = input.visibility_timeout;
  call->system_attribute_names = std::move(input.system_attribute_names);
  call->message_attribute_names = std::move(input.message_attribute_names);
  return call;
}

Result<DeleteMessageCall> validate(DeleteMessageInput& input, const Caller& caller) {
  auto call = validate_queue_only<DeleteMessageCall>(input.queue_url, caller);
  if (!call) return call;
  if (is_blank(input.message.receipt_handle)) return missing_parameter("ReceiptHandle");
  call->request.receipt_handles.push_back(std::move(*input.message.receipt_handle));
  return call;
}

Result<DeleteMessageBatchCall> validate(DeleteMessageBatchInput& input, const Caller& caller) {
  auto call = validate_queue_only<DeleteMessageBatchCall>(input.queue_url, caller);
  if (!call) return call;
  const Status shape =
      check_batch(input.entries, kDeleteNames, &HandleInput::receipt_handle, "ReceiptHandle");
  if (!shape) return shape.error();
  for (HandleInput& entry : input.entries) {
    call->outcomes.push_back({std::move(*entry.id), Status()});
    call->request.receipt_handles.push_back(std::move(*entry.receipt_handle));
  }
  return call;
}

Result<ChangeMessageVisibilityCall> validate(ChangeMessageVisibilityInput& input,
                                             const Caller& caller) {
  auto call = validate_queue_only<ChangeMessageVisibilityCall>(input.queue_url, caller);
  if (!call) return call;
  VisibilityInput& message = input.message;
  if (is_blank(message.receipt_handle)) return missing_parameter("ReceiptHandle");
  if (!message.visibility_timeout) return missing_parameter("VisibilityTimeout");
  const Status range = check_range(message.visibility_timeout, 0, kVisibilityTimeoutMax,
                                   "VisibilityTimeout", "Must be between 0 and 43200.");
  if (!range) return range.error();
  call->request.entries.push_back(
      {std::move(*message.receipt_handle), *message.visibility_timeout});
  return call;
}

Result<ChangeMessageVisibilityBatchCall> validate(ChangeMessageVisibilityBatchInput& input,
                                                  const Caller& caller) {
  auto call = validate_queue_only<ChangeMessageVisibilityBatchCall>(input.queue_url, caller);
  if (!call) return call;
  const Status shape = check_batch(input.entries, kVisibilityNames,
                                   &VisibilityInput::receipt_handle, "ReceiptHandle");
  if (!shape) return shape.error();
  for (std::size_t i = 0; i < input.entries.size(); ++i) {
    VisibilityInput& entry = input.entries[i];
    EntryOutcome& outcome = call->outcomes.emplace_back();
    outcome.id = std::move(*entry.id);
    if (!entry.visibility_timeout) {
      outcome.result = missing_entry_member(kVisibilityNames, i, "VisibilityTimeout");
      continue;
    }
    outcome.result =
        check_range(entry.visibility_timeout, 0, kVisibilityTimeoutMax, "VisibilityTimeout",
                    "VisibilityTimeout must be an integer between 0 and 43200.");
    if (!outcome.result) continue;
    call->request.entries.push_back({std::move(*entry.receipt_handle), *entry.visibility_timeout});
  }
  return call;
}

}  // namespace headrace::queue::sqs

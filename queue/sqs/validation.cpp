#include "queue/sqs/validation.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <unordered_set>

#include "base/codec.hpp"
#include "queue/limits.hpp"
#include "queue/sqs/message_rules.hpp"
#include "queue/sqs/validation_parts.hpp"

namespace headrace::queue::sqs {

namespace {

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
Status check_batch(const BatchInput<Entry>& input, BatchNames names, Text Entry::*required,
                   const char* required_name) {
  const std::vector<Entry>& entries = input.entries;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (!entries[i].id) return missing_entry_member(names, i, "Id");
    if (is_blank(entries[i].*required)) return missing_entry_member(names, i, required_name);
  }
  if (entries.empty()) {
    return Error{ErrorCode::kEmptyBatchRequest,
                 "There should be at least one " + std::string(names.empty) + " in the request."};
  }
  if (input.entry_count > kBatchEntriesMax) {
    return Error{ErrorCode::kTooManyEntriesInBatchRequest,
                 "Maximum number of entries per request are " + std::to_string(kBatchEntriesMax) +
                     ". You have sent " + std::to_string(input.entry_count) + "."};
  }
  return check_ids(entries);
}

// A FIFO queue may need the hash for deduplication; taken here, a large body stays off the loop.
void hash_body(const QueueAddress& queue, SendEntry& entry) {
  if (!queue.name.ends_with(kFifoSuffix) || !entry.content.deduplication_id.empty()) return;
  entry.body_sha256 = hex(sha256(entry.content.body));
}

}  // namespace

bool is_plain_name(std::string_view text, std::size_t length_max) {
  return !text.empty() && text.size() <= length_max &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) {
           return (c < 0x80 && std::isalnum(c) != 0) || c == '-' || c == '_';
         });
}

Status check_range(const Integer& value, std::int64_t min, std::int64_t max, const char* parameter,
                   const char* reason) {
  if (!value || (*value >= min && *value <= max)) return {};
  return invalid_parameter(std::to_string(*value), parameter, reason);
}

Result<QueueAddress> locate(const Text& queue_url, const Caller& caller) {
  if (!queue_url) return missing_parameter("QueueUrl");
  auto address = parse_queue_url(*queue_url, caller);
  if (!address) return queue_does_not_exist();
  const Status own = require_account(caller, address->account, *queue_url);
  if (!own) return own.error();
  return std::move(*address);
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
  const Status shape = check_batch(input, kSendNames, &MessageInput::body, "MessageBody");
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

Result<PeekCall> validate(PeekInput& input, const Caller& caller) {
  auto call = validate_queue_only<PeekCall>(input.queue_url, caller);
  if (!call) return call;
  call->request.max_messages = kPeekedMessagesMax;
  call->request.event_bytes_max = kPeekedBytesMax;
  call->request.with_in_flight = input.shows_in_flight;
  call->request.with_delayed = input.shows_delayed;
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
      check_batch(input, kDeleteNames, &HandleInput::receipt_handle, "ReceiptHandle");
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
  const Status shape =
      check_batch(input, kVisibilityNames, &VisibilityInput::receipt_handle, "ReceiptHandle");
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

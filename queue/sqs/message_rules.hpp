// What a message may contain: characters, attributes, ids (spec 5.1, 5.3, 5.6, 7.2). Pure.
#pragma once

#include <string_view>

#include "queue/requests.hpp"
#include "queue/sqs/shapes.hpp"

namespace headrace::queue::sqs {

// #x9 | #xA | #xD | #x20-#xD7FF | #xE000-#xFFFD | #x10000-#x10FFFF. The text is valid UTF-8.
bool has_allowed_characters(std::string_view text);

// 1 to 128 of ASCII's printable characters without the space.
bool is_printable_id(std::string_view id);

// A decimal of up to 38 digits, magnitude 10^-128 to 10^+126.
bool is_attribute_number(std::string_view text);

// Bytes that count against the batch limit. The queue's own limit is checked where the queue is
// known.
std::int64_t message_size(const MessageInput& message);

// A message that keeps every rule but those that depend on its queue, with the digests its sender
// expects. `trace_header` is the one of the request, for a message that brings none. The body
// moves.
struct CheckedMessage {
  SendEntry entry;
  SentDigests digests;
};
Result<CheckedMessage> check_message(MessageInput&& message, const std::string& sender_id,
                                     const std::string& trace_header);

}  // namespace headrace::queue::sqs

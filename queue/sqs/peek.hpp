// LocalStack's look at the messages of a queue, which tests of other people ask for:
//
//   /_aws/sqs/messages?QueueUrl=http://localhost:4566/000000000000/signup
//   /_aws/sqs/messages/us-east-1/000000000000/signup
//
// The address is also taken as the endpoint of an SDK, whose ReceiveMessage then looks. Pure.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "queue/sqs/shapes.hpp"

namespace headrace::queue::sqs {

struct PeekPath {
  std::string_view region;      // empty when the path names no queue
  std::string_view queue_path;  // "000000000000/signup"; likewise
};

// Nothing when the path of a request is another address.
std::optional<PeekPath> parse_peek_path(std::string_view path);

// ReceiveMessage there. What else a receive may say is not read.
struct PeekInput {
  Text queue_url;
  bool shows_in_flight = false;
  bool shows_delayed = false;
};

struct PeekOutput {
  std::vector<PeekedMessage> messages;
};

}  // namespace headrace::queue::sqs

// The table of SQS actions: a name, and how it is parsed, checked, asked of the broker and
// rendered, in both protocols. A new action is one row, with its overloads of read_members,
// validate, perform and write_members.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include <boost/asio/awaitable.hpp>

#include "base/cancellation.hpp"
#include "base/offload.hpp"
#include "queue/broker.hpp"
#include "queue/sqs/caller.hpp"
#include "queue/sqs/query_protocol.hpp"

namespace headrace::queue::sqs {

// Ours: parsing, hashing and rendering of more bytes than this leaves the loop.
inline constexpr std::size_t kOffloadBytes = 64 * 1024;

// What an action works with. Lives as long as its request.
struct ActionContext {
  Broker& broker;
  Offload& pool;
  Cancellation& cancellation;
  const SqsConfig& config;
  Caller caller;
};

struct JsonRequest {
  std::string body;
};

// A request whose action is known, in the protocol it came in. Its answer goes the same way.
using ActionRequest = std::variant<JsonRequest, QueryRequest>;

enum class Effect { kReads, kChanges };

struct Action {
  // The body of the answer.
  using Run = boost::asio::awaitable<Result<std::string>> (*)(ActionContext& context,
                                                              ActionRequest request);
  std::string_view name;
  Effect effect = Effect::kChanges;
  Run run = nullptr;
};

// Null when SQS has no action of that name.
const Action* find_action(std::string_view name);

// ReceiveMessage at a PeekPath.
const Action& peek_action();

}  // namespace headrace::queue::sqs

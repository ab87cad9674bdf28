// The table of SQS actions: a name, and how it is parsed, checked, asked of the broker and
// rendered. A new action is one row, with its overloads of read_json, validate, perform and
// write_json.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include "base/cancellation.hpp"
#include "base/offload.hpp"
#include "queue/broker.hpp"
#include "queue/sqs/caller.hpp"

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

struct Action {
  // The body of the answer from the body of the request, both JSON.
  using RunJson = boost::asio::awaitable<Result<std::string>> (*)(ActionContext& context,
                                                                  std::string body);
  std::string_view name;
  RunJson run_json = nullptr;
};

// Null when SQS has no action of that name.
const Action* find_action(std::string_view name);

}  // namespace headrace::queue::sqs

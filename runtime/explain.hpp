// The life of one message, joined from what the history took down and what the queues hold now.
//
// What cannot be known: what SQS clients did with a message besides sending it, but for the
// receives it counts while it lives; of a message that no function was given, everything once it is
// gone.
#pragma once

#include <optional>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "queue/broker.hpp"
#include "runtime/history.hpp"

namespace headrace::runtime {

struct Explanation {
  Uuid id{};
  MessageLife life;
  std::optional<queue::FoundMessage> now;  // empty: in no queue
  bool has_history = false;                // false: it is off, or cannot be read
};

struct ExplainRequest {
  std::string region;  // where it is searched
  std::string account;
  Uuid id{};
};

// `history` is null when it is off. Once `cancellation` fires, what was learned so far is enough.
boost::asio::awaitable<Explanation> explain(queue::Broker& broker, History* history,
                                            ExplainRequest request, Cancellation& cancellation);

// As JSON (docs/operations.md).
std::string render_explanation(const Explanation& explanation);

}  // namespace headrace::runtime

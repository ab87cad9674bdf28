// Makes the server's queues match the configuration: creates what is missing, changes what differs,
// keeps what the file does not name.
#pragma once

#include <string>
#include <vector>

#include "queue/broker.hpp"
#include "runtime/config.hpp"

namespace headrace::runtime {

// Returns what it did, one line each: "queue signup created", "queue signup VisibilityTimeout 30 ->
// 60".
boost::asio::awaitable<queue::Result<std::vector<std::string>>> set_up_queues(queue::Broker& broker,
                                                                              const Config& config);

}  // namespace headrace::runtime

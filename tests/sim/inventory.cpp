#include "tests/sim/inventory.hpp"

#include <optional>
#include <tuple>

#include <boost/asio/co_spawn.hpp>

#include "base/check.hpp"

namespace headrace::sim {

namespace {

constexpr std::size_t kPeekMax = 100'000;

using Messages =
    std::map<std::tuple<std::string, Uuid>,
             std::tuple<int, std::uint32_t, TimePoint, std::optional<queue::Sequence>>>;

Messages messages_of(const Inventory& inventory) {
  Messages messages;
  for (const auto& [queue, seen] : inventory.queues) {
    for (const Inventory::Item& item : seen.items) {
      const queue::ReceivedMessage& message = item.seen.message;
      messages[{queue, message.message_id}] = {item.letter, message.receive_count, message.sent,
                                               message.sequence};
    }
  }
  return messages;
}

std::optional<std::vector<queue::PeekedMessage>> peek(Server& server, const std::string& name) {
  std::optional<queue::Result<std::vector<queue::PeekedMessage>>> answer;
  boost::asio::co_spawn(server.loop(),
                        server.broker().peek(queue::PeekRequest{address_of(name), kPeekMax}),
                        [&answer](std::exception_ptr error, auto result) {
                          if (error) std::rethrow_exception(error);
                          answer.emplace(std::move(result));
                        });
  server.settle();
  if (server.failed()) return std::nullopt;
  HR_CHECK(answer.has_value());
  HR_CHECK(answer->has_value());
  return std::move(**answer);
}

}  // namespace

Inventory take_inventory(Server& server, const History& history) {
  Inventory inventory;
  server.settle();
  inventory.now = server.now();
  for (const auto& [name, setup] : history.queues) {
    const auto description = server.describe(name);
    if (!description) continue;
    const auto messages = peek(server, name);
    if (!messages) return Inventory{};
    Inventory::OneQueue& seen = inventory.queues[name];
    seen.life = server.life_of(name);
    seen.description = *description;
    seen.sequences = server.sequences(name);
    for (const queue::PeekedMessage& message : *messages) {
      seen.items.push_back({history.find_letter(message.message.content), message});
    }
  }
  return inventory;
}

bool same_messages(const Inventory& a, const Inventory& b) {
  return messages_of(a) == messages_of(b);
}

}  // namespace headrace::sim

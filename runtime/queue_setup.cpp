#include "runtime/queue_setup.hpp"

#include <map>
#include <set>
#include <string_view>

#include "base/json_writer.hpp"

namespace headrace::runtime {

namespace {

using Lines = std::vector<std::string>;

queue::QueueAddress address_of(const Config& config, const std::string& name) {
  return queue::QueueAddress{config.server.region, config.server.account, name};
}

queue::AttributeMap wanted_attributes(const Config& config, const QueueConfig& queue) {
  queue::AttributeMap wanted = queue.attributes;
  if (queue.dead_letter) {
    std::string& policy = wanted["RedrivePolicy"];
    JsonWriter(policy)
        .begin_object()
        .member("deadLetterTargetArn", to_arn(address_of(config, queue.dead_letter->queue)))
        .member("maxReceiveCount", queue.dead_letter->max_receives)
        .end_object();
  }
  return wanted;
}

// Dead-letter queues before the queues that name them; where they name each other in a circle, one
// of them comes first nevertheless.
std::vector<const QueueConfig*> in_order_of_creation(const Config& config) {
  std::map<std::string_view, const QueueConfig*> by_name;
  for (const QueueConfig& queue : config.queues) by_name[queue.name] = &queue;
  std::set<std::string_view> seen;
  std::vector<const QueueConfig*> order;
  for (const QueueConfig& queue : config.queues) {
    std::vector<const QueueConfig*> chain;
    const QueueConfig* next = &queue;
    while (next != nullptr && seen.insert(next->name).second) {
      chain.push_back(next);
      next = next->dead_letter ? by_name[next->dead_letter->queue] : nullptr;
    }
    order.insert(order.end(), chain.rbegin(), chain.rend());
  }
  return order;
}

boost::asio::awaitable<bool> exists(queue::Broker& broker, queue::QueueAddress address) {
  const auto found = co_await broker.describe_queue(std::move(address));
  co_return found.has_value();
}

// With all its attributes at once, so that nobody finds it without them; only a redrive policy
// waits until the queue that it names is there.
boost::asio::awaitable<queue::Status> create_if_missing(queue::Broker& broker, const Config& config,
                                                        const QueueConfig& queue, Lines& lines) {
  const queue::QueueAddress address = address_of(config, queue.name);
  const bool present = co_await exists(broker, address);
  if (present) co_return queue::Status();
  queue::CreateQueueRequest request;
  request.address = address;
  request.attributes = wanted_attributes(config, queue);
  request.attributes.merge(queue.type_attributes());
  bool has_target = false;
  if (queue.dead_letter) {
    queue::QueueAddress target = address_of(config, queue.dead_letter->queue);
    has_target = co_await exists(broker, std::move(target));
  }
  if (!has_target) request.attributes.erase("RedrivePolicy");
  const auto created = co_await broker.create_queue(std::move(request));
  if (!created) co_return created.error();
  lines.push_back("queue " + address.name + " created");
  co_return queue::Status();
}

// With the place in the configuration.
queue::Error refused(const QueueConfig& queue, const queue::Error& error) {
  return queue::Error{error.code, "queues." + queue.name + ": " + error.message};
}

boost::asio::awaitable<queue::Status> change_what_differs(queue::Broker& broker,
                                                          queue::QueueAddress address,
                                                          queue::AttributeMap wanted,
                                                          Lines& lines) {
  const auto existing = co_await broker.describe_queue(address);
  if (!existing) co_return existing.error();
  // The wanted values in the form the server returns them.
  queue::QueueAttributes target;
  target.fifo_queue = existing->attributes.fifo_queue;
  if (const queue::Status status = target.set(wanted); !status) co_return status;
  queue::AttributeMap canonical = target.to_map();
  queue::AttributeMap current = existing->attributes.to_map();
  queue::AttributeMap changes;
  for (const auto& [name, value] : wanted) {
    if (canonical[name] == current[name]) continue;
    changes[name] = value;
    lines.push_back("queue " + address.name + " " + name + " " +
                    (current[name].empty() ? "none" : current[name]) + " -> " + canonical[name]);
  }
  if (changes.empty()) co_return queue::Status();
  const queue::Status changed = co_await broker.set_attributes(address, std::move(changes));
  co_return changed;
}

}  // namespace

boost::asio::awaitable<queue::Result<Lines>> set_up_queues(queue::Broker& broker,
                                                           const Config& config) {
  Lines lines;
  const std::vector<const QueueConfig*> order = in_order_of_creation(config);
  for (const QueueConfig* queue : order) {
    const queue::Status status = co_await create_if_missing(broker, config, *queue, lines);
    if (!status) co_return refused(*queue, status.error());
  }
  for (const QueueConfig& queue : config.queues) {
    queue::QueueAddress address = address_of(config, queue.name);
    queue::AttributeMap wanted = wanted_attributes(config, queue);
    const queue::Status status = co_await change_what_differs(broker, address, wanted, lines);
    if (!status) co_return refused(queue, status.error());
  }
  co_return lines;
}

}  // namespace headrace::runtime

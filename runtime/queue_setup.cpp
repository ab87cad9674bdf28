#include "runtime/queue_setup.hpp"

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

boost::asio::awaitable<queue::Status> create_if_missing(queue::Broker& broker,
                                                        queue::QueueAddress address,
                                                        queue::AttributeMap type, Lines& lines) {
  const auto existing = co_await broker.describe_queue(address);
  if (existing) co_return queue::Status();
  queue::CreateQueueRequest request;
  request.address = address;
  request.attributes = std::move(type);
  const auto created = co_await broker.create_queue(std::move(request));
  if (!created) co_return created.error();
  lines.push_back("queue " + address.name + " created");
  co_return queue::Status();
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
  // All queues first: a redrive policy may name any of them.
  for (const QueueConfig& queue : config.queues) {
    queue::QueueAddress address = address_of(config, queue.name);
    queue::AttributeMap type = queue.type_attributes();
    const queue::Status status =
        co_await create_if_missing(broker, address, std::move(type), lines);
    if (!status) co_return status.error();
  }
  for (const QueueConfig& queue : config.queues) {
    queue::QueueAddress address = address_of(config, queue.name);
    queue::AttributeMap wanted = wanted_attributes(config, queue);
    const queue::Status status = co_await change_what_differs(broker, address, wanted, lines);
    if (!status) co_return status.error();
  }
  co_return lines;
}

}  // namespace headrace::runtime

#include "tests/sim/attributes.hpp"

#include "tests/sim/server.hpp"

namespace headrace::sim {

std::string redrive_policy(const std::string& dead_letter_queue, std::uint64_t max_receives) {
  return R"({"deadLetterTargetArn":")" + to_arn(address_of(dead_letter_queue)) +
         R"(","maxReceiveCount":)" + std::to_string(max_receives) + "}";
}

queue::AttributeMap attributes_of(const QueueSetup& setup) {
  queue::AttributeMap attributes = {{"VisibilityTimeout", std::to_string(setup.visibility)},
                                    {"MessageRetentionPeriod", std::to_string(setup.retention)},
                                    {"MaximumMessageSize", std::to_string(kMessageBytesMax)}};
  if (!setup.dead_letter_queue.empty()) {
    attributes["RedrivePolicy"] = redrive_policy(setup.dead_letter_queue, setup.max_receives);
  }
  if (!setup.fifo) return attributes;
  const bool by_group = setup.deduplicates_by_group;
  attributes["FifoQueue"] = "true";
  attributes["DelaySeconds"] = std::to_string(setup.delay);
  attributes["ContentBasedDeduplication"] = setup.content_based ? "true" : "false";
  attributes["DeduplicationScope"] = by_group ? "messageGroup" : "queue";
  attributes["FifoThroughputLimit"] = by_group ? "perMessageGroupId" : "perQueue";
  return attributes;
}

}  // namespace headrace::sim

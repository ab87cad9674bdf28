// A queue's attributes, typed; their SQS text forms both ways (spec 4.1).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "queue/error.hpp"

namespace headrace::queue {

// Name -> value, as they stand in CreateQueue, SetQueueAttributes and GetQueueAttributes.
using AttributeMap = std::map<std::string, std::string, std::less<>>;

struct RedrivePolicy {
  std::string dead_letter_target_arn;
  std::uint32_t max_receive_count = 0;

  friend bool operator==(const RedrivePolicy&, const RedrivePolicy&) = default;
};

// Who may name this queue as its dead-letter queue. Without one, everybody.
struct RedriveAllowPolicy {
  enum class Permission : std::uint8_t { kAllowAll, kDenyAll, kByQueue };
  Permission permission = Permission::kAllowAll;
  std::vector<std::string> source_queue_arns;  // kByQueue: 1 to 10

  friend bool operator==(const RedriveAllowPolicy&, const RedriveAllowPolicy&) = default;
};

struct QueueAttributes {
  std::int64_t visibility_timeout;    // seconds, as all that follow
  std::int64_t maximum_message_size;  // bytes
  std::int64_t message_retention_period;
  std::int64_t delay_seconds;
  std::int64_t receive_message_wait_time;
  std::optional<RedrivePolicy> redrive_policy;
  std::optional<RedriveAllowPolicy> redrive_allow_policy;
  std::string policy;
  std::string kms_master_key_id;
  std::int64_t kms_data_key_reuse_period;
  bool sqs_managed_sse_enabled = true;

  // FIFO queues only.
  bool fifo_queue = false;  // never changes
  bool content_based_deduplication = false;
  bool deduplicates_per_group = false;  // DeduplicationScope messageGroup
  bool limits_per_group = false;        // FifoThroughputLimit perMessageGroupId

  QueueAttributes();  // AWS's defaults

  // Takes the given attributes over these; nothing changes when one of them is refused. The type
  // of a queue is given when it is created.
  // Fails: InvalidAttributeName, InvalidAttributeValue, InvalidParameterValue (redrive policies).
  Status set(const AttributeMap& given);
  Status set_at_creation(const AttributeMap& given);

  // The attributes that have a value, without the computed ones.
  AttributeMap to_map() const;
};

// True for the 22 names GetQueueAttributes knows, `All` included.
bool is_queue_attribute(std::string_view name);

}  // namespace headrace::queue

// A queue's attributes, typed; their SQS text forms both ways (spec 4.1).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "queue/error.hpp"

namespace headrace::queue {

// Name -> value, as they stand in CreateQueue, SetQueueAttributes and GetQueueAttributes.
using AttributeMap = std::map<std::string, std::string, std::less<>>;

struct RedrivePolicy {
  std::string dead_letter_target_arn;
  std::uint32_t max_receive_count = 0;

  friend bool operator==(const RedrivePolicy&, const RedrivePolicy&) = default;
};

struct QueueAttributes {
  std::int64_t visibility_timeout;    // seconds, as all that follow
  std::int64_t maximum_message_size;  // bytes
  std::int64_t message_retention_period;
  std::int64_t delay_seconds;
  std::int64_t receive_message_wait_time;
  std::optional<RedrivePolicy> redrive_policy;
  std::string policy;
  std::string kms_master_key_id;
  std::int64_t kms_data_key_reuse_period;
  bool sqs_managed_sse_enabled = true;

  QueueAttributes();  // AWS's defaults

  // Takes the given attributes over these; nothing changes when one of them is refused.
  // Fails: InvalidAttributeName, InvalidAttributeValue, InvalidParameterValue (RedrivePolicy),
  // UnsupportedOperation for what is not built (FIFO, RedriveAllowPolicy).
  Status set(const AttributeMap& given);

  // The attributes that have a value, without the computed ones.
  AttributeMap to_map() const;
};

// True for the 22 names GetQueueAttributes knows, `All` included.
bool is_queue_attribute(std::string_view name);

}  // namespace headrace::queue

#include "queue/queue_attributes.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/json.hpp"
#include "base/json_writer.hpp"
#include "queue/limits.hpp"
#include "queue/message.hpp"

namespace headrace::queue {

namespace {

struct NumericAttribute {
  std::string_view name;
  std::int64_t QueueAttributes::*field;
  std::int64_t min, max, standard;
};

constexpr std::array<NumericAttribute, 6> kNumericAttributes = {{
    {"VisibilityTimeout", &QueueAttributes::visibility_timeout, 0, kVisibilityTimeoutMax,
     kVisibilityTimeoutDefault},
    {"MaximumMessageSize", &QueueAttributes::maximum_message_size, kMessageSizeMin, kMessageSizeMax,
     kMessageSizeMax},
    {"MessageRetentionPeriod", &QueueAttributes::message_retention_period, kRetentionMin,
     kRetentionMax, kRetentionDefault},
    {"DelaySeconds", &QueueAttributes::delay_seconds, 0, kDelaySecondsMax, 0},
    {"ReceiveMessageWaitTimeSeconds", &QueueAttributes::receive_message_wait_time, 0,
     kWaitTimeSecondsMax, 0},
    {"KmsDataKeyReusePeriodSeconds", &QueueAttributes::kms_data_key_reuse_period, kKmsReuseMin,
     kKmsReuseMax, kKmsReuseDefault},
}};

constexpr std::array<std::string_view, 22> kNames = {"All",
                                                     "Policy",
                                                     "VisibilityTimeout",
                                                     "MaximumMessageSize",
                                                     "MessageRetentionPeriod",
                                                     "ApproximateNumberOfMessages",
                                                     "ApproximateNumberOfMessagesNotVisible",
                                                     "ApproximateNumberOfMessagesDelayed",
                                                     "CreatedTimestamp",
                                                     "LastModifiedTimestamp",
                                                     "QueueArn",
                                                     "DelaySeconds",
                                                     "ReceiveMessageWaitTimeSeconds",
                                                     "RedrivePolicy",
                                                     "RedriveAllowPolicy",
                                                     "FifoQueue",
                                                     "ContentBasedDeduplication",
                                                     "DeduplicationScope",
                                                     "FifoThroughputLimit",
                                                     "KmsMasterKeyId",
                                                     "KmsDataKeyReusePeriodSeconds",
                                                     "SqsManagedSseEnabled"};

Error invalid_value(std::string_view name) {
  return Error{ErrorCode::kInvalidAttributeValue,
               "Invalid value for the parameter " + std::string(name) + "."};
}

Error unknown_attribute(std::string_view name) {
  return Error{ErrorCode::kInvalidAttributeName, "Unknown Attribute " + std::string(name) + "."};
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// AWS accepts any case and returns lower case.
std::optional<bool> parse_boolean(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

std::optional<std::int64_t> integer_or_text(const JsonValue& value) {
  if (const auto text = value.as_string()) return parse_integer(*text);
  return value.as_integer();
}

// The texts are those AWS gives (spec 3.3, 3.4).
Result<RedrivePolicy> parse_redrive_policy(const std::string& text) {
  const auto refuse = [&text](const std::string& reason) {
    return invalid_parameter(text, "RedrivePolicy", reason);
  };
  const auto document = JsonDocument::parse(text);
  if (!document || !document->root().is_object()) {
    return Error{ErrorCode::kInvalidAttributeValue,
                 "Invalid value for the parameter RedrivePolicy. Reason: Redrive policy is not a "
                 "valid JSON map."};
  }
  const JsonValue root = document->root();
  for (const auto& [name, value] : root.members()) {
    if (name != "maxReceiveCount" && name != "deadLetterTargetArn") {
      return refuse(
          "Only following attributes are supported: [maxReceiveCount, deadLetterTargetArn].");
    }
  }
  const auto target = root.find("deadLetterTargetArn");
  if (!target) {
    return refuse("Redrive policy does not contain mandatory attribute: deadLetterTargetArn.");
  }
  const auto count = root.find("maxReceiveCount");
  if (!count) {
    return refuse("Redrive policy does not contain mandatory attribute: maxReceiveCount.");
  }
  const auto number = integer_or_text(*count);
  if (!number || *number < 1 || *number > kMaxReceiveCountMax) {
    return refuse("Invalid value for maxReceiveCount: " + count->to_json() +
                  ", valid values are from 1 to 1000 both inclusive.");
  }
  QueueAddress address;
  const auto arn = target->as_string();
  if (!arn || !parse_arn(*arn, address)) {
    return refuse("Only SQS queues are valid resources for deadLetterTargetArn.");
  }
  return RedrivePolicy{std::string(*arn), static_cast<std::uint32_t>(*number)};
}

std::string render(const RedrivePolicy& policy) {
  std::string text;
  JsonWriter(text)
      .begin_object()
      .member("deadLetterTargetArn", policy.dead_letter_target_arn)
      .member("maxReceiveCount", policy.max_receive_count)
      .end_object();
  return text;
}

Status refuse_fifo_attribute(const std::string& name, const std::string& value) {
  if (name == "FifoQueue" && parse_boolean(value) == true) {
    return Error{ErrorCode::kUnsupportedOperation, "FIFO queues are not supported yet."};
  }
  if (name == "DeduplicationScope" || name == "FifoThroughputLimit") {
    return Error{ErrorCode::kInvalidAttributeName,
                 "You can specify the " + name + " only when FifoQueue is set to true."};
  }
  return unknown_attribute(name);
}

bool is_fifo_attribute(std::string_view name) {
  return name == "FifoQueue" || name == "ContentBasedDeduplication" ||
         name == "DeduplicationScope" || name == "FifoThroughputLimit";
}

Status set_text(QueueAttributes& attributes, const std::string& name, const std::string& value) {
  if (name == "Policy") {
    const bool is_object = !value.empty() && [&value] {
      const auto document = JsonDocument::parse(value);
      return document && document->root().is_object();
    }();
    if (!value.empty() && (!is_object || value.size() > kPolicyBytesMax))
      return invalid_value(name);
    attributes.policy = value;
    return {};
  }
  if (name == "RedrivePolicy") {
    if (value.empty()) {
      attributes.redrive_policy.reset();
      return {};
    }
    auto policy = parse_redrive_policy(value);
    if (!policy) return policy.error();
    attributes.redrive_policy = std::move(*policy);
    return {};
  }
  if (name == "KmsMasterKeyId") {
    if (value.size() > kKmsKeyIdLengthMax) return invalid_value(name);
    attributes.kms_master_key_id = value;
    if (!value.empty()) attributes.sqs_managed_sse_enabled = false;
    return {};
  }
  if (name == "SqsManagedSseEnabled") {
    const auto enabled = parse_boolean(value);
    if (!enabled) return invalid_value(name);
    attributes.sqs_managed_sse_enabled = *enabled;
    if (*enabled) attributes.kms_master_key_id.clear();
    return {};
  }
  if (name == "RedriveAllowPolicy") {
    return Error{ErrorCode::kUnsupportedOperation, "RedriveAllowPolicy is not supported yet."};
  }
  return unknown_attribute(name);
}

Status set_one(QueueAttributes& attributes, const std::string& name, const std::string& value) {
  for (const NumericAttribute& numeric : kNumericAttributes) {
    if (numeric.name != name) continue;
    const auto number = parse_integer(value);
    if (!number || *number < numeric.min || *number > numeric.max) return invalid_value(name);
    attributes.*numeric.field = *number;
    return {};
  }
  if (is_fifo_attribute(name)) return refuse_fifo_attribute(name, value);
  return set_text(attributes, name, value);
}

}  // namespace

QueueAttributes::QueueAttributes() {
  for (const NumericAttribute& numeric : kNumericAttributes)
    this->*numeric.field = numeric.standard;
}

Status QueueAttributes::set(const AttributeMap& given) {
  const auto key = given.find("KmsMasterKeyId");
  const auto managed = given.find("SqsManagedSseEnabled");
  if (key != given.end() && !key->second.empty() && managed != given.end() &&
      parse_boolean(managed->second) == true) {
    return Error{ErrorCode::kInvalidAttributeName,
                 "You can use one type of server-side encryption (SSE) at one time. You can either "
                 "enable KMS SSE or SQS SSE."};
  }
  QueueAttributes changed = *this;
  for (const auto& [name, value] : given) {
    const Status status = set_one(changed, name, value);
    if (!status) return status;
  }
  *this = std::move(changed);
  return {};
}

AttributeMap QueueAttributes::to_map() const {
  AttributeMap map;
  for (const NumericAttribute& numeric : kNumericAttributes) {
    map.emplace(numeric.name, std::to_string(this->*numeric.field));
  }
  map["SqsManagedSseEnabled"] = sqs_managed_sse_enabled ? "true" : "false";
  if (!policy.empty()) map["Policy"] = policy;
  if (redrive_policy) map["RedrivePolicy"] = render(*redrive_policy);
  if (!kms_master_key_id.empty()) map["KmsMasterKeyId"] = kms_master_key_id;
  // AWS shows the period once a key is set or the period is not the default.
  if (kms_master_key_id.empty() && kms_data_key_reuse_period == kKmsReuseDefault) {
    map.erase("KmsDataKeyReusePeriodSeconds");
  }
  return map;
}

bool is_queue_attribute(std::string_view name) {
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

}  // namespace headrace::queue

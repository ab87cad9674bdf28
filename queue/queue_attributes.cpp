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

constexpr std::array<std::string_view, 3> kPermissions = {"allowAll", "denyAll", "byQueue"};

// At most this many sources are named by queue (spec 8.2).
constexpr std::size_t kAllowedSourcesMax = 10;

Result<RedriveAllowPolicy> parse_redrive_allow_policy(const std::string& text) {
  const Error refusal =
      invalid_parameter(text, "RedriveAllowPolicy",
                        "Amazon SQS can't create the redrive allow policy, as it’s in an "
                        "unsupported format.");
  const auto document = JsonDocument::parse(text);
  if (!document || !document->root().is_object()) return refusal;
  RedriveAllowPolicy policy;
  bool has_permission = false;
  for (const auto& [name, value] : document->root().members()) {
    if (name == "redrivePermission") {
      const auto permission = value.as_string();
      const auto known =
          std::find(kPermissions.begin(), kPermissions.end(), permission.value_or(""));
      if (known == kPermissions.end()) return refusal;
      policy.permission = static_cast<RedriveAllowPolicy::Permission>(known - kPermissions.begin());
      has_permission = true;
    } else if (name == "sourceQueueArns" && value.is_array()) {
      for (const JsonValue& element : value.elements()) {
        QueueAddress address;
        const auto arn = element.as_string();
        if (!arn || !parse_arn(*arn, address)) return refusal;
        policy.source_queue_arns.emplace_back(*arn);
      }
    } else {
      return refusal;
    }
  }
  const bool by_queue = policy.permission == RedriveAllowPolicy::Permission::kByQueue;
  const std::size_t sources = policy.source_queue_arns.size();
  const bool fits = by_queue ? sources >= 1 && sources <= kAllowedSourcesMax : sources == 0;
  if (!has_permission || !fits) return refusal;
  return policy;
}

std::string render(const RedriveAllowPolicy& policy) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().member("redrivePermission",
                            kPermissions[static_cast<std::size_t>(policy.permission)]);
  if (!policy.source_queue_arns.empty()) {
    out.key("sourceQueueArns").begin_array();
    for (const std::string& arn : policy.source_queue_arns) out.string(arn);
    out.end_array();
  }
  out.end_object();
  return text;
}

bool is_fifo_attribute(std::string_view name) {
  return name == "FifoQueue" || name == "ContentBasedDeduplication" ||
         name == "DeduplicationScope" || name == "FifoThroughputLimit";
}

// One of two words; absent when the text is neither.
std::optional<bool> second_of(const std::string& text, std::string_view first,
                              std::string_view second) {
  if (text == first) return false;
  if (text == second) return true;
  return std::nullopt;
}

Status set_fifo(QueueAttributes& attributes, const std::string& name, const std::string& value) {
  if (!attributes.fifo_queue) {
    if (name == "DeduplicationScope" || name == "FifoThroughputLimit") {
      return Error{ErrorCode::kInvalidAttributeName,
                   "You can specify the " + name + " only when FifoQueue is set to true."};
    }
    return unknown_attribute(name);
  }
  if (name == "FifoQueue") {
    if (parse_boolean(value) == true) return {};
    return Error{ErrorCode::kInvalidAttributeValue,
                 "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not "
                 "supported."};
  }
  std::optional<bool> set;
  bool QueueAttributes::*field = nullptr;
  if (name == "ContentBasedDeduplication") {
    set = parse_boolean(value);
    field = &QueueAttributes::content_based_deduplication;
  } else if (name == "DeduplicationScope") {
    set = second_of(value, "queue", "messageGroup");
    field = &QueueAttributes::deduplicates_per_group;
  } else {
    set = second_of(value, "perQueue", "perMessageGroupId");
    field = &QueueAttributes::limits_per_group;
  }
  if (!set) return invalid_value(name);
  attributes.*field = *set;
  return {};
}

template <class Policy>
Status set_policy(std::optional<Policy>& policy, const std::string& value,
                  Result<Policy> (*parse)(const std::string&)) {
  if (value.empty()) {
    policy.reset();
    return {};
  }
  auto parsed = parse(value);
  if (!parsed) return parsed.error();
  policy = std::move(*parsed);
  return {};
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
    return set_policy(attributes.redrive_policy, value, parse_redrive_policy);
  }
  if (name == "RedriveAllowPolicy") {
    return set_policy(attributes.redrive_allow_policy, value, parse_redrive_allow_policy);
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
  if (is_fifo_attribute(name)) return set_fifo(attributes, name, value);
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
  if (changed.limits_per_group && !changed.deduplicates_per_group) {
    return Error{ErrorCode::kInvalidAttributeValue,
                 "The perMessageGroupId value is allowed only when the value for "
                 "DeduplicationScope is messageGroup"};
  }
  *this = std::move(changed);
  return {};
}

Status QueueAttributes::set_at_creation(const AttributeMap& given) {
  const auto type = given.find("FifoQueue");
  QueueAttributes created = *this;
  created.fifo_queue = type != given.end() && parse_boolean(type->second) == true;
  const Status status = created.set(given);
  if (status) *this = std::move(created);
  return status;
}

AttributeMap QueueAttributes::to_map() const {
  AttributeMap map;
  for (const NumericAttribute& numeric : kNumericAttributes) {
    map.emplace(numeric.name, std::to_string(this->*numeric.field));
  }
  map["SqsManagedSseEnabled"] = sqs_managed_sse_enabled ? "true" : "false";
  if (!policy.empty()) map["Policy"] = policy;
  if (redrive_policy) map["RedrivePolicy"] = render(*redrive_policy);
  if (redrive_allow_policy) map["RedriveAllowPolicy"] = render(*redrive_allow_policy);
  if (fifo_queue) {
    map["FifoQueue"] = "true";
    map["ContentBasedDeduplication"] = content_based_deduplication ? "true" : "false";
    map["DeduplicationScope"] = deduplicates_per_group ? "messageGroup" : "queue";
    map["FifoThroughputLimit"] = limits_per_group ? "perMessageGroupId" : "perQueue";
  }
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

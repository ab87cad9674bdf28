#include "queue/sqs/message_rules.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "queue/limits.hpp"
#include "queue/sqs/digest.hpp"

namespace headrace::queue::sqs {

namespace {

constexpr std::string_view kTraceHeaderName = "AWSTraceHeader";
constexpr std::size_t kNumberDigitsMax = 38;
constexpr std::int64_t kNumberExponentMin = -128;
constexpr std::int64_t kNumberExponentMax = 126;

Error invalid(std::string message) {
  return Error{ErrorCode::kInvalidParameterValue, std::move(message)};
}

// "message (user) attribute 'Foo'": how AWS names an attribute in its texts.
std::string named(const AttributeInput& attribute) {
  return "message (user) attribute '" + attribute.name + "'";
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool starts_with_any_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), text.begin(),
                                                    [](char a, char b) { return a == lower(b); });
}

// AWS was seen to take umlauts, so every letter beyond ASCII passes.
bool is_name_character(char c) {
  const char l = lower(c);
  return (l >= 'a' && l <= 'z') || is_digit(c) || c == '_' || c == '-' || c == '.' ||
         static_cast<std::uint8_t>(c) >= 0x80;
}

Error list_values_unsupported() {
  return Error{ErrorCode::kUnsupportedOperation,
               "Message attribute list values in SendMessage operation are not supported."};
}

Status check_attribute_name(const AttributeInput& attribute) {
  const std::string& name = attribute.name;
  if (name.empty()) {
    return invalid("The request must contain non-empty message (user) attribute names.");
  }
  if (name.size() > kAttributeNameLengthMax) {
    return invalid("Message (user) attribute name must be shorter than 256 bytes.");
  }
  if (starts_with_any_case(name, "aws.") || starts_with_any_case(name, "amazon.")) {
    return invalid(
        "You can't use message attribute names beginning with 'AWS.' or 'Amazon.' because these "
        "strings are reserved for internal use.");
  }
  const bool well_formed = std::all_of(name.begin(), name.end(), is_name_character) &&
                           has_allowed_characters(name) && name.front() != '.' &&
                           name.back() != '.' && name.find("..") == std::string::npos;
  if (!well_formed) {
    return invalid("Invalid " + named(attribute) +
                   ": a name has letters, digits, '_', '-' and '.', neither starts nor ends with "
                   "'.' and has no two of them in a row.");
  }
  return {};
}

enum class AttributeType { kString, kNumber, kBinary, kUnknown };

// "Number.int" is a Number with a label.
AttributeType type_of(std::string_view data_type) {
  const std::string_view prefix = data_type.substr(0, data_type.find('.'));
  if (prefix == "String") return AttributeType::kString;
  if (prefix == "Number") return AttributeType::kNumber;
  if (prefix == "Binary") return AttributeType::kBinary;
  return AttributeType::kUnknown;
}

Error empty_value(const AttributeInput& attribute, const char* type) {
  return invalid("Message (user) attribute '" + attribute.name +
                 "' must contain a non-empty value of type '" + type + "'.");
}

Status check_attribute_type(const AttributeInput& attribute) {
  const std::string& type = attribute.data_type ? *attribute.data_type : std::string();
  if (type.empty()) {
    return invalid("The " + named(attribute) + " must contain a non-empty message attribute type.");
  }
  if (type.size() > kAttributeTypeLengthMax) {
    return invalid("The type of " + named(attribute) + " must be shorter than 256 bytes.");
  }
  if (type_of(type) == AttributeType::kUnknown) {
    return invalid("The type of " + named(attribute) +
                   " is invalid. You must use only the following supported type prefixes: Binary, "
                   "Number, String.");
  }
  if (!has_allowed_characters(type)) {
    return invalid("The type of " + named(attribute) + " contains invalid characters.");
  }
  return {};
}

// Takes the value out of `attribute`, whose name and type are right.
Result<MessageAttribute> take_value(AttributeInput&& attribute) {
  const AttributeType type = type_of(*attribute.data_type);
  MessageAttribute taken;
  if (type == AttributeType::kBinary) {
    if (!attribute.binary_value || attribute.binary_value->empty()) {
      return empty_value(attribute, "Binary");
    }
    taken.kind = ValueKind::kBinary;
    taken.value = std::move(*attribute.binary_value);
  } else {
    const bool is_number = type == AttributeType::kNumber;
    if (!attribute.string_value || attribute.string_value->empty()) {
      return empty_value(attribute, is_number ? "Number" : "String");
    }
    if (is_number && !is_attribute_number(*attribute.string_value)) {
      return invalid("Can't cast the value of " + named(attribute) + " to a number.");
    }
    if (!has_allowed_characters(*attribute.string_value)) {
      return invalid("The value of " + named(attribute) + " contains invalid characters.");
    }
    taken.value = std::move(*attribute.string_value);
  }
  taken.name = std::move(attribute.name);
  taken.data_type = std::move(*attribute.data_type);
  return taken;
}

Result<MessageAttribute> check_attribute(AttributeInput&& attribute) {
  if (attribute.has_list_values) return list_values_unsupported();
  if (const Status name = check_attribute_name(attribute); !name) return name.error();
  if (const Status type = check_attribute_type(attribute); !type) return type.error();
  return take_value(std::move(attribute));
}

Status check_attributes(std::vector<AttributeInput>&& given, MessageContent& content) {
  if (given.size() > kMessageAttributesMax) {
    return invalid("Number of message attributes [" + std::to_string(given.size()) +
                   "] exceeds the allowed maximum [" + std::to_string(kMessageAttributesMax) +
                   "].");
  }
  content.attributes.reserve(given.size());
  for (AttributeInput& attribute : given) {
    Result<MessageAttribute> checked = check_attribute(std::move(attribute));
    if (!checked) return checked.error();
    content.attributes.push_back(std::move(*checked));
  }
  return {};
}

// The one system attribute a sender may give is AWSTraceHeader.
Result<std::vector<MessageAttribute>> check_system_attributes(std::vector<AttributeInput>&& given) {
  std::vector<MessageAttribute> taken;
  for (AttributeInput& attribute : given) {
    if (attribute.name != kTraceHeaderName) {
      return invalid("Message system attribute name '" + attribute.name + "' is invalid.");
    }
    if (attribute.has_list_values) return list_values_unsupported();
    if (attribute.data_type != "String") {
      return invalid("The type of message (system) attribute '" + attribute.name +
                     "' is invalid. You must use only the following supported type prefixes: "
                     "String.");
    }
    if (!attribute.string_value || attribute.string_value->empty()) {
      return invalid("Message (system) attribute '" + attribute.name +
                     "' must contain a non-empty value of type 'String'.");
    }
    if (!has_allowed_characters(*attribute.string_value)) {
      return invalid("The value of message (system) attribute '" + attribute.name +
                     "' contains invalid characters.");
    }
    taken.push_back({.name = std::move(attribute.name),
                     .data_type = std::move(*attribute.data_type),
                     .kind = ValueKind::kText,
                     .value = std::move(*attribute.string_value)});
  }
  return taken;
}

// MessageGroupId and MessageDeduplicationId: printable ASCII without space.
Status check_id(const Text& id, const char* parameter) {
  if (!id || is_printable_id(*id)) return {};
  return invalid_parameter(*id, parameter,
                           std::string(parameter) +
                               " can only include alphanumeric and punctuation characters. 1 to "
                               "128 in length.");
}

Status check_plain_members(const MessageInput& message) {
  if (!has_allowed_characters(*message.body)) {
    return Error{ErrorCode::kInvalidMessageContents,
                 "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to "
                 "#xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF"};
  }
  const Integer delay = message.delay_seconds;
  if (delay && (*delay < 0 || *delay > kDelaySecondsMax)) {
    return invalid_parameter(std::to_string(*delay), "DelaySeconds",
                             "DelaySeconds must be >= 0 and <= 900.");
  }
  if (const Status group = check_id(message.group_id, "MessageGroupId"); !group) return group;
  return check_id(message.deduplication_id, "MessageDeduplicationId");
}

std::int64_t value_size(const AttributeInput& attribute) {
  const auto size = [](const Text& text) { return text ? text->size() : 0; };
  return static_cast<std::int64_t>(attribute.name.size() + size(attribute.data_type) +
                                   size(attribute.string_value) + size(attribute.binary_value));
}

// The digits of a decimal without sign and exponent, reduced to what limits it.
struct Mantissa {
  std::size_t digits = 0;     // from the first to the last that is not zero
  std::int64_t exponent = 0;  // of ten, of the first digit that is not zero
  bool well_formed = false;
  bool is_zero = true;
};

Mantissa read_mantissa(std::string_view text) {
  Mantissa mantissa;
  bool any_digit = false;
  bool after_point = false;
  std::int64_t integer_digits = 0;  // before the point, from the first that is not zero
  std::int64_t leading_zeros = 0;   // after the point, before the first that is not zero
  std::size_t seen = 0;
  for (const char c : text) {
    if (c == '.' && !after_point) {
      after_point = true;
      continue;
    }
    if (!is_digit(c)) return mantissa;
    any_digit = true;
    if (c != '0') mantissa.is_zero = false;
    if (mantissa.is_zero) {
      if (after_point) ++leading_zeros;
      continue;
    }
    ++seen;
    if (!after_point) ++integer_digits;
    if (c != '0') mantissa.digits = seen;
  }
  mantissa.exponent = integer_digits > 0 ? integer_digits - 1 : -leading_zeros - 1;
  mantissa.well_formed = any_digit;
  return mantissa;
}

}  // namespace

bool has_allowed_characters(std::string_view text) {
  static constexpr auto kSuspect = [] {
    std::array<bool, 256> table{};
    for (std::size_t i = 0; i < 0x20; ++i) table[i] = i != '\t' && i != '\n' && i != '\r';
    table[0xef] = true;  // first byte of U+FFFE and U+FFFF
    return table;
  }();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    if (!kSuspect[byte]) [[likely]]
      continue;
    if (byte < 0x20) return false;
    const std::string_view character = text.substr(i, 3);
    if (character == "\xef\xbf\xbe" || character == "\xef\xbf\xbf") return false;
  }
  return true;
}

bool is_printable_id(std::string_view id) {
  return !id.empty() && id.size() <= kGroupIdLengthMax &&
         std::all_of(id.begin(), id.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

bool is_attribute_number(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  const std::size_t e = text.find_first_of("eE");
  const Mantissa mantissa = read_mantissa(text.substr(0, e));
  if (!mantissa.well_formed || mantissa.digits > kNumberDigitsMax) return false;
  std::int32_t exponent = 0;
  if (e != std::string_view::npos) {
    std::string_view digits = text.substr(e + 1);
    if (digits.starts_with('+')) digits.remove_prefix(1);
    const char* const end = digits.data() + digits.size();
    const auto parsed = std::from_chars(digits.data(), end, exponent);
    if (digits.empty() || parsed.ec != std::errc{} || parsed.ptr != end) return false;
  }
  const std::int64_t magnitude = mantissa.exponent + exponent;
  return mantissa.is_zero || (magnitude >= kNumberExponentMin && magnitude <= kNumberExponentMax);
}

std::int64_t message_size(const MessageInput& message) {
  std::int64_t size = message.body ? static_cast<std::int64_t>(message.body->size()) : 0;
  for (const AttributeInput& attribute : message.attributes) size += value_size(attribute);
  return size;
}

Result<CheckedMessage> check_message(MessageInput&& message, const std::string& sender_id,
                                     const std::string& trace_header) {
  if (const Status plain = check_plain_members(message); !plain) return plain.error();
  auto system_attributes = check_system_attributes(std::move(message.system_attributes));
  if (!system_attributes) return system_attributes.error();

  CheckedMessage checked;
  MessageContent& content = checked.entry.content;
  if (const Status attributes = check_attributes(std::move(message.attributes), content);
      !attributes) {
    return attributes.error();
  }
  content.body = std::move(*message.body);
  content.body_md5 = md5(content.body);
  content.sender_id = sender_id;
  if (message.group_id) content.group_id = std::move(*message.group_id);
  if (message.deduplication_id) content.deduplication_id = std::move(*message.deduplication_id);
  content.trace_header = trace_header;
  checked.entry.delay_seconds = message.delay_seconds;
  checked.digests.body = content.body_md5;
  if (!content.attributes.empty()) {
    checked.digests.attributes = md5_of_attributes(content.attributes);
  }
  if (!system_attributes->empty()) {
    checked.digests.system_attributes = md5_of_attributes(*system_attributes);
    content.trace_header = std::move(system_attributes->front().value);
  }
  return checked;
}

}  // namespace headrace::queue::sqs

#include "queue/sqs/digest.hpp"

#include <algorithm>

namespace headrace::queue::sqs {

namespace {

constexpr char kTextTag = 1;  // String and Number
constexpr char kBinaryTag = 2;

void append_with_length(std::string& out, std::string_view bytes) {
  const std::size_t size = bytes.size();
  const char length[4] = {static_cast<char>(size >> 24 & 255), static_cast<char>(size >> 16 & 255),
                          static_cast<char>(size >> 8 & 255), static_cast<char>(size & 255)};
  out.append(length, sizeof length).append(bytes);
}

}  // namespace

Md5 md5_of_attributes(std::vector<const MessageAttribute*> attributes) {
  std::sort(attributes.begin(), attributes.end(),
            [](const auto* a, const auto* b) { return a->name < b->name; });
  std::string bytes;
  for (const MessageAttribute* attribute : attributes) {
    append_with_length(bytes, attribute->name);
    append_with_length(bytes, attribute->data_type);
    bytes += attribute->kind == ValueKind::kBinary ? kBinaryTag : kTextTag;
    append_with_length(bytes, attribute->value);
  }
  return md5(bytes);
}

Md5 md5_of_attributes(const std::vector<MessageAttribute>& attributes) {
  std::vector<const MessageAttribute*> pointers;
  for (const MessageAttribute& attribute : attributes) pointers.push_back(&attribute);
  return md5_of_attributes(std::move(pointers));
}

}  // namespace headrace::queue::sqs

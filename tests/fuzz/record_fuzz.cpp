// The record decoder: any bytes are refused or become a record that encodes and decodes alike.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.hpp"
#include "queue/record.hpp"

namespace headrace {
namespace {

void check_stored(std::string_view bytes) {
  const auto stored = queue::decode_stored(bytes);
  if (!stored) return;
  std::string again;
  queue::encode_stored(again, stored->message_id, stored->content);
  HR_CHECK(again == bytes);
}

void check_frame(std::string_view bytes) {
  const auto decoded = queue::decode_record(bytes);
  if (!decoded) return;
  HR_CHECK(decoded->bytes <= bytes.size());
  HR_CHECK(decoded->stored.offset + decoded->stored.size <= decoded->bytes);
  if (decoded->stored.size > 0) {
    check_stored(bytes.substr(decoded->stored.offset, decoded->stored.size));
  }
  // A send is encoded from its message, which a decoded one has only as bytes.
  if (std::holds_alternative<queue::SendRecord>(decoded->record)) return;
  std::string once;
  queue::encode_record(once, decoded->record);
  const auto again = queue::decode_record(once);
  HR_CHECK(again.has_value());
  std::string twice;
  queue::encode_record(twice, again->record);
  HR_CHECK(once == twice);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_frame(bytes);
  check_stored(bytes);
  return 0;
}

}  // namespace headrace

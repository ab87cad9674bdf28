// Receipt handles: no text but one this key made is a handle, and what is made is read back.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/check.hpp"
#include "queue/receipt_handle.hpp"

namespace headrace {
namespace {

std::uint64_t take_number(std::string_view& bytes) {
  std::uint64_t number = 0;
  const std::size_t size = std::min(bytes.size(), sizeof number);
  std::memcpy(&number, bytes.data(), size);
  bytes.remove_prefix(size);
  return number;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const queue::ReceiptHandles handles(queue::HandleKey{7});
  std::string_view bytes(reinterpret_cast<const char*>(data), size);
  HR_CHECK(!handles.decode(bytes).has_value());

  queue::Receipt receipt;
  receipt.queue = queue::QueueId(take_number(bytes));
  receipt.sequence = queue::Sequence(take_number(bytes));
  receipt.receive_number = static_cast<std::uint32_t>(take_number(bytes));
  const auto decoded = handles.decode(handles.encode(receipt));
  HR_CHECK(decoded.has_value());
  HR_CHECK(decoded->queue == receipt.queue);
  HR_CHECK(decoded->sequence == receipt.sequence);
  HR_CHECK(decoded->receive_number == receipt.receive_number);
  return 0;
}

}  // namespace headrace

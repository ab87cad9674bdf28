#include "queue/receipt_handle.hpp"

#include <algorithm>

#include "base/codec.hpp"
#include "base/mutant.hpp"
#include "queue/bytes.hpp"

namespace headrace::queue {

namespace {

constexpr std::uint8_t kHandleVersion = 1;
constexpr std::size_t kSignedBytes = 1 + 8 + 8 + 4;
constexpr std::size_t kHandleBytes = kSignedBytes + 16;

}  // namespace

ReceiptHandles::ReceiptHandles(const HandleKey& key) {
  std::copy_n(key.begin(), 16, first_key_.begin());
  std::copy_n(key.begin() + 16, 16, second_key_.begin());
}

std::array<std::uint64_t, 2> ReceiptHandles::mac(std::string_view bytes) const {
  return {siphash(first_key_, bytes), siphash(second_key_, bytes)};
}

std::string ReceiptHandles::encode(const Receipt& receipt) const {
  std::string bytes;
  bytes.reserve(kHandleBytes);
  ByteWriter out(bytes);
  out.put(kHandleVersion);
  out.put(receipt.queue.value());
  out.put(receipt.sequence.value());
  out.put(receipt.receive_number);
  const auto tag = mac(bytes);
  out.put(tag[0]);
  out.put(tag[1]);
  return base64url_encode(bytes);
}

std::optional<Receipt> ReceiptHandles::decode(std::string_view handle) const {
  const auto bytes = base64url_decode(handle);
  if (!bytes || bytes->size() != kHandleBytes) return std::nullopt;
  ByteReader in(*bytes);
  const auto version = in.take<std::uint8_t>();
  Receipt receipt;
  receipt.queue = QueueId(in.take<std::uint64_t>());
  receipt.sequence = Sequence(in.take<std::uint64_t>());
  receipt.receive_number = in.take<std::uint32_t>();
  const std::array<std::uint64_t, 2> tag = {in.take<std::uint64_t>(), in.take<std::uint64_t>()};
  const auto expected = mac(std::string_view(*bytes).substr(0, kSignedBytes));
  // Compared as a whole: the time does not tell how much of a guess was right.
  const std::uint64_t difference = (tag[0] ^ expected[0]) | (tag[1] ^ expected[1]);
  if (version != kHandleVersion || (difference != 0 && !HR_MUTANT(22))) return std::nullopt;
  return receipt;
}

}  // namespace headrace::queue

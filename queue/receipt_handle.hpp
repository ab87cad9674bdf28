// Receipt handles: which queue, message and receive, under a MAC, so that garbage, another server's
// and another queue's handle are told apart without a table, also after a restart (design 8.5).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "queue/message.hpp"

namespace headrace::queue {

// 32 random bytes; a data directory keeps them in a file of mode 0600.
using HandleKey = std::array<std::uint8_t, 32>;

// The keys of a store: of its receipt handles, and of the hashes it keeps of groups and
// deduplication ids. One for both, until a copy of the store gets a key of its own for handles: it
// hands out sequences that the original hands out too.
struct StoreKeys {
  StoreKeys(const HandleKey& both = {}) : handles(both), texts(both) {}
  HandleKey handles;
  HandleKey texts;
};

struct Receipt {
  QueueId queue;
  Sequence sequence;
  std::uint32_t receive_number = 0;
};

class ReceiptHandles {
 public:
  explicit ReceiptHandles(const HandleKey& key);

  std::string encode(const Receipt& receipt) const;
  // Empty when the text is no handle made under this key.
  std::optional<Receipt> decode(std::string_view handle) const;

 private:
  std::array<std::uint64_t, 2> mac(std::string_view bytes) const;

  std::array<std::uint8_t, 16> first_key_;
  std::array<std::uint8_t, 16> second_key_;
};

}  // namespace headrace::queue

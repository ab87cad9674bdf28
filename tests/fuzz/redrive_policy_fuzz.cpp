// Policy JSON: a RedrivePolicy is refused, or means the same when read back from its own text.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.hpp"
#include "queue/queue_attributes.hpp"

namespace headrace {
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  queue::QueueAttributes attributes;
  if (!attributes.set({{"RedrivePolicy", text}})) return 0;
  queue::QueueAttributes again;
  HR_CHECK(again.set(attributes.to_map()).has_value());
  HR_CHECK(again.redrive_policy == attributes.redrive_policy);
  return 0;
}

}  // namespace headrace

#include "queue/bytes.hpp"

#include <utility>

namespace headrace::queue {

void put_map(ByteWriter& out, const TextMap& map) {
  out.put(static_cast<std::uint32_t>(map.size()));
  for (const auto& [name, value] : map) {
    out.put_text(name);
    out.put_text(value);
  }
}

TextMap take_map(ByteReader& in) {
  TextMap map;
  const auto count = in.take<std::uint32_t>();
  for (std::uint32_t i = 0; i < count && !in.failed(); ++i) {
    std::string name(in.take_text());
    map.emplace(std::move(name), in.take_text());
  }
  return map;
}

}  // namespace headrace::queue

// Handler files: whatever a file claims, reading its note stays inside it and bounded.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.hpp"
#include "base/codec.hpp"
#include "functions/handler_file.hpp"

namespace headrace {

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto note = functions::read_handler_file(bytes);
  if (!note || !*note) return 0;
  HR_CHECK(valid_utf8((*note)->name));
  HR_CHECK(valid_utf8((*note)->sdk));
  HR_CHECK((*note)->name.size() < size);
  return 0;
}

}  // namespace headrace

#include "runtime/lambda/page.hpp"

#include <algorithm>
#include <charconv>

namespace headrace::runtime::lambda {

Result<Page> read_page(const Call& call, std::size_t size_max) {
  Page page;
  page.size = size_max;
  const std::string_view items = call.parameter("MaxItems");
  if (!items.empty()) {
    std::size_t wanted = 0;
    const auto read = std::from_chars(items.data(), items.data() + items.size(), wanted);
    if (read.ec != std::errc() || read.ptr != items.data() + items.size() || wanted == 0) {
      return validation_error(items, "maxItems", "have value greater than or equal to 1");
    }
    if (wanted > kMaxItemsMax) {
      return validation_error(items, "maxItems", "have value less than or equal to 10000");
    }
    page.size = std::min(wanted, size_max);
  }
  const auto after = base64_decode(call.parameter("Marker"));
  if (!after) return invalid_parameter("The Marker is none of this list.");
  page.after = *after;
  return page;
}

}  // namespace headrace::runtime::lambda

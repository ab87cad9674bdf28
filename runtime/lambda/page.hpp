// Pages of lists: Marker and MaxItems. A marker is the name of the last entry of the page before,
// so that what comes and goes meanwhile shifts no page. Pure.
#pragma once

#include <cstddef>
#include <string>

#include "base/codec.hpp"
#include "base/json_writer.hpp"
#include "runtime/lambda/routes.hpp"

namespace headrace::runtime::lambda {

inline constexpr std::size_t kMaxItemsMax = 10'000;

struct Page {
  std::string after;      // entries after this one
  std::size_t size = 50;  // at most so many
};

// MaxItems above `size_max` gives pages of that size, as on AWS.
Result<Page> read_page(const Call& call, std::size_t size_max);

// Writes the entries of one page with `write`, then NextMarker when there are more. `key` names an
// entry; entries stand in the order of their keys.
template <class Entries, class Key, class Write>
void write_page(JsonWriter& out, const char* member, const Page& page, const Entries& entries,
                const Key& key, const Write& write) {
  out.key(member).begin_array();
  std::size_t written = 0;
  std::string last;
  bool more = false;
  for (const auto& entry : entries) {
    if (!page.after.empty() && key(entry) <= page.after) continue;
    more = written == page.size;
    if (more) break;
    write(out, entry);
    last = key(entry);
    ++written;
  }
  out.end_array();
  if (more) out.member("NextMarker", base64_encode(last));
}

}  // namespace headrace::runtime::lambda

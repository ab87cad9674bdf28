// A filter pattern, a line end, and a message body: the pattern is refused, or answers the same
// each time, and a second filter never takes a message away.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.hpp"
#include "runtime/filter_pattern.hpp"

namespace headrace {
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::size_t line_end = text.find('\n');
  if (line_end == std::string::npos) return 0;
  runtime::FilterCriteria criteria;
  if (!criteria.add(text.substr(0, line_end))) return 0;
  functions::Event event;
  event.source_arn = "arn:aws:sqs:us-east-1:000000000000:signup";
  event.region = "us-east-1";
  event.records.emplace_back().body = text.substr(line_end + 1);
  const bool matched = criteria.matches(event, event.records[0]);
  HR_CHECK(criteria.matches(event, event.records[0]) == matched);
  HR_CHECK(criteria.add(R"({"body":{"never":["there"]}})").has_value());
  HR_CHECK(criteria.matches(event, event.records[0]) || !matched);
  return 0;
}

}  // namespace headrace

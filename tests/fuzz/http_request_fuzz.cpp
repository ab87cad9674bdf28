// HTTP requests: any bytes are parsed or refused, and how they were cut into pieces does not
// matter.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.hpp"
#include "runtime/http/request_parser.hpp"

namespace headrace {
namespace {

struct Parsed {
  runtime::RequestParser::State state = runtime::RequestParser::State::kHead;
  int status = 0;
  std::size_t taken = 0;
  std::string body;
};

Parsed parse(std::string_view bytes, std::size_t piece) {
  const runtime::RequestLimits limits;
  runtime::RequestParser parser(limits);
  Parsed parsed;
  while (parsed.taken < bytes.size()) {
    const std::size_t size = std::min(piece, bytes.size() - parsed.taken);
    const std::size_t taken = parser.feed(bytes.substr(parsed.taken, size));
    parsed.taken += taken;
    if (taken == 0) break;
  }
  parsed.state = parser.state();
  if (parsed.state == runtime::RequestParser::State::kRefused) {
    parsed.status = parser.refusal().status;
    parsed.taken = 0;  // how far a refused request was read says nothing
  }
  if (parsed.state == runtime::RequestParser::State::kComplete) parsed.body = parser.take().body;
  return parsed;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Parsed whole = parse(bytes, std::max<std::size_t>(size, 1));
  const Parsed pieces = parse(bytes, 1);
  HR_CHECK(whole.state == pieces.state);
  HR_CHECK(whole.status == pieces.status);
  HR_CHECK(whole.taken == pieces.taken);
  HR_CHECK(whole.body == pieces.body);
  return 0;
}

}  // namespace headrace

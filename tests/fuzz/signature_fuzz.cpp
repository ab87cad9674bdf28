// Signature Version 4 from bytes of strangers: lines of path, query, one header each, an empty
// line, and the body. What is whole can be checked without an accident, what headrace signs itself
// checks, and a file of users of any content is read or refused.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.hpp"
#include "runtime/auth/credentials.hpp"
#include "runtime/auth/sigv4.hpp"

namespace headrace::runtime {
namespace {

std::string_view take_line(std::string_view& rest) {
  const std::string_view line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  return line;
}

HttpRequest parse(std::string_view bytes) {
  HttpRequest request;
  request.method = "POST";
  request.path = take_line(bytes);
  request.query = take_line(bytes);
  for (std::string_view line = take_line(bytes); !line.empty(); line = take_line(bytes)) {
    const std::string_view name = line.substr(0, line.find(':'));
    request.headers.push_back({name, line.substr(std::min(name.size() + 1, line.size()))});
  }
  request.body = bytes;
  return request;
}

void check_claim(const HttpRequest& request) {
  const ReadClaim read = read_claim(request);
  if (read.kind != ClaimKind::kWhole) return;
  HR_CHECK(read.claim.timestamp.substr(0, 8) == read.claim.scope.date);
  HR_CHECK(to_timestamp(read.claim.signed_at) == read.claim.timestamp);
  const auto text = string_to_sign(request, read.claim);
  if (!text) return;
  const Sha256 right = sign(signing_key("secret", read.claim.scope), *text);
  HR_CHECK(same_signature(right, read.claim.signature) == (right == read.claim.signature));
}

// The same path, query and body, signed by us.
void check_own(const HttpRequest& from) {
  HttpRequest request;
  request.method = from.method;
  request.path = from.path;
  request.query = from.query;
  request.headers = {{"host", "localhost"}, {"x-amz-date", "20260102T030405Z"}};
  request.body = from.body;
  if (read_claim(request).kind != ClaimKind::kNone) return;  // its query claims something itself
  const std::string header =
      authorization(request, "secret", {"AKID", "20260102", "us-east-1", "sqs"});
  request.headers.push_back({"authorization", header});
  const ReadClaim read = read_claim(request);
  HR_CHECK(read.kind == ClaimKind::kWhole);
  const auto text = string_to_sign(request, read.claim);
  HR_CHECK(text.has_value());
  const Sha256 right = sign(signing_key("secret", read.claim.scope), *text);
  HR_CHECK(same_signature(right, read.claim.signature));
}

}  // namespace
}  // namespace headrace::runtime

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const headrace::HttpRequest request = headrace::runtime::parse(bytes);
  headrace::runtime::check_claim(request);
  headrace::runtime::check_own(request);
  static_cast<void>(headrace::runtime::parse_credentials(bytes, "000000000000"));
  return 0;
}

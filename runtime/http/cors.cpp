#include "runtime/http/cors.hpp"

#include <algorithm>

#include "runtime/http/authority.hpp"

namespace headrace::runtime {
namespace {

constexpr const char* kMethods = "GET, POST, OPTIONS";

// What the SDKs for browsers send.
constexpr const char* kRequestHeaders =
    "authorization, content-type, content-length, content-md5, cache-control, "
    "x-amz-content-sha256, "
    "x-amz-date, x-amz-security-token, x-amz-target, x-amz-user-agent, x-amzn-query-mode, "
    "amz-sdk-invocation-id, amz-sdk-request, x-amzn-trace-id";

// What they read beside the body.
constexpr const char* kResponseHeaders = "x-amzn-requestid, x-amzn-query-error, x-amzn-errortype";

// How long a browser need not ask again. An origin that is no longer allowed is refused all the
// same.
constexpr const char* kPreflightSeconds = "600";

}  // namespace

bool is_origin(std::string_view text) {
  constexpr std::uint16_t kHttpPort = 80;
  constexpr std::uint16_t kHttpsPort = 443;
  const bool secure = text.starts_with("https://");
  if (!secure && !text.starts_with("http://")) return false;
  const auto authority = parse_authority(text.substr(text.find("//") + 2));
  return authority && authority->port != (secure ? kHttpsPort : kHttpPort);
}

bool is_allowed(std::string_view origin, const AllowedOrigins& origins) {
  return std::any_of(origins.begin(), origins.end(), [origin](const std::string& allowed) {
    return equals_ignoring_case(origin, allowed);
  });
}

std::string_view allowed_origin(const HttpRequest& request, const AllowedOrigins& origins) {
  if (origins.empty()) return {};
  const std::string_view origin = request.header("origin");
  return is_allowed(origin, origins) ? origin : std::string_view();
}

std::optional<HttpResponse> answer_preflight(const HttpRequest& request,
                                             const AllowedOrigins& origins) {
  if (request.method != "OPTIONS") return std::nullopt;
  if (request.header("access-control-request-method").empty()) return std::nullopt;
  const std::string_view origin = allowed_origin(request, origins);
  if (origin.empty()) return std::nullopt;
  HttpResponse response;
  response.status = 204;
  response.headers.emplace_back("Access-Control-Allow-Methods", kMethods);
  response.headers.emplace_back("Access-Control-Allow-Headers", kRequestHeaders);
  response.headers.emplace_back("Access-Control-Max-Age", kPreflightSeconds);
  allow_reading(response, origin);
  return response;
}

void allow_reading(HttpResponse& response, std::string_view origin) {
  if (origin.empty()) return;
  response.headers.emplace_back("Access-Control-Allow-Origin", origin);
  response.headers.emplace_back("Access-Control-Expose-Headers", kResponseHeaders);
  response.headers.emplace_back("Vary", "Origin");
}

}  // namespace headrace::runtime

#include "runtime/http/guard.hpp"

#include <algorithm>

#include "runtime/http/authority.hpp"

namespace headrace::runtime {
namespace {

constexpr std::string_view kJsonType = "application/x-amz-json-1.0";
constexpr std::string_view kLocalSuffix = ".localhost";

bool ends_with_ignoring_case(std::string_view text, std::string_view suffix) {
  return text.size() > suffix.size() &&
         equals_ignoring_case(text.substr(text.size() - suffix.size()), suffix);
}

bool is_known_host(std::string_view text, const GuardConfig& config) {
  const std::optional<Authority> authority = parse_authority(text);
  if (!authority) return false;
  if (authority->kind != HostKind::kName) return true;
  const std::string_view host = authority->host;
  if (host.find('.') == std::string_view::npos) return true;
  if (ends_with_ignoring_case(host, kLocalSuffix)) return true;
  const auto same = [host](const std::string& name) { return equals_ignoring_case(host, name); };
  return same(config.public_host) || std::any_of(config.hosts.begin(), config.hosts.end(), same);
}

bool is_own_origin(std::string_view origin, std::string_view host) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (origin.starts_with(scheme)) {
      return equals_ignoring_case(origin.substr(scheme.size()), host);
    }
  }
  return false;
}

bool has_header(const HttpRequest& request, std::string_view name) {
  return std::any_of(request.headers.begin(), request.headers.end(),
                     [name](const HttpHeaderView& header) { return header.name == name; });
}

}  // namespace

bool is_health(const HttpRequest& request) {
  if (request.method != "GET" && request.method != "HEAD") return false;
  return request.path == "/_headrace/health" || request.path == "/_localstack/health";
}

std::optional<Refusal> check_guard(const HttpRequest& request, const GuardConfig& config) {
  if (is_health(request)) return std::nullopt;
  const std::string_view host = request.header("host");
  if (!is_known_host(host, config)) {
    return Refusal{421,
                   "This server is not known by that Host; name it in server.hosts of the "
                   "configuration."};
  }
  for (const HttpHeaderView& header : request.headers) {
    if (header.name != "origin") continue;
    if (!is_own_origin(header.value, host) && !is_allowed(header.value, config.origins)) {
      return Refusal{403, "Requests from this Origin are not allowed."};
    }
  }
  // Also images and links say where they come from, and those carry no Origin.
  const std::string_view site = request.header("sec-fetch-site");
  const bool foreign =
      equals_ignoring_case(site, "cross-site") || equals_ignoring_case(site, "same-site");
  if (foreign && allowed_origin(request, config.origins).empty()) {
    return Refusal{403, "Requests from other sites' pages are not allowed."};
  }
  // A form cannot send this type; a script that does must ask the browser first, which asks us.
  const bool is_json = equals_ignoring_case(media_type_of(request), kJsonType);
  if (has_header(request, "x-amz-target") && !is_json) {
    return Refusal{415, "X-Amz-Target needs Content-Type: application/x-amz-json-1.0."};
  }
  return std::nullopt;
}

}  // namespace headrace::runtime

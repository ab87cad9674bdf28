#include "functions/function_url.hpp"

#include <memory>

#include <arpa/inet.h>
#include <curl/curl.h>

#include "functions/curl_http_client.hpp"

namespace headrace::functions {

namespace {

using CurlUrl = std::unique_ptr<CURLU, void (*)(CURLU*)>;

// Empty when the URL has no such part.
std::string part_of(const CurlUrl& url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, 0) != CURLUE_OK) return {};
  std::string copy = text;
  curl_free(text);
  return copy;
}

bool is_forbidden_host(std::string host) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  if (inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    return is_forbidden_address(AF_INET, &v4);
  }
  if (!host.starts_with('[') || !host.ends_with(']')) return false;
  host = host.substr(1, host.size() - 2);
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  return inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1 &&
         is_forbidden_address(AF_INET6, &v6);
}

Error refuse(const char* reason) { return Error{ErrorCode::kInvalid, reason}; }

}  // namespace

Status check_function_url(const std::string& text) {
  const CurlUrl url(curl_url(), curl_url_cleanup);
  const bool read = curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) == CURLUE_OK;
  const std::string scheme = part_of(url, CURLUPART_SCHEME);
  if (!read || (scheme != "http" && scheme != "https")) {
    return refuse("expected an http:// or https:// address");
  }
  if (!part_of(url, CURLUPART_USER).empty() || !part_of(url, CURLUPART_PASSWORD).empty()) {
    return refuse("expected an address without a user or password: they would stand in logs");
  }
  if (is_forbidden_host(part_of(url, CURLUPART_HOST))) {
    return refuse("is link-local or otherwise no function's address");
  }
  return {};
}

}  // namespace headrace::functions

// The guard: keeps web pages in the developer's browser away from the queues. It runs before
// routing, on every route but health.
//
// Pure. A page on another site can make a browser send requests here, but not without the browser
// saying so: in Origin, in Sec-Fetch-Site, or, after DNS rebinding, in a public Host name
// (CWE-352, CWE-346, CWE-350).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/http.hpp"
#include "runtime/http/cors.hpp"
#include "runtime/http/head_scan.hpp"

namespace headrace::runtime {

struct GuardConfig {
  std::string public_host;         // of public_url, without port; empty: none
  std::vector<std::string> hosts;  // further names this server is reached by
  AllowedOrigins origins;          // foreign pages that may use it
};

// Whether the server is there: open to everybody.
bool is_health(const HttpRequest& request);

// Nothing when the request may pass. As Host pass IP literals, single-label names, *.localhost and
// configured names: none of them is a name that a stranger's DNS can point at this machine.
std::optional<Refusal> check_guard(const HttpRequest& request, const GuardConfig& config);

}  // namespace headrace::runtime

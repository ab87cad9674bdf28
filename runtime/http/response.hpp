// The bytes of a reply's head, and the replies the server itself gives.
#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/http.hpp"
#include "runtime/http/head_scan.hpp"

namespace headrace::runtime {

enum class ConnectionHeader { kNone, kClose, kKeepAlive };

// 204 and 304 end with their head (RFC 9112 section 6.3).
bool may_have_body(int status);

// The Date line and what every reply carries; rendered once per sweep, not per reply.
std::string render_common_headers(TimePoint now);

// Appends status line, headers and the empty line; Content-Length is the body's size. Control
// characters in a handler's header values become spaces: no value can add a header.
void append_response_head(std::string& out, const HttpResponse& response,
                          std::string_view common_headers, ConnectionHeader connection);

// The reply to a request that is not served, in the protocol its caller speaks; plain text to who
// speaks neither.
HttpResponse refusal_response(const Refusal& refusal, const HttpRequest& request,
                              std::string_view request_id);

}  // namespace headrace::runtime

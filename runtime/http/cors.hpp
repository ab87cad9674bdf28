// CORS: which other pages a browser may let talk to this server (spec/sqs.md section 2.7). None but
// those whose origin the configuration names; never a wildcard.
//
// Pure. The guard refuses every foreign origin; these pass it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/http.hpp"

namespace headrace::runtime {

// Origins as browsers send them: "https://console.example.com", "http://localhost:5173".
using AllowedOrigins = std::vector<std::string>;

// Whether the text has the form of an origin: http or https, a host, and a port where it is not the
// scheme's own.
bool is_origin(std::string_view text);

bool is_allowed(std::string_view origin, const AllowedOrigins& origins);

// The request's Origin when it is allowed; empty otherwise.
std::string_view allowed_origin(const HttpRequest& request, const AllowedOrigins& origins);

// The answer to what a browser asks before a page's request; none when the request is no such
// question, or is asked for a page that is not allowed.
std::optional<HttpResponse> answer_preflight(const HttpRequest& request,
                                             const AllowedOrigins& origins);

// Lets the page of that origin read the answer. Nothing happens for an empty one.
void allow_reading(HttpResponse& response, std::string_view origin);

}  // namespace headrace::runtime

// What the Runtime API says and is told, in HTTP. Pure. Texts, types and statuses: AWS's.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/http.hpp"
#include "functions/error_payload.hpp"

namespace headrace::functions::runtime_api {

HttpResponse accepted();
HttpResponse unknown_request_id();
HttpResponse unknown_response_mode();
HttpResponse request_too_large();
HttpResponse refused_transition(std::string_view from, std::string_view to);

// Ours: the caller has no token of a worker, or of one that is no more.
HttpResponse unknown_worker();
HttpResponse worker_ended();

// Absent, or "streaming": its bytes are taken as a whole.
bool has_known_response_mode(const HttpRequest& request);

// What a runtime posts when a handler, or its init, failed.
struct ReportedError {
  FunctionError error;   // without trace
  std::string document;  // the body, when it is a JSON object
};

// `origin` is Function or Runtime, for an error that says nothing of its type.
ReportedError read_error(const HttpRequest& request, std::string_view origin);

// The error after a response: a runtime that has begun to send one, and then fails, says so in
// trailers.
std::optional<ReportedError> read_late_error(const HttpRequest& request);

}  // namespace headrace::functions::runtime_api

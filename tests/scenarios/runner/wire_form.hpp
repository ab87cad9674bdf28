// The wire form: how an action and its members become a request, and a response an answer. The only
// place of the scenarios that knows a protocol: AWS JSON 1.0 (spec 2.1).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/http.hpp"
#include "base/json.hpp"

namespace headrace::scenarios {

// A POST.
struct WireRequest {
  std::string path;
  std::vector<std::pair<std::string, std::string>> headers;  // without Host and Content-Length
  std::string body;
};

// What a client's library would make of a response.
struct Answer {
  int status = 0;
  JsonDocument members;  // of the output; of an error: code, type, status and message
};

WireRequest to_request(const std::string& action, std::string members);

// Fails when the response is not of the protocol.
Result<Answer> to_answer(const HttpResponse& response);

}  // namespace headrace::scenarios

// WireForm: how an action and its members become a request, and a response an answer. Scenarios
// name members as AWS JSON does; the two forms here are the only places that know a protocol.
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

struct WireForm {
  // `members` is a JSON object.
  WireRequest (*to_request)(const std::string& action, const std::string& members);
  // Fails when the response is not of the protocol.
  Result<Answer> (*to_answer)(const std::string& action, const HttpResponse& response);
};

extern const WireForm kJsonForm;   // AWS JSON 1.0, spec 2.1
extern const WireForm kQueryForm;  // AWS Query, spec 2.2

// The first header of that name, in any case; empty when there is none.
std::string header_of(const HttpResponse& response, std::string_view name);

struct ErrorMembers {
  std::string code;  // the Query protocol's
  std::string type;  // the shape
  int status = 0;
  std::string message;
};
Result<Answer> to_error_answer(const ErrorMembers& error);

}  // namespace headrace::scenarios

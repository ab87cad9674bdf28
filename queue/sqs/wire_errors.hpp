// How an Error looks to the caller: AWS's shape, the code of the old Query protocol, the HTTP
// status (spec 3.1, 3.2). Nothing else knows these names, but the HTTP server for what it refuses
// before it reads a request to its end (runtime/http/response.cpp).
#pragma once

#include <string>
#include <string_view>

#include "base/http.hpp"
#include "queue/error.hpp"

namespace headrace::queue::sqs {

inline constexpr std::string_view kJsonContentType = "application/x-amz-json-1.0";
inline constexpr std::string_view kRequestIdHeader = "x-amzn-RequestId";

enum class Fault { kSender, kReceiver };

std::string_view name_of(Fault fault);

struct WireError {
  std::string_view type;        // "com.amazonaws.sqs#QueueDoesNotExist"
  std::string_view query_code;  // "AWS.SimpleQueueService.NonExistentQueue"
  int status = 400;
  Fault fault = Fault::kSender;
};

WireError wire_error(ErrorCode code);

// The whole response of the JSON protocol. AWS sends x-amzn-query-error on every error there; older
// applications read it.
HttpResponse json_error(const Error& error, std::string_view request_id);

}  // namespace headrace::queue::sqs

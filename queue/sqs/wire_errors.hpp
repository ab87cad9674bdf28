// How an Error looks to the caller: AWS's shape, the code of the old Query protocol, the HTTP
// status (spec 3.1, 3.2). Nothing else in the tree knows these names.
#pragma once

#include <string>
#include <string_view>

#include "base/http.hpp"
#include "queue/error.hpp"

namespace headrace::queue::sqs {

inline constexpr std::string_view kJsonContentType = "application/x-amz-json-1.0";
inline constexpr std::string_view kRequestIdHeader = "x-amzn-RequestId";

enum class Fault { kSender, kReceiver };

struct WireError {
  std::string_view type;        // "com.amazonaws.sqs#QueueDoesNotExist"
  std::string_view query_code;  // "AWS.SimpleQueueService.NonExistentQueue"
  int status = 400;             // of the JSON protocol
  Fault fault = Fault::kSender;
};

WireError wire_error(ErrorCode code);

// The whole response. AWS sends x-amzn-query-error on every JSON error; older applications read it.
HttpResponse json_error(const Error& error, std::string_view request_id);
HttpResponse xml_error(const Error& error, std::string_view request_id);

}  // namespace headrace::queue::sqs

// An error as its caller's protocol says it. For who refuses a request before an action is known.
#pragma once

#include <string_view>

#include "base/http.hpp"
#include "queue/error.hpp"
#include "queue/sqs/query_protocol.hpp"

namespace headrace::queue::sqs {

inline constexpr std::string_view kFormContentType = "application/x-www-form-urlencoded";

// Only the Query protocol comes without X-Amz-Target, and never as JSON (spec 2).
bool is_query_protocol(const HttpRequest& request);

// What a Query request wants its answer to be (spec 2.3).
AnswerForm answer_form(const HttpRequest& request);

HttpResponse error_response(const HttpRequest& request, const Error& error,
                            std::string_view request_id);

}  // namespace headrace::queue::sqs

// GetCallerIdentity: the one action of STS that tools call before they use SQS, to see whether
// their credentials work and whose they are.
#pragma once

#include <string>
#include <string_view>

#include "base/http.hpp"
#include "queue/sqs/caller.hpp"
#include "queue/sqs/query_protocol.hpp"

namespace headrace::queue::sqs {

inline constexpr std::string_view kGetCallerIdentity = "GetCallerIdentity";

// Who has signed is a user of his account, who has not is its root.
HttpResponse caller_identity(const Caller& caller, AnswerForm form, std::string_view request_id);

}  // namespace headrace::queue::sqs

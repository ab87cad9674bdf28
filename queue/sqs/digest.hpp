// MD5OfMessageAttributes, as SDKs recompute it (spec 5.4). Pure.
#pragma once

#include <vector>

#include "queue/message.hpp"

namespace headrace::queue::sqs {

// Over exactly the attributes given, in any order: on a receive those that are returned, not those
// that are stored.
Md5 md5_of_attributes(std::vector<const MessageAttribute*> attributes);
Md5 md5_of_attributes(const std::vector<MessageAttribute>& attributes);

}  // namespace headrace::queue::sqs

// What the Query protocol calls the elements of a list or a map: the location names of AWS's last
// Query model. A member that is neither has its own name.
#pragma once

#include <string>
#include <string_view>

namespace headrace::queue::sqs {

struct QueryName {
  std::string element;        // of "Attributes": "Attribute"
  std::string_view key = {};  // of a map, what its keys are called: "Name"; the values are "Value"
};

// `action` is for the lists of batches: each action has its own name for their elements.
QueryName query_name(std::string_view member, std::string_view action);

}  // namespace headrace::queue::sqs

// The access policy of a queue as AddPermission and RemovePermission edit it: JSON text in, JSON
// text out; what they do not touch stays as it is (spec 4.6). headrace stores and returns policies
// and does not enforce them.
#pragma once

#include <string>
#include <vector>

#include "queue/error.hpp"

namespace headrace::queue {

struct PolicyStatement {
  std::string label;  // the statement's Sid
  std::vector<std::string> accounts;
  std::vector<std::string> actions;  // without "SQS:"
};

// Adds a statement to `policy`, which may be empty. Refuses a label that exists, and too many
// statements.
Result<std::string> add_permission(const std::string& policy, const std::string& queue_arn,
                                   const PolicyStatement& statement);

// Empty when the last statement went.
Result<std::string> remove_permission(const std::string& policy, const std::string& label);

}  // namespace headrace::queue

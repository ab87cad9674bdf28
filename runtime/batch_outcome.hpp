// What a function's answer means for each message of its batch: the decision table of
// spec/event-source-mapping 4.2. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "functions/function.hpp"
#include "runtime/event_source_mapping.hpp"

namespace headrace::runtime {

struct BatchOutcome {
  // By record: empty when it succeeded and its message is deleted, else why it stays.
  std::vector<std::optional<std::string>> failures;
  // The function failed, or its answer was not to be understood: nothing is deleted.
  bool function_error = false;
  // The answer listed failures although the mapping does not ask for them: they were deleted.
  bool item_failures_ignored = false;

  std::size_t failed() const;
};

BatchOutcome judge(const functions::Event& event, const functions::InvocationResult& result,
                   ItemFailures item_failures);

}  // namespace headrace::runtime

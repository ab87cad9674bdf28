// The `Records` event: a batch as AWS Lambda hands it to a function. Pure.
// Keys, their order and when each is present: AWS's recorded events.
#pragma once

#include <string>

#include "functions/event.hpp"

namespace headrace::functions {

std::string render_records_event(const Event& event);

// What a function that reads JSON is given: the invoker's own bytes, or the `Records` event.
std::string render_event(const Event& event);

}  // namespace headrace::functions

// Messages -> the event a function gets. Pure.
#pragma once

#include <vector>

#include "functions/event.hpp"
#include "queue/requests.hpp"
#include "runtime/event_source_mapping.hpp"

namespace headrace::runtime {

// Moves the bodies out of `messages`; record i is message i.
functions::Event make_event(std::vector<queue::ReceivedMessage>& messages,
                            const EventSourceMapping& mapping);

}  // namespace headrace::runtime

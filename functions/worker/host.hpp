// The host side of the handler ABI: turns frames into calls of the handler, and the handler's calls
// of hr_host into frames.
#pragma once

#include <chrono>
#include <string>

#include <headrace/function.h>

#include "functions/worker/batch.hpp"
#include "functions/worker/channel.hpp"
#include "functions/worker/loaded_function.hpp"

namespace headrace::worker {

// What the callbacks find behind hr_call: the call that runs, if any.
struct Call {
  Channel& channel;
  const Batch* batch = nullptr;  // none during init
  std::chrono::steady_clock::time_point deadline{};
  bool event_asked = false;
  Channel::Buffer event_json{};
  hr_str event_view{};
};

const hr_host& host_functions();

// Loads and runs the .so until the server says stop. Returns the exit status.
int serve(const std::string& path);

}  // namespace headrace::worker

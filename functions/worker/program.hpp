// A worker that becomes another program: what speaks the Lambda Runtime API.
#pragma once

#include <cstdint>
#include <string>

namespace headrace::worker {

// Replaces this process by the program `arguments[0]`, contained, in `folder`. Returns only when
// that fails, with the exit status that says so, after a line on stderr.
int become_program(std::uint64_t memory_bytes, const std::string& folder, char** arguments);

}  // namespace headrace::worker

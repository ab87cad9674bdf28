// What a worker does to itself before it loads foreign code, so that a fault stays in it: limits,
// and an end tied to the server's. Containment of faults, not a sandbox for hostile code.
#pragma once

#include <cstdint>

namespace headrace::worker {

// Memory (RLIMIT_DATA), open files, no core dump, no new privileges.
void apply_limits(std::uint64_t memory_bytes);

// Kills this process when the thread that started it ends.
void die_with_parent();

// Kills this process group when the server ends, however that happens and whatever a handler does
// at that moment. Starts one thread, which only watches the server's socket.
void die_with_server();

// As die_with_server, without a thread and for the program that this process becomes: the kernel
// kills the group when the server's end of the socket closes. Whoever closes his end of it, or
// leaves the group, is killed as the process only that the server started.
void let_group_die_with_server();

}  // namespace headrace::worker

// Looking at a whole store at once.
#pragma once

#include "tests/sim/history.hpp"
#include "tests/sim/server.hpp"

namespace headrace::sim {

// Runs the server until nothing is left to do and looks at every queue of the history. Empty when
// the server failed meanwhile.
Inventory take_inventory(Server& server, const History& history);

// True when both hold the same messages, as often received, in the same queues.
bool same_messages(const Inventory& a, const Inventory& b);

}  // namespace headrace::sim

// AWS's waits of 60 seconds, which a server may keep or not (spec 4.3, 4.4). A restart may forget
// that one is running.
#pragma once

namespace headrace::queue {

struct Cooldowns {
  bool purge = false;   // between two purges of a queue
  bool create = false;  // before the name of a deleted queue is used again
};

}  // namespace headrace::queue

#include "tests/sim/swarm.hpp"

namespace headrace::sim {

namespace {

std::uint64_t weight(Random& random) { return random.one_in(2) ? 1 + random.below(4) : 0; }

}  // namespace

Swarm::Swarm(Random& random)
    : delays(random.one_in(2)),
      batches(random.one_in(2)),
      long_polls(random.one_in(2)),
      visibility(random.one_in(2)),
      redrive(random.one_in(2)),
      purge(random.one_in(3)),
      lifecycle(random.one_in(3)),
      attributes(random.one_in(4)),
      forgery(random.one_in(4)),
      clients(1 + random.below(6)),
      actions(40 + random.below(160)),
      lost_of_100(random.one_in(2) ? random.below(30) : 0),
      kills(weight(random)),
      power_cuts(weight(random)),
      write_errors(weight(random)),
      sync_errors(weight(random)),
      full_disks(weight(random)),
      slow_disks(weight(random)),
      steps_per_fault(100 + random.below(1500)),
      crashes_in_recovery(random.one_in(3)),
      clock_jumps(random.one_in(4)),
      cold_cache(random.one_in(3)),
      segment_bytes((16 + random.below(32)) << 10) {
  QueueSetup a;
  a.visibility = static_cast<std::int64_t>(1 + random.below(30));
  // Passing time is no record: a clock set back while the server is down brings back what had
  // expired. So the two do not meet.
  if (!clock_jumps && random.one_in(4))
    a.retention = static_cast<std::int64_t>(60 + random.below(60));
  QueueSetup dead_letters = a;
  dead_letters.takes_sends = false;
  if (random.one_in(2)) {
    a.dead_letter_queue = "a-dlq";
    a.max_receives = static_cast<std::uint32_t>(1 + random.below(3));
    queues["a-dlq"] = dead_letters;
  }
  queues["a"] = a;
  queues["b"].visibility = static_cast<std::int64_t>(1 + random.below(30));
}

}  // namespace headrace::sim

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
      attributes(random.one_in(3)),
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
  queues["b"].comes_and_goes = true;
  fifo = random.one_in(2);
  attempts = fifo && random.below(3) > 0;
  duplicates = fifo && random.below(3) > 0;
  if (fifo) draw_fifo(random);
}

void Swarm::draw_fifo(Random& random) {
  QueueSetup f;
  f.fifo = true;
  f.visibility = static_cast<std::int64_t>(1 + random.below(30));
  if (!clock_jumps && random.one_in(4)) {
    f.retention = static_cast<std::int64_t>(60 + random.below(60));
  }
  if (delays && random.one_in(2)) f.delay = static_cast<std::int64_t>(1 + random.below(10));
  f.content_based = random.one_in(2);
  f.deduplicates_by_group = random.one_in(2);
  f.groups = 1 + random.below(5);
  f.scope_changes = attributes && random.one_in(2);
  f.comes_and_goes = lifecycle && random.one_in(2);
  QueueSetup dead_letters = f;
  dead_letters.comes_and_goes = false;
  dead_letters.scope_changes = false;
  dead_letters.takes_sends = false;
  if (random.one_in(2)) {
    f.dead_letter_queue = "f-dlq.fifo";
    f.max_receives = static_cast<std::uint32_t>(1 + random.below(3));
    f.fed_by_redrives = redrive;
    queues["f-dlq.fifo"] = dead_letters;
  }
  queues["f.fifo"] = f;
}

}  // namespace headrace::sim

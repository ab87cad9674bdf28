// Swarm: what one seed is about. Every seed draws its own subset of features and faults, so that
// rare combinations meet (the idea is TigerBeetle's and FoundationDB's).
#pragma once

#include <cstdint>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "tests/sim/history.hpp"

namespace headrace::sim {

struct Swarm {
  explicit Swarm(Random& random);

  // What the clients do.
  bool delays, batches, long_polls, visibility, redrive, purge, lifecycle, attributes, forgery;
  bool fifo, attempts, duplicates;
  std::uint64_t clients;
  std::uint64_t actions;      // calls in the safety phase
  std::uint64_t lost_of_100;  // answers that do not reach their client

  // What goes wrong, as weights of one draw; and how often there is a draw.
  std::uint64_t kills, power_cuts, write_errors, sync_errors, full_disks, slow_disks;
  std::uint64_t steps_per_fault;
  bool crashes_in_recovery, clock_jumps, cold_cache;

  std::uint64_t segment_bytes;
  // "a" with its dead-letter queue "a-dlq", if any; "b" alone, which comes and goes; "f.fifo",
  // which may come and go too, with its own "f-dlq.fifo", either only in some runs.
  std::map<std::string, QueueSetup> queues;

 private:
  void draw_fifo(Random& random);
};

}  // namespace headrace::sim

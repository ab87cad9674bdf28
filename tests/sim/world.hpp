// World: one simulated run. It owns the disk, the clock's movement and the faults; it decides at
// each step which thread, which client or which second comes next. The seed determines all of it.
//
// A safety phase, in which everything may go wrong and no promise may break, then a liveness phase,
// in which nothing goes wrong and everything must be handed out.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "tests/sim/clients.hpp"
#include "tests/sim/inventory.hpp"
#include "tests/support/fake_file_system.hpp"

namespace headrace::sim {

struct Outcome {
  std::optional<std::string> violation;
  std::uint64_t hash = 0;
  std::uint64_t events = 0;
  std::uint64_t lives = 0;
  std::uint64_t letters = 0;
  std::deque<std::string> trace;
};

Outcome simulate(std::uint64_t seed, Trace::Keep keep);

// A run in which, after every operation on the disk, the states a crash could leave there are
// recovered and checked too. `checked` rises by one for each.
Outcome explore_crashes(std::uint64_t seed, std::uint64_t& checked);

class World {
 public:
  World(std::uint64_t seed, Trace::Keep keep);
  ~World();

  Outcome run();
  // Before run(): explore_crashes.
  void explore(std::uint64_t& checked);

 private:
  enum class Crash { kKill, kPowerCut, kLoseUnsynced };

  // The server's lives.
  void start_server();
  ServerOptions server_options(Random& random);
  std::unique_ptr<FakeFileSystem> disk_after(Crash crash);
  void watch_disk();
  void check_crash_states();
  void check_state(FakeFileSystem& state);
  void crash(Crash how);
  void look_around();

  // Steps.
  void step();
  bool turn_or_thread();
  void let_time_pass();
  void fault();
  void check_wakeups();

  void safety_phase();
  void liveness_phase();
  bool drained();
  TimePoint now() const { return server_->now(); }
  Duration disk_latency();

  Run run_;
  Clients clients_;
  std::unique_ptr<FakeFileSystem> disk_;
  std::unique_ptr<Server> server_;
  TimePoint wall_;
  bool faults_ = true;
  bool disk_full_ = false;
  bool disk_slow_ = false;
  std::uint64_t actions_ = 0;
  std::uint64_t lives_ = 0;
  Random explorer_random_;
  std::uint64_t* checked_ = nullptr;  // set while exploring
};

}  // namespace headrace::sim

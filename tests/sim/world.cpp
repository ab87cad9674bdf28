#include "tests/sim/world.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "tests/support/manual_clock.hpp"

namespace headrace::sim {

namespace {

constexpr int kStartsMax = 50;
// Of every operation on the disk, beside "all of it" and "what was synced"; and one in so many
// states is crashed once more.
constexpr int kTornStates = 6;
constexpr std::uint64_t kSecondCrashes = 8;
constexpr std::uint64_t kSmallSegment = 16 << 10;
constexpr std::uint64_t kAnswersPerFault = 60;
// After the faults every delay and lease of a run is over within this.
constexpr Duration kDrainMax = std::chrono::minutes(4);

}  // namespace

Outcome simulate(std::uint64_t seed, Trace::Keep keep) { return World(seed, keep).run(); }

Outcome explore_crashes(std::uint64_t seed, std::uint64_t& checked) {
  World world(seed, Trace::Keep::kHash);
  world.explore(checked);
  return world.run();
}

World::World(std::uint64_t seed, Trace::Keep keep)
    : run_(seed, keep),
      clients_(run_),
      disk_(std::make_unique<FakeFileSystem>()),
      wall_(kTestStart),
      explorer_random_(seed) {}

World::~World() { clients_.server_dies(); }

Outcome World::run() {
  start_server();
  if (server_) safety_phase();
  if (!run_.violation) liveness_phase();
  Outcome outcome;
  outcome.violation = run_.violation;
  outcome.hash = run_.trace.hash();
  outcome.events = run_.trace.events();
  outcome.lives = lives_;
  outcome.letters = run_.history.letters.size();
  outcome.trace = run_.trace.lines();
  return outcome;
}

Duration World::disk_latency() {
  if (disk_slow_) return Duration(run_.random.below(8000));
  return Duration(run_.random.one_in(8) ? run_.random.below(5) : 0);
}

// Opens the data directory, however often the start is made to fail.
void World::start_server() {
  Random& random = run_.random;
  for (int attempt = 0; attempt < kStartsMax; ++attempt) {
    const bool fails = faults_ && run_.swarm.crashes_in_recovery && random.one_in(3);
    const auto operation =
        random.one_in(2) ? FakeFileSystem::Operation::kWrite : FakeFileSystem::Operation::kSync;
    if (fails) disk_->fail(operation, 1 + random.below(6), EIO);
    if (run_.swarm.cold_cache) disk_->chill_page_cache();
    watch_disk();
    auto started = Server::start(*disk_, server_options(random));
    if (fails) disk_->fail(operation, 0, 0);
    ++lives_;
    if (started) {
      server_ = std::move(*started);
      run_.trace.note(now(), "started");
      clients_.connect(*server_);
      return look_around();
    }
    run_.trace.note(wall_, "no start");
    if (started.error().code != ErrorCode::kIo || (!fails && !disk_full_)) {
      return run_.broken("R0 an undamaged journal opens", started.error().message);
    }
    if (disk_full_) disk_full_ = !random.one_in(3);
    disk_ = disk_after(random.one_in(2) ? Crash::kPowerCut : Crash::kKill);
  }
  run_.broken("R0 an undamaged journal opens", "not once in many starts");
}

ServerOptions World::server_options(Random& random) {
  ServerOptions options;
  options.wall = server_ ? server_->now() : wall_;
  options.segment_bytes = run_.swarm.segment_bytes;
  options.id_seed = random.next();
  options.disk_latency = [this] { return disk_latency(); };
  return options;
}

std::unique_ptr<FakeFileSystem> World::disk_after(Crash crash) {
  std::unique_ptr<FakeFileSystem> disk;
  switch (crash) {
    case Crash::kKill: disk = disk_->after_kill(); break;
    case Crash::kPowerCut: disk = disk_->after_power_cut(run_.random); break;
    case Crash::kLoseUnsynced: disk = disk_->after_losing_unsynced(); break;
  }
  // A failed sync loses what it covered, as a power cut does.
  if (crash != Crash::kKill || disk_->lost_writes()) run_.promises.tell(&Promise::on_power_cut);
  if (disk_full_) disk->fill_up();
  return disk;
}

void World::crash(Crash how) {
  Random& random = run_.random;
  run_.trace.note(now(), how == Crash::kKill ? "KILL" : "POWER CUT");
  std::unique_ptr<FakeFileSystem> left = disk_after(how);
  wall_ = now() + Duration(random.below(3000));
  if (run_.swarm.clock_jumps && random.one_in(2)) {
    constexpr std::uint64_t kHour = 3'600'000;
    wall_ += Duration(random.below(kHour)) - Duration(random.below(2 * kHour));
  }
  clients_.server_dies();
  server_.reset();
  disk_ = std::move(left);
  start_server();
}

void World::safety_phase() {
  for (const auto& [name, setup] : run_.history.queues) {
    if (setup.takes_sends) continue;  // dead-letter queues first
    clients_.create(name);
    server_->settle();
  }
  for (const auto& [name, setup] : run_.history.queues) {
    if (!setup.takes_sends) continue;
    clients_.create(name);
    server_->settle();
  }
  while (actions_ < run_.swarm.actions && !run_.violation) step();
}

void World::step() {
  Random& random = run_.random;
  // Most of what a crash can reveal it reveals just after an answer.
  const bool answered = std::exchange(run_.answered, false);
  if (random.one_in(answered ? kAnswersPerFault : run_.swarm.steps_per_fault)) fault();
  if (run_.violation) return;
  if (server_->failed()) {
    // Fail-stop: the process ends itself, and is started again on the same machine or after a cut.
    return crash(random.one_in(2) ? Crash::kKill : Crash::kPowerCut);
  }
  if (random.one_in(6)) {
    ++actions_;
    return clients_.act();
  }
  if (random.one_in(200)) return let_time_pass();
  if (!turn_or_thread()) {
    check_wakeups();
    if (random.one_in(40)) look_around();
    if (random.one_in(2)) let_time_pass();
  }
}

// One turn of the loop or one step of a thread, whichever is drawn; false when nothing can run.
bool World::turn_or_thread() {
  Random& random = run_.random;
  std::array<SimOffload*, 3> threads = server_->threads();
  std::rotate(threads.begin(), threads.begin() + static_cast<std::ptrdiff_t>(random.below(3)),
              threads.end());
  const bool loop_first = random.below(3) > 0;
  if (loop_first && server_->turn()) return true;
  for (SimOffload* thread : threads) {
    if (thread->has_news() && random.one_in(2)) {
      thread->tell();
      return true;
    }
    if (thread->has_work() && thread->ready_at() <= now()) {
      thread->work();
      return true;
    }
    if (thread->has_news()) {
      thread->tell();
      return true;
    }
  }
  return server_->turn();
}

// To the next moment something happens, or less far.
void World::let_time_pass() {
  Random& random = run_.random;
  TimePoint next = server_->clock().next_timer();
  for (SimOffload* thread : server_->threads()) next = std::min(next, thread->ready_at());
  const TimePoint random_end = now() + Duration(random.below(random.one_in(20) ? 30'000 : 2000));
  server_->clock().move_to(std::max(now(), std::min(next, random_end)));
}

// L2: once nothing can run, no long poll stands beside a message it could get.
void World::check_wakeups() {
  if (disk_full_ || server_->failed()) return;
  for (SimOffload* thread : server_->threads()) {
    if (thread->has_work()) return;
  }
  for (const auto& [name, setup] : run_.history.queues) {
    if (!clients_.polls(name)) continue;
    if (server_->has_deliverable(name)) {
      run_.broken("L2 no wake-up is lost", "a long poll waits beside a message of " + name);
    }
  }
}

void World::look_around() {
  const Inventory inventory = take_inventory(*server_, run_.history);
  if (server_->failed()) return;
  run_.promises.tell(&Promise::on_inventory, inventory);
  clients_.check(inventory);
}

void World::fault() {
  Random& random = run_.random;
  const Swarm& swarm = run_.swarm;
  const std::array<std::uint64_t, 6> weights = {swarm.kills,        swarm.power_cuts,
                                                swarm.write_errors, swarm.sync_errors,
                                                swarm.full_disks,   swarm.slow_disks};
  std::uint64_t total = 0;
  for (const std::uint64_t weight : weights) total += weight;
  if (total == 0) return;
  std::uint64_t drawn = random.below(total);
  std::size_t kind = 0;
  while (drawn >= weights[kind]) drawn -= weights[kind++];
  const std::uint64_t nth = 1 + random.below(3);
  switch (kind) {
    case 0: return crash(Crash::kKill);
    case 1: return crash(random.one_in(4) ? Crash::kLoseUnsynced : Crash::kPowerCut);
    case 2: return disk_->fail(FakeFileSystem::Operation::kWrite, nth, EIO);
    case 3: return disk_->fail(FakeFileSystem::Operation::kSync, nth, EIO);
    case 4:
      disk_full_ = !disk_full_;
      run_.trace.note(now(), disk_full_ ? "disk full" : "disk has room");
      return disk_full_ ? disk_->fill_up() : disk_->make_room();
    default: disk_slow_ = !disk_slow_;
  }
}

void World::liveness_phase() {
  faults_ = false;
  disk_slow_ = false;
  disk_full_ = false;
  // The machine is started anew: whatever was to fail belongs to the old one.
  crash(Crash::kKill);
  for (Duration passed{}; passed < kDrainMax && !run_.violation; passed += Duration(1000)) {
    for (const auto& [name, setup] : run_.history.queues) {
      for (int i = 0; i < 3 && server_->describe(name); ++i) {
        clients_.drain(name);
        server_->settle();
      }
    }
    if (drained()) break;
    server_->clock().move_to(now() + Duration(1000));
    server_->settle();
  }
  if (run_.violation) return;
  look_around();
  if (!drained()) run_.broken("L1 what is visible is handed out", "a queue does not drain");
}

// True when no queue holds a message.
bool World::drained() {
  for (const auto& [name, setup] : run_.history.queues) {
    const auto description = server_->describe(name);
    if (!description) continue;
    if (description->visible + description->in_flight + description->delayed > 0) return false;
  }
  return true;
}

void World::explore(std::uint64_t& checked) {
  checked_ = &checked;
  // The explorer crashes the disk itself, everywhere; the run only has to go through several lives,
  // and through so many segments that their files are used again.
  run_.swarm.clock_jumps = false;
  run_.swarm.segment_bytes = kSmallSegment;
}

void World::watch_disk() {
  if (checked_ == nullptr) return;
  disk_->observe([this](FakeFileSystem::Operation operation) {
    if (operation != FakeFileSystem::Operation::kRead && !run_.violation) check_crash_states();
  });
}

void World::check_crash_states() {
  check_state(*disk_->after_kill());
  check_state(*disk_->after_losing_unsynced());
  for (int i = 0; i < kTornStates; ++i) check_state(*disk_->after_power_cut(explorer_random_));
}

// R0, the promises about what is there, and R1: another crash and recovery find the same.
void World::check_state(FakeFileSystem& state) {
  ++*checked_;
  const auto inventory_of = [this](FakeFileSystem& disk) -> std::optional<Inventory> {
    ServerOptions options = server_options(explorer_random_);
    options.disk_latency = [] { return Duration(); };
    const auto started = Server::start(disk, options);
    if (!started) {
      run_.broken("R0 an undamaged journal opens", started.error().message);
      return std::nullopt;
    }
    return take_inventory(**started, run_.history);
  };
  const std::optional<Inventory> found = inventory_of(state);
  if (!found) return;
  run_.promises.tell(&Promise::on_inventory, *found);
  clients_.check(*found);
  if (!explorer_random_.one_in(kSecondCrashes)) return;
  const std::optional<Inventory> again = inventory_of(*state.after_power_cut(explorer_random_));
  if (again && !same_messages(*found, *again)) {
    run_.broken("R1 recovery repeats", "another recovery finds other messages");
  }
}

}  // namespace headrace::sim

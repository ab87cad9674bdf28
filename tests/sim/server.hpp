// Server: one life of a headrace process, from the opening of its data directory to its death: the
// real journal, engine and broker on a loop, a clock and three threads that the world moves.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include <boost/asio/io_context.hpp>

#include "queue/data_directory.hpp"
#include "queue/file_journal.hpp"
#include "queue/journal_keeper.hpp"
#include "queue/local_broker.hpp"
#include "tests/sim/sim_clock.hpp"
#include "tests/sim/sim_offload.hpp"

namespace headrace::sim {

queue::QueueAddress address_of(const std::string& name);

struct ServerOptions {
  TimePoint wall;  // what the machine's clock says at the start
  std::uint64_t segment_bytes = 0;
  std::uint64_t id_seed = 0;
  std::function<Duration()> disk_latency;
};

class Server final : private queue::BodyOwner {
 public:
  // Recovers what `disk` holds, which outlives the server.
  static Result<std::unique_ptr<Server>> start(FileSystem& disk, const ServerOptions& options);
  // Death: nothing that still waited ever answers.
  ~Server() override;

  queue::LocalBroker& broker() { return *broker_; }
  TimePoint now() const { return clock_.now(); }
  boost::asio::io_context& loop() { return loop_; }
  SimClock& clock() { return clock_; }
  // The journal failed: the process ends itself, its exit code says why.
  bool failed() const { return failed_; }
  bool recovered_torn_tail() const { return journal_->recovered_torn_tail(); }

  // Runs one ready handler of the loop; false when there is none.
  bool turn();
  std::array<SimOffload*, 3> threads() { return {&writer_, &syncer_, &background_}; }
  // Runs everything there is to run now, whatever the disk's latency.
  void settle();

  // Exact and at once, for the checkers. Null when there is no such queue.
  std::optional<queue::QueueDescription> describe(const std::string& name);
  std::set<std::uint64_t> sequences(const std::string& name);
  // Another number each time the queue is made; 0 when there is none.
  std::uint64_t life_of(const std::string& name);
  // True when a receive must find something: a visible message, on a FIFO queue one that no older
  // message of its group blocks (spec 7.1).
  bool has_deliverable(const std::string& name);

 private:
  Server(TimePoint wall, const std::function<Duration()>& disk_latency);
  std::vector<const queue::Entry*> entries(const std::string& name);
  Status open(FileSystem& disk, const ServerOptions& options);
  void release(queue::BodyRef body) override;

  boost::asio::io_context loop_;
  SimClock clock_;
  SimOffload writer_;
  SimOffload syncer_;
  SimOffload background_;
  queue::DataDirectory directory_;
  std::unique_ptr<queue::FileJournal> journal_;
  std::optional<queue::Engine> engine_;
  std::optional<queue::LocalBroker> broker_;
  std::optional<queue::JournalKeeper> keeper_;
  bool failed_ = false;
};

}  // namespace headrace::sim

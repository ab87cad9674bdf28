// Store: the queues of one data directory, put together: directory, journal, engine, broker.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/file_system.hpp"
#include "queue/data_directory.hpp"
#include "queue/file_journal.hpp"
#include "queue/journal_keeper.hpp"
#include "queue/local_broker.hpp"

namespace headrace::queue {

struct StoreOptions {
  std::string path;  // unused with Durability::kMemory
  Durability durability = Durability::kSync;
  std::uint64_t seed = 0;  // of message ids
  Cooldowns cooldowns;
  // Nothing can be acknowledged any more; the process should end with its exit code for that.
  std::function<void(const headrace::Error&)> on_failure;
};

class Store {
 public:
  // Recovers what the directory holds. Blocks; call before the loop runs. The references outlive
  // the store. Fails as DataDirectory::open and FileJournal::open do.
  static headrace::Result<std::unique_ptr<Store>> open(FileSystem& files, Clock& clock,
                                                       JournalThreads threads,
                                                       StoreOptions options);

  LocalBroker& broker() { return *broker_; }
  const Engine& engine() const { return *engine_; }

  // The newest moment the journal knows; the clock must not be behind it.
  TimePoint last_time() const { return last_time_; }

  // Ends long polls, then makes everything durable. No request may follow.
  boost::asio::awaitable<void> close();

 private:
  // The engine is made first, the journal replays into it and owns the bodies.
  struct BodyRelay final : BodyOwner {
    Journal* journal = nullptr;
    void release(BodyRef body) override {
      if (journal != nullptr) journal->release(body);
    }
  };

  Store() = default;
  headrace::Status open_files(FileSystem& files, Clock& clock, JournalThreads threads,
                              const StoreOptions& options);

  DataDirectory directory_;
  BodyRelay bodies_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<Engine> engine_;  // gives its bodies back to the journal when it goes
  std::unique_ptr<LocalBroker> broker_;
  std::unique_ptr<JournalKeeper> keeper_;  // none with Durability::kMemory
  TimePoint last_time_;
};

}  // namespace headrace::queue

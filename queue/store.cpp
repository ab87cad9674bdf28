#include "queue/store.hpp"

#include "base/log.hpp"
#include "queue/memory_journal.hpp"

namespace headrace::queue {

headrace::Result<std::unique_ptr<Store>> Store::open(FileSystem& files, Clock& clock,
                                                     JournalThreads threads, StoreOptions options) {
  std::unique_ptr<Store> store(new Store);
  if (options.durability == Durability::kMemory) {
    HandleKey key;
    os_random(key.data(), key.size());
    store->engine_ = std::make_unique<Engine>(key, store->bodies_, options.cooldowns);
    store->journal_ = std::make_unique<MemoryJournal>();
  } else {
    const headrace::Status status = store->open_files(files, clock, threads, options);
    if (!status) return status.error();
  }
  store->bodies_.journal = store->journal_.get();
  store->broker_ = std::make_unique<LocalBroker>(threads.loop, clock, *store->engine_,
                                                 *store->journal_, options.seed);
  return store;
}

headrace::Status Store::open_files(FileSystem& files, Clock& clock, JournalThreads threads,
                                   const StoreOptions& options) {
  auto directory = DataDirectory::open(files, options.path);
  if (!directory) return directory.error();
  directory_ = std::move(*directory);
  engine_ = std::make_unique<Engine>(directory_.keys, bodies_, options.cooldowns);

  FileJournalOptions journal_options;
  journal_options.directory = directory_.journal;
  journal_options.store = directory_.store;
  journal_options.durability = options.durability;
  journal_options.on_failure = options.on_failure;
  auto journal = FileJournal::open(files, clock, threads, std::move(journal_options), *engine_);
  if (!journal) return journal.error();
  last_time_ = (*journal)->last_time();
  if ((*journal)->recovered_torn_tail()) {
    log_warning(
        "a torn tail of the journal was cut: records that were never acknowledged are gone");
  }
  keeper_ = std::make_unique<JournalKeeper>(files, clock, threads, *engine_, **journal);
  journal_ = std::move(*journal);
  return {};
}

boost::asio::awaitable<void> Store::close() {
  broker_->stop();
  if (keeper_) keeper_->stop();
  co_await broker_->join();
  co_await journal_->close();
  if (keeper_) {
    co_await keeper_->join();
  }
}

}  // namespace headrace::queue

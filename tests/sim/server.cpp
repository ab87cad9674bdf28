#include "tests/sim/server.hpp"

#include <algorithm>

#include "base/random.hpp"

namespace headrace::sim {

namespace {

constexpr const char* kDataDirectory = "/data";

}  // namespace

queue::QueueAddress address_of(const std::string& name) {
  return queue::QueueAddress{"us-east-1", "000000000000", name};
}

Server::Server(TimePoint wall, const std::function<Duration()>& disk_latency)
    : clock_(wall),
      writer_(loop_, clock_, disk_latency),
      syncer_(loop_, clock_, disk_latency),
      background_(loop_, clock_, disk_latency) {}

Result<std::unique_ptr<Server>> Server::start(FileSystem& disk, const ServerOptions& options) {
  std::unique_ptr<Server> server(new Server(options.wall, options.disk_latency));
  if (const Status status = server->open(disk, options); !status) return status.error();
  return server;
}

// The steps of queue::Store::open and of the program's start, with small segments.
Status Server::open(FileSystem& disk, const ServerOptions& options) {
  const auto entropy = [random = Random(options.id_seed)](char* bytes, std::size_t size) mutable {
    std::generate_n(bytes, size, [&random] { return static_cast<char>(random.below(256)); });
  };
  auto directory = queue::DataDirectory::open(disk, kDataDirectory, entropy);
  if (!directory) return directory.error();
  directory_ = std::move(*directory);
  queue::BodyOwner& bodies = *this;
  engine_.emplace(directory_.keys, bodies);

  queue::FileJournalOptions journal;
  journal.directory = directory_.journal;
  journal.store = directory_.store;
  journal.segment_bytes = options.segment_bytes;
  journal.first_segment_bytes = options.segment_bytes;
  journal.on_failure = [this](const Error&) { failed_ = true; };
  const queue::JournalThreads threads{loop_, writer_, syncer_, background_};
  auto opened = queue::FileJournal::open(disk, clock_, threads, std::move(journal), *engine_);
  if (!opened) return opened.error();
  journal_ = std::move(*opened);
  clock_.raise_to(journal_->last_time());
  broker_.emplace(loop_, clock_, *engine_, *journal_, options.id_seed);
  broker_->start();
  keeper_.emplace(disk, clock_, threads, *engine_, *journal_);
  return {};
}

Server::~Server() {
  // Parked receives live in frames of their own: they end before what they refer to.
  if (broker_) broker_->stop();
  if (keeper_) keeper_->stop();
  while (turn()) {
  }
}

void Server::release(queue::BodyRef body) {
  if (journal_) journal_->release(body);
}

bool Server::turn() {
  loop_.restart();
  return loop_.poll_one() > 0;
}

void Server::settle() {
  for (bool busy = true; busy;) {
    busy = turn();
    for (SimOffload* thread : threads()) {
      if (thread->has_work()) thread->work();
      if (thread->has_news()) {
        thread->tell();
        busy = true;
      }
    }
  }
}

std::optional<queue::QueueDescription> Server::describe(const std::string& name) {
  queue::Queue* found = engine_->find(address_of(name));
  if (found == nullptr) return std::nullopt;
  return found->describe();
}

std::uint64_t Server::life_of(const std::string& name) {
  const queue::Queue* found = engine_->find(address_of(name));
  return found == nullptr ? 0 : found->id().value();
}

std::vector<const queue::Entry*> Server::entries(const std::string& name) {
  std::vector<const queue::Entry*> all;
  queue::Queue* found = engine_->find(address_of(name));
  if (found == nullptr) return all;
  queue::MessageStore& messages = found->messages();
  for (const queue::Entry* entry = messages.first_from(queue::Sequence(0)); entry != nullptr;
       entry = messages.first_from(entry->sequence.next())) {
    all.push_back(entry);
  }
  return all;
}

std::set<std::uint64_t> Server::sequences(const std::string& name) {
  std::set<std::uint64_t> all;
  for (const queue::Entry* entry : entries(name)) all.insert(entry->sequence.value());
  return all;
}

bool Server::has_deliverable(const std::string& name) {
  const queue::Queue* found = engine_->find(address_of(name));
  std::set<queue::GroupNumber> blocked;
  for (const queue::Entry* entry : entries(name)) {
    const bool first = !found->is_fifo() || blocked.insert(entry->group).second;
    if (first && entry->state == queue::MessageState::kVisible) return true;
  }
  return false;
}

}  // namespace headrace::sim

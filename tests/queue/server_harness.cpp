#include "tests/queue/server_harness.hpp"

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include "base/check.hpp"

namespace headrace::queue {

const Uuid ServerHarness::kStore = {0xaa, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

void HeldOffload::run(std::function<void()> work, std::function<void()> done) {
  ++runs_;
  jobs_.emplace_back(std::move(work), std::move(done));
  if (!held_) release_one();
}

void HeldOffload::release_one() {
  HR_CHECK(!jobs_.empty());
  auto [work, done] = std::move(jobs_.front());
  jobs_.erase(jobs_.begin());
  work();
  boost::asio::post(loop_, std::move(done));
}

void HeldOffload::release() {
  held_ = false;
  while (!jobs_.empty()) release_one();
}

ServerHarness::ServerHarness(Cooldowns cooldowns)
    : journal_(std::make_unique<MemoryJournal>()), engine(HandleKey{9, 9}, *this, cooldowns) {
  serve();
}

ServerHarness::ServerHarness(FileSystem& disk, Durability durability, std::uint64_t segment_bytes,
                             TimePoint start)
    : engine(HandleKey{9, 9}, *this) {
  disk_ = &disk;
  clock.advance(start - clock.now());
  FileJournalOptions options;
  options.directory = "/data/journal";
  options.store = kStore;
  options.durability = durability;
  options.segment_bytes = segment_bytes;
  options.first_segment_bytes = segment_bytes;
  options.on_failure = [this](const headrace::Error& error) { failures.push_back(error.message); };
  auto opened = FileJournal::open(disk, clock, JournalThreads{loop, writer, syncer, background},
                                  options, engine);
  if (!opened) {
    refusal_ = opened.error().message;
    return;
  }
  journal_ = std::move(*opened);
  serve();
}

void ServerHarness::serve() {
  broker.emplace(loop, clock, engine, *journal_, 42);
  broker->start();
  run();
}

void ServerHarness::keep_journal() {
  keeper.emplace(*disk_, clock, JournalThreads{loop, writer, syncer, background}, engine,
                 file_journal());
}

ServerHarness::~ServerHarness() {
  if (broker) broker->stop();
  if (keeper) keeper->stop();
  run();
}

void ServerHarness::release(BodyRef body) {
  if (journal_) journal_->release(body);
}

Status ServerHarness::create(const std::string& name, AttributeMap attributes) {
  auto answer =
      start(broker->create_queue(CreateQueueRequest{address_of(name), std::move(attributes), {}}));
  HR_CHECK(answer.arrived());
  if (!*answer) return answer->error();
  return {};
}

SendAnswer ServerHarness::send(const std::string& queue, std::vector<std::string> bodies,
                               std::optional<std::int64_t> delay) {
  SendRequest request{address_of(queue), {}};
  for (std::string& body : bodies) {
    request.entries.push_back(SendEntry{content_with(std::move(body)), delay});
  }
  return start(broker->send(std::move(request)));
}

ReceiveAnswer ServerHarness::receive(const std::string& queue, std::size_t max, std::int64_t wait,
                                     std::optional<std::int64_t> visibility) {
  return start(broker->receive(ReceiveRequest{address_of(queue), max, UINT64_MAX, visibility, wait},
                               never_));
}

ReceiveAnswer ServerHarness::receive(const std::string& queue, Cancellation& cancellation,
                                     std::int64_t wait) {
  return start(broker->receive(ReceiveRequest{address_of(queue), 1, UINT64_MAX, std::nullopt, wait},
                               cancellation));
}

StatusesAnswer ServerHarness::remove(const std::string& queue, std::string handle) {
  return start(broker->remove(DeleteRequest{address_of(queue), {std::move(handle)}}));
}

StatusesAnswer ServerHarness::change(const std::string& queue, std::string handle,
                                     std::int64_t seconds) {
  return start(broker->change_visibility(
      ChangeVisibilityRequest{address_of(queue), {{std::move(handle), seconds}}}));
}

QueueDescription ServerHarness::describe(const std::string& queue) {
  Queue* found = engine.find(address_of(queue));
  HR_CHECK(found != nullptr);
  return found->describe();
}

}  // namespace headrace::queue

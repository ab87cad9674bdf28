// ServerHarness: a LocalBroker on one loop, a clock the test moves, and a journal in memory or on a
// fake disk. Calls are started and looked at; nothing blocks.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "base/offload.hpp"
#include "queue/file_journal.hpp"
#include "queue/journal_keeper.hpp"
#include "queue/local_broker.hpp"
#include "queue/memory_journal.hpp"
#include "tests/queue/engine_harness.hpp"
#include "tests/support/fake_file_system.hpp"

namespace headrace::queue {

// The answer of a call, once it is there.
template <class T>
class Answer {
 public:
  bool arrived() const { return value_->has_value(); }
  const T& operator*() const { return **value_; }
  const T* operator->() const { return &**value_; }
  T take() { return std::move(**value_); }

  static Answer of(boost::asio::io_context& loop, boost::asio::awaitable<T> call) {
    Answer answer;
    boost::asio::co_spawn(loop, std::move(call),
                          [value = answer.value_](std::exception_ptr error, T result) {
                            if (error) std::rethrow_exception(error);
                            value->emplace(std::move(result));
                          });
    return answer;
  }

 private:
  std::shared_ptr<std::optional<T>> value_ = std::make_shared<std::optional<T>>();
};

// Work waits until the test lets it run: a slow disk.
class HeldOffload final : public Offload {
 public:
  explicit HeldOffload(boost::asio::io_context& loop) : loop_(loop) {}

  void run(std::function<void()> work, std::function<void()> done) override;
  void hold() { held_ = true; }
  // Runs the oldest held work.
  void release_one();
  void release();
  std::size_t waiting() const { return jobs_.size(); }
  std::size_t runs() const { return runs_; }

 private:
  boost::asio::io_context& loop_;
  std::vector<std::pair<std::function<void()>, std::function<void()>>> jobs_;
  bool held_ = false;
  std::size_t runs_ = 0;
};

using ReceiveAnswer = Answer<Result<std::vector<ReceivedMessage>>>;
using SendAnswer = Answer<Result<std::vector<Result<SendResult>>>>;
using StatusesAnswer = Answer<Result<std::vector<Status>>>;

class ServerHarness final : private BodyOwner {
 public:
  static constexpr std::uint64_t kSegmentBytes = std::uint64_t{4} << 20;
  static const Uuid kStore;

  // In memory.
  explicit ServerHarness(Cooldowns cooldowns = {});
  // On `disk`, which outlives it. Check opened() before use.
  explicit ServerHarness(FileSystem& disk, Durability durability = Durability::kSync,
                         std::uint64_t segment_bytes = kSegmentBytes, TimePoint start = kTestStart);
  ~ServerHarness() override;

  bool opened() const { return journal_ != nullptr; }
  const std::string& refusal() const { return refusal_; }

  template <class T>
  Answer<T> start(boost::asio::awaitable<T> call) {
    auto answer = Answer<T>::of(loop, std::move(call));
    run();
    return answer;
  }
  void run() { run_ready(loop); }

  // From now on snapshots are taken and segments compacted.
  void keep_journal();

  Status create(const std::string& name, AttributeMap attributes = {});
  SendAnswer send(const std::string& queue, std::vector<std::string> bodies,
                  std::optional<std::int64_t> delay = std::nullopt);
  ReceiveAnswer receive(const std::string& queue, std::size_t max = 1, std::int64_t wait = 0,
                        std::optional<std::int64_t> visibility = std::nullopt);
  ReceiveAnswer receive(const std::string& queue, Cancellation& cancellation, std::int64_t wait);
  StatusesAnswer remove(const std::string& queue, std::string handle);
  StatusesAnswer change(const std::string& queue, std::string handle, std::int64_t seconds);
  QueueDescription describe(const std::string& queue);

  boost::asio::io_context loop;
  ManualClock clock{loop};
  HeldOffload writer{loop};
  HeldOffload syncer{loop};
  HeldOffload background{loop};

 private:
  std::unique_ptr<Journal> journal_;  // outlives the engine, which gives bodies back

 public:
  Engine engine;
  std::optional<LocalBroker> broker;
  std::optional<JournalKeeper> keeper;
  std::vector<std::string> failures;  // what on_failure was told

  Journal& journal() { return *journal_; }
  FileJournal& file_journal() { return static_cast<FileJournal&>(*journal_); }

 private:
  void release(BodyRef body) override;
  void serve();

  FileSystem* disk_ = nullptr;
  std::string refusal_;
  Cancellation never_;
};

}  // namespace headrace::queue

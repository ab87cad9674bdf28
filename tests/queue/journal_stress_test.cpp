// A journal with real threads and a real file system under many coroutines, then opened again.
#include <set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include "base/task_group.hpp"
#include "queue/file_journal.hpp"
#include "queue/local_broker.hpp"
#include "tests/queue/engine_harness.hpp"
#include "tests/support/temporary_directory.hpp"

namespace headrace::queue {
namespace {

constexpr int kSenders = 8;
constexpr int kSendsEach = 100;
constexpr int kReceivers = 4;

// What a server consists of, on real threads.
class RealServer final : private BodyOwner {
 public:
  explicit RealServer(const std::string& directory)
      : files_(make_posix_file_system()),
        writer_(make_thread_offload(loop, "writer", 1)),
        syncer_(make_thread_offload(loop, "syncer", 1)),
        background_(make_thread_offload(loop, "background", 2)),
        engine(HandleKey{3}, *this) {
    FileJournalOptions options;
    options.directory = directory;
    options.segment_bytes = 1 << 20;
    options.first_segment_bytes = 1 << 20;
    auto opened = FileJournal::open(
        *files_, clock, JournalThreads{loop, *writer_, *syncer_, *background_}, options, engine);
    EXPECT_TRUE(opened.has_value()) << opened.error().message;
    journal_ = std::move(*opened);
    broker.emplace(loop, clock, engine, *journal_, 1);
    broker->start();
  }

  void close() {
    boost::asio::co_spawn(loop, journal_->close(), [this](std::exception_ptr) { loop.stop(); });
    loop.restart();
    loop.run();
  }

  boost::asio::io_context loop;
  SystemClock clock{loop};

 private:
  void release(BodyRef body) override {
    if (journal_) journal_->release(body);
  }

  std::unique_ptr<FileSystem> files_;
  std::unique_ptr<FileJournal> journal_;
  std::unique_ptr<Offload> writer_;
  std::unique_ptr<Offload> syncer_;
  std::unique_ptr<Offload> background_;

 public:
  Engine engine;
  std::optional<LocalBroker> broker;
};

struct Seen {
  std::set<std::string> sent;
  std::set<std::string> deleted;
  int senders_left = kSenders;
};

boost::asio::awaitable<void> send_many(LocalBroker& broker, Seen& seen, int sender) {
  for (int i = 0; i < kSendsEach; ++i) {
    std::string body = std::to_string(sender) + "." + std::to_string(i);
    body.append(static_cast<std::size_t>(i) * 20, '.');
    SendRequest request;
    request.address = address_of("q");
    request.entries.emplace_back();
    request.entries.back().content = content_with(body);
    const auto results = co_await broker.send(std::move(request));
    EXPECT_TRUE(results.has_value());
    seen.sent.insert(body);
  }
  --seen.senders_left;
}

// Deletes every second message it gets.
boost::asio::awaitable<void> receive_many(boost::asio::io_context& loop, LocalBroker& broker,
                                          Seen& seen) {
  Cancellation never;
  bool keep = false;
  while (seen.senders_left > 0) {
    ReceiveRequest request;
    request.address = address_of("q");
    request.max_messages = 5;
    request.visibility_timeout = 600;
    const auto got = co_await broker.receive(std::move(request), never);
    EXPECT_TRUE(got.has_value());
    DeleteRequest removal;
    removal.address = address_of("q");
    std::vector<std::string> bodies;
    for (const ReceivedMessage& message : *got) {
      keep = !keep;
      if (keep) continue;
      removal.receipt_handles.push_back(message.receipt_handle);
      bodies.push_back(message.content.body);
    }
    const auto removed = co_await broker.remove(std::move(removal));
    EXPECT_TRUE(removed.has_value());
    seen.deleted.insert(bodies.begin(), bodies.end());
    co_await boost::asio::post(loop, boost::asio::use_awaitable);
  }
}

boost::asio::awaitable<void> work(RealServer& server, Seen& seen) {
  LocalBroker& broker = *server.broker;
  CreateQueueRequest create;
  create.address = address_of("q");
  const auto created = co_await broker.create_queue(std::move(create));
  EXPECT_TRUE(created.has_value());
  TaskGroup tasks(server.loop.get_executor());
  for (int i = 0; i < kSenders; ++i) tasks.spawn("send", send_many(broker, seen, i));
  for (int i = 0; i < kReceivers; ++i)
    tasks.spawn("receive", receive_many(server.loop, broker, seen));
  co_await tasks.join();
  server.loop.stop();
}

TEST(JournalStress, ThreadsAndARealDiskKeepWhatWasAcknowledged) {
  TemporaryDirectory directory;
  Seen seen;
  {
    RealServer server(directory.path());
    boost::asio::co_spawn(server.loop, work(server, seen), [](std::exception_ptr error) {
      if (error) std::rethrow_exception(error);
    });
    server.loop.run();
    server.close();
  }
  ASSERT_EQ(seen.sent.size(), static_cast<std::size_t>(kSenders * kSendsEach));
  EXPECT_GT(seen.deleted.size(), 0U);

  RealServer server(directory.path());
  std::set<std::string> found;
  boost::asio::co_spawn(server.loop, server.broker->peek(PeekRequest{address_of("q"), 100'000}),
                        [&](std::exception_ptr, Result<std::vector<PeekedMessage>> peeked) {
                          for (const auto& seen_now : *peeked) {
                            EXPECT_TRUE(found.insert(seen_now.message.content.body).second);
                          }
                          server.loop.stop();
                        });
  server.loop.run();
  std::set<std::string> expected = seen.sent;
  for (const std::string& body : seen.deleted) expected.erase(body);
  EXPECT_EQ(found, expected);
}

}  // namespace
}  // namespace headrace::queue

// A full disk: sends are refused, what frees space goes on, and everything recovers by itself.
#include <gtest/gtest.h>

#include "queue/data_directory.hpp"
#include "tests/queue/server_harness.hpp"
#include "tests/support/limited_disk.hpp"

namespace headrace::queue {
namespace {

// Above twice what one request may append, so that a segment is shared by many.
constexpr std::uint64_t kSegment = std::uint64_t{4} << 20;
constexpr std::size_t kBody = 200'000;

class FullServer : public ::testing::Test {
 protected:
  FullServer() {
    open();
    EXPECT_TRUE(server->create("q").has_value());
  }

  void open() {
    server.emplace(disk, Durability::kSync, kSegment);
    ASSERT_TRUE(server->opened()) << server->refusal();
    server->keep_journal();
  }

  bool send() {
    const auto sent = server->send("q", {std::string(kBody, 'x')});
    EXPECT_TRUE(sent.arrived());
    if (sent->has_value()) return true;
    EXPECT_EQ(sent->error().code, ErrorCode::kServiceUnavailable);
    return false;
  }

  // Sends until it is refused.
  void fill() {
    while (send()) ASSERT_LT(++stored, 400);
    ASSERT_GT(stored, 50);
  }

  // Receives and deletes `count` messages.
  void consume(int count) {
    for (int i = 0; i < count; ++i) {
      const auto got = server->receive("q", 1, 0, 40'000);
      ASSERT_TRUE(got.arrived());
      ASSERT_TRUE(got->has_value()) << got->error().message;
      ASSERT_EQ((*got)->size(), 1U);
      const auto removed = server->remove("q", (**got)[0].receipt_handle);
      ASSERT_TRUE(removed.arrived());
      ASSERT_TRUE(removed->has_value()) << removed->error().message;
      --stored;
    }
  }

  FakeFileSystem memory;
  LimitedDisk disk{memory, 10 * kSegment};
  std::optional<ServerHarness> server;
  int stored = 0;
};

TEST_F(FullServer, DrainsCompletelyAndThenTakesSendsAgain) {
  fill();
  consume(stored);
  EXPECT_TRUE(server->failures.empty());
  EXPECT_TRUE(send());
  fill();  // as full as before
}

TEST_F(FullServer, RefusesSendsOnlyUntilSpaceReturns) {
  fill();
  EXPECT_FALSE(send());
  disk.resize(20 * kSegment);
  server->run();
  EXPECT_TRUE(send() || send());  // the first may find the segment still being prepared
  EXPECT_TRUE(server->failures.empty());
}

TEST_F(FullServer, TakesSendsAgainAfterABackupThatCameInBetween) {
  fill();
  auto backup = memory.lock(std::string("/data/journal/") + kUpkeepLock, IfHeld::kFail);
  ASSERT_TRUE(backup.has_value());
  consume(stored);
  EXPECT_FALSE(send());  // nothing is given back while the backup is made
  backup->reset();
  server->clock.advance(std::chrono::seconds(1));
  server->run();
  EXPECT_TRUE(send());
}

TEST_F(FullServer, StartsAgainAndDrains) {
  fill();
  const int kept = stored;
  for (int restart = 0; restart < 3; ++restart) {
    server.reset();
    open();
    ASSERT_EQ(server->describe("q").visible, static_cast<std::uint64_t>(kept));
    // What a restart cuts off may leave room for a few.
    while (send()) ASSERT_LT(++stored, kept + 30);
    consume(stored - kept);
  }
  consume(stored);
  EXPECT_TRUE(send());
}

}  // namespace
}  // namespace headrace::queue

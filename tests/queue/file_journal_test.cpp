// The journal as the broker sees it: group commit, segments, full and failing disks, reading back.
#include <cerrno>

#include <gtest/gtest.h>

#include "tests/queue/server_harness.hpp"

namespace headrace::queue {
namespace {

using Operation = FakeFileSystem::Operation;

class OnDisk : public ::testing::Test {
 protected:
  OnDisk() : server(disk) { EXPECT_TRUE(server.create("q").has_value()); }

  FakeFileSystem disk;
  ServerHarness server;
};

TEST_F(OnDisk, WhatArrivesWhileASyncRunsSharesTheNext) {
  server.syncer.hold();
  const std::size_t before = server.syncer.runs();
  const auto first = server.send("q", {"first"});
  std::vector<SendAnswer> crowd;
  for (int i = 0; i < 100; ++i) crowd.push_back(server.send("q", {"crowd"}));
  EXPECT_EQ(server.syncer.runs(), before + 1);
  server.syncer.release_one();
  server.run();
  EXPECT_TRUE(first.arrived());
  EXPECT_FALSE(crowd[0].arrived());
  EXPECT_EQ(server.syncer.runs(), before + 2);
  server.syncer.release_one();
  server.run();
  for (const SendAnswer& answer : crowd) EXPECT_TRUE(answer.arrived());
  EXPECT_EQ(server.syncer.runs(), before + 2);
}

TEST_F(OnDisk, RequestsOfOneTurnShareABlock) {
  const std::uint64_t before = disk.count(Operation::kWrite);
  std::vector<SendAnswer> answers;
  for (int i = 0; i < 50; ++i) {
    answers.push_back(SendAnswer::of(
        server.loop, server.broker->send(SendRequest{
                         address_of("q"), {SendEntry{content_with("x"), std::nullopt}}})));
  }
  server.run();
  EXPECT_TRUE(answers.back().arrived());
  EXPECT_EQ(disk.count(Operation::kWrite), before + 1);
}

TEST_F(OnDisk, AWriteNeedNotWaitForTheRunningSync) {
  server.syncer.hold();
  server.send("q", {"a"});
  const std::uint64_t before = disk.count(Operation::kWrite);
  server.send("q", {"b"});
  EXPECT_EQ(disk.count(Operation::kWrite), before + 1);
}

TEST_F(OnDisk, AnIdleJournalWritesOneSmallBlockAndThenNothing) {
  server.clock.advance(1s);
  server.send("q", {"x"});
  const std::uint64_t before = disk.count(Operation::kWrite);
  server.clock.advance(49ms);
  EXPECT_EQ(disk.count(Operation::kWrite), before);
  server.clock.advance(1ms);
  EXPECT_EQ(disk.count(Operation::kWrite), before + 1);
  server.clock.advance(1h);
  EXPECT_EQ(disk.count(Operation::kWrite), before + 1);
}

TEST_F(OnDisk, AFailedSyncIsFinalAndReportedOnce) {
  disk.fail(Operation::kSync, 1, EIO);
  const Lsn durable = server.journal().durable();
  const auto lost = server.send("q", {"x"});
  EXPECT_FALSE(lost.arrived());
  const auto later = server.send("q", {"y"});
  server.clock.advance(1min);
  EXPECT_FALSE(later.arrived());
  EXPECT_EQ(server.failures.size(), 1U);
  EXPECT_EQ(server.journal().durable(), durable);
}

TEST_F(OnDisk, AFailedWriteIsFinalAlsoForASyncThatStillRuns) {
  server.syncer.hold();
  const auto written = server.send("q", {"written"});
  disk.fail(Operation::kWrite, 1, EIO);
  const auto lost = server.send("q", {"lost"});
  EXPECT_EQ(server.failures.size(), 1U);
  server.syncer.release();
  server.run();
  EXPECT_FALSE(written.arrived());
  EXPECT_FALSE(lost.arrived());
  EXPECT_EQ(server.failures.size(), 1U);
}

TEST_F(OnDisk, CloseReturnsAfterAFailure) {
  disk.fail(Operation::kSync, 1, EIO);
  server.send("q", {"x"});
  bool closed = false;
  boost::asio::co_spawn(server.loop, server.journal().close(),
                        [&closed](std::exception_ptr) { closed = true; });
  server.run();
  EXPECT_TRUE(closed);
}

TEST(Close, WaitsForTheSegmentInPreparation) {
  FakeFileSystem disk;
  ServerHarness server(disk);
  server.background.hold();
  ASSERT_TRUE(server.create("q").has_value());
  ASSERT_GT(server.background.waiting(), 0U);
  bool closed = false;
  boost::asio::co_spawn(server.loop, server.journal().close(),
                        [&closed](std::exception_ptr) { closed = true; });
  server.run();
  EXPECT_FALSE(closed);
  server.background.release();
  server.run();
  EXPECT_TRUE(closed);
  EXPECT_EQ(server.background.waiting(), 0U);
}

TEST_F(OnDisk, BodiesComeFromThePageCacheAndOtherwiseFromAReader) {
  server.send("q", {"body"});
  const auto peek = [](ServerHarness& again) {
    return again.start(again.broker->peek(PeekRequest{address_of("q"), 10}));
  };
  const auto warm = disk.after_kill();
  {
    ServerHarness again(*warm);
    again.background.hold();
    EXPECT_EQ((**peek(again))[0].message.content.body, "body");
  }
  warm->chill_page_cache();
  ServerHarness again(*warm);
  again.background.hold();
  const auto got = peek(again);
  EXPECT_FALSE(got.arrived());
  again.background.release();
  again.run();
  EXPECT_EQ((**got)[0].message.content.body, "body");
}

TEST_F(OnDisk, AColdBacklogHoldsUpNoOtherQueue) {
  constexpr std::size_t kReceives = 50;
  for (std::size_t i = 0; i < kReceives; ++i) server.send("q", {"cold"});
  const auto cold = disk.after_kill();
  cold->chill_page_cache();
  ServerHarness again(*cold);
  again.background.hold();  // a disk that never answers
  std::vector<ReceiveAnswer> waiting;
  for (std::size_t i = 0; i < kReceives; ++i) waiting.push_back(again.receive("q"));
  ASSERT_TRUE(again.create("other").has_value());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(again.send("other", {"warm"}).arrived());
    const auto received = again.receive("other");
    ASSERT_TRUE(received.arrived());
    EXPECT_TRUE(again.remove("other", (**received)[0].receipt_handle).arrived());
  }
  for (const ReceiveAnswer& one : waiting) EXPECT_FALSE(one.arrived());
  again.background.release();
  again.run();
  for (const ReceiveAnswer& one : waiting) {
    ASSERT_TRUE(one.arrived());
    EXPECT_EQ((**one)[0].content.body, "cold");
  }
}

TEST_F(OnDisk, BodiesAreReadWhileTheirBlockIsStillBeingWritten) {
  server.writer.hold();
  server.send("q", {"unwritten"});
  const auto peeked = server.start(server.broker->peek(PeekRequest{address_of("q"), 10}));
  server.writer.release();
  server.run();
  EXPECT_EQ((**peeked)[0].message.content.body, "unwritten");
}

TEST_F(OnDisk, WorkRollsOverManySegmentsAndComesBack) {
  FakeFileSystem fresh;
  {
    ServerHarness small(fresh, Durability::kSync, 16 << 10);
    ASSERT_TRUE(small.create("q").has_value());
    for (int i = 0; i < 100; ++i) {
      ASSERT_TRUE(small.send("q", {std::to_string(i) + std::string(2000, '.')}).arrived());
    }
  }
  ServerHarness small(fresh, Durability::kSync, 16 << 10);
  ASSERT_TRUE(small.opened()) << small.refusal();
  const auto got = small.receive("q", 1000);
  ASSERT_EQ((*got)->size(), 100U);
  EXPECT_TRUE((**got)[99].content.body.starts_with("99."));
}

TEST(DurabilityOs, AnswersWhenWrittenAndSyncsEverySecond) {
  FakeFileSystem disk;
  ServerHarness server(disk, Durability::kOs);
  ASSERT_TRUE(server.create("q").has_value());
  server.clock.advance(2s);
  const std::size_t before = server.syncer.runs();
  EXPECT_TRUE(server.send("q", {"x"}).arrived());
  EXPECT_TRUE(server.send("q", {"y"}).arrived());
  server.clock.advance(999ms);
  EXPECT_EQ(server.syncer.runs(), before);
  server.clock.advance(1ms);
  EXPECT_EQ(server.syncer.runs(), before + 1);
}

TEST(DurabilityOs, CloseSyncsAtOnce) {
  FakeFileSystem disk;
  ServerHarness server(disk, Durability::kOs);
  ASSERT_TRUE(server.create("q").has_value());
  server.send("q", {"x"});
  bool closed = false;
  boost::asio::co_spawn(server.loop, server.journal().close(),
                        [&closed](std::exception_ptr) { closed = true; });
  server.run();
  EXPECT_TRUE(closed);
  const auto crashed = disk.after_losing_unsynced();
  ServerHarness again(*crashed);
  EXPECT_EQ((*again.receive("q", 10))->size(), 1U);
}

class FullDisk : public OnDisk {
 protected:
  // Every preparation of a segment that waits fails for lack of space.
  void no_space() {
    while (server.background.waiting() > 0 && ++attempts < 20) {
      disk.fail(Operation::kWrite, 1, ENOSPC);
      server.background.release_one();
      server.run();
    }
  }
  SendAnswer send_much() { return server.send("q", {std::string(900'000, 'x')}); }

  int attempts = 0;
};

TEST_F(FullDisk, SendsAreRefusedDeletesGoOnAndSpaceThatReturnsIsUsed) {
  ASSERT_TRUE(send_much().arrived());  // two spares are there now
  server.background.hold();
  std::vector<SendAnswer> sent;
  do {
    sent.push_back(send_much());
    no_space();
    ASSERT_LT(sent.size(), 20U);
  } while (sent.back().arrived() && sent.back()->has_value());
  ASSERT_TRUE(sent.back().arrived());
  EXPECT_EQ(sent.back()->error().code, ErrorCode::kServiceUnavailable);

  const auto got = server.receive("q", 1);
  ASSERT_TRUE(got.arrived());
  ASSERT_EQ((*got)->size(), 1U);
  const auto removed = server.remove("q", (**got)[0].receipt_handle);
  ASSERT_TRUE(removed.arrived());
  EXPECT_TRUE((**removed)[0].has_value());
  EXPECT_TRUE(server.failures.empty());

  server.background.release();
  const auto refused_or_not = send_much();
  server.run();
  const auto again = send_much();
  server.run();
  ASSERT_TRUE(again.arrived());
  EXPECT_TRUE(again->has_value());
}

TEST_F(FullDisk, AParkedReceiveEndsEmptyRatherThanLeaseWithoutRoom) {
  server.background.hold();
  const auto poll = server.receive("q", 1, 20);
  ASSERT_TRUE(server.send("q", {"x"}, 5).arrived());
  while (server.journal().has_room(RoomFor::kOther)) {
    const auto put =
        server.start(server.broker->put_document(Document{"k", std::string(900'000, 'x')}));
    ASSERT_TRUE(put.arrived());
  }
  EXPECT_FALSE(poll.arrived());
  server.clock.advance(5s);
  ASSERT_TRUE(poll.arrived());
  EXPECT_TRUE((*poll)->empty());
  EXPECT_EQ(server.describe("q").in_flight, 0U);
  no_space();
}

}  // namespace
}  // namespace headrace::queue

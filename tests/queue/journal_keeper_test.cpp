// Snapshots, reclaiming and compaction as a whole server sees them.
#include "queue/journal_keeper.hpp"

#include <cerrno>
#include <set>

#include <gtest/gtest.h>

#include "queue/data_directory.hpp"
#include "queue/recovery.hpp"
#include "tests/queue/server_harness.hpp"

namespace headrace::queue {
namespace {

using Operation = FakeFileSystem::Operation;

constexpr std::uint64_t kKeptSegment = 64 << 10;
const std::string kJournal = "/data/journal";

std::string body_of(int number, std::size_t size) {
  std::string body = std::to_string(number) + ".";
  body.resize(size, 'x');
  return body;
}

class Keeper : public ::testing::Test {
 protected:
  void open(FakeFileSystem& files) {
    server.emplace(files, Durability::kSync, kKeptSegment);
    ASSERT_TRUE(server->opened()) << server->refusal();
    server->keep_journal();
  }
  void open() {
    open(disk);
    ASSERT_TRUE(server->create("q").has_value());
  }

  void send(int first, int count, std::size_t size = 1000) {
    for (int i = first; i < first + count; ++i) {
      const auto sent = server->send("q", {body_of(i, size)});
      ASSERT_TRUE(sent.arrived());
      ASSERT_TRUE(sent->has_value());
    }
  }

  // Receives and deletes the oldest `count`, but for each `keep`-th.
  void consume(int count, int keep = 0) {
    for (int i = 1; i <= count; ++i) {
      const auto got = server->receive("q", 1, 0, 40'000);
      ASSERT_EQ((*got)->size(), 1U);
      if (keep > 0 && i % keep == 0) continue;
      ASSERT_TRUE(server->remove("q", (**got)[0].receipt_handle).arrived());
    }
  }

  std::multiset<std::string> bodies() {
    std::multiset<std::string> found;
    const auto peeked =
        server->start(server->broker->peek(PeekRequest{address_of("q"), 1'000'000}));
    for (const PeekedMessage& seen : **peeked) {
      const std::string& body = seen.message.content.body;
      found.insert(body.substr(0, body.find('.')));
    }
    return found;
  }

  std::vector<std::string> files_with(const std::string& suffix, FakeFileSystem& files) {
    std::vector<std::string> names = *files.list(kJournal);
    std::erase_if(names, [&](const std::string& name) { return !name.ends_with(suffix); });
    return names;
  }
  std::vector<std::string> snapshots() { return files_with(".snap", disk); }
  std::vector<std::string> segments() { return files_with(".seg", disk); }

  FakeFileSystem disk;
  std::optional<ServerHarness> server;
};

TEST_F(Keeper, TakesASnapshotWhenMoreWasWrittenThanIsAliveTwiceOver) {
  open();
  send(0, 100);  // 100 KB, all alive, below two segments
  EXPECT_TRUE(snapshots().empty());
  send(100, 40);  // above two segments, but not above twice what is alive
  EXPECT_TRUE(snapshots().empty());
  consume(140);
  send(140, 30);
  EXPECT_EQ(snapshots().size(), 1U);
}

TEST_F(Keeper, OneSnapshotAtATimeAndOnlyTheNewestStays) {
  open();
  for (int round = 0; round < 20; ++round) {
    send(round * 50, 50);
    consume(50);
    EXPECT_LE(snapshots().size(), 1U);
  }
  EXPECT_GT(server->keeper->snapshot_bytes_total(), 0U);
}

TEST_F(Keeper, BeginsNothingWhileABackupIsMade) {
  open();
  auto backup = disk.lock(kJournal + "/" + kUpkeepLock, IfHeld::kFail).value();
  std::set<std::string> written;
  for (int round = 0; round < 20; ++round) {
    send(round * 50, 50);
    consume(50);
    for (const std::string& name : segments()) written.insert(name);
  }
  EXPECT_TRUE(snapshots().empty());
  const std::vector<std::string> all = segments();
  EXPECT_EQ(written, std::set<std::string>(all.begin(), all.end()));  // none went
  backup.reset();
  server->clock.advance(std::chrono::seconds(1));
  server->run();
  EXPECT_EQ(snapshots().size(), 1U);
  EXPECT_LT(segments().size(), all.size());
}

TEST_F(Keeper, AShortLivedLoadUsesTheSameFewFilesAgain) {
  open();
  std::set<std::string> names;
  for (int round = 0; round < 100; ++round) {
    send(round * 20, 20);
    consume(20);
    const auto now = segments();
    EXPECT_LE(now.size(), 10U);
    names.insert(now.begin(), now.end());
  }
  EXPECT_GT(names.size(), 30U);  // two megabytes through files of 64 KiB
  // A file is filled with zeros only before its first life.
  const std::string newest = segments().back();
  const auto file = disk.open(kJournal + "/" + newest, OpenMode::kExisting);
  const auto header = decode_segment_header(*(*file)->read_at(0, kSectorBytes));
  ASSERT_TRUE(header.has_value());
  EXPECT_NE(segment_file_name(header->segment), newest);  // a spare with its earlier life's header
  send(10'000, 200);
  EXPECT_EQ(bodies().size(), 200U);
  const auto crashed = disk.after_losing_unsynced();
  open(*crashed);
  EXPECT_EQ(bodies().size(), 200U);
}

TEST_F(Keeper, CopiesTheFewThatLiveLongAndGivesTheirSegmentsBack) {
  open();
  for (int round = 0; round < 50; ++round) {
    send(round * 20, 20);
    consume(20, 20);  // one in twenty stays
  }
  std::multiset<std::string> alive;
  for (int i = 19; i < 1000; i += 20) alive.insert(std::to_string(i));
  EXPECT_GT(server->keeper->copied_bytes_total(), 0U);
  EXPECT_LT(server->keeper->copied_bytes_total(), 600'000U);  // of three megabytes written
  const FileJournal::Space space = server->file_journal().space();
  EXPECT_LE(space.segment_bytes, 4 * space.live_bytes + 3 * kKeptSegment);
  EXPECT_EQ(bodies(), alive);
  const auto crashed = disk.after_losing_unsynced();
  open(*crashed);
  EXPECT_EQ(bodies(), alive);
}

TEST_F(Keeper, DeadLetteredMessagesAreCopiedToo) {
  open();
  ASSERT_TRUE(server->create("dlq").has_value());
  ASSERT_TRUE(server->create("src", {{"RedrivePolicy", redrive_policy("dlq", 1)}}).has_value());
  for (int i = 0; i < 5; ++i) {
    server->send("src", {body_of(i, 1000)});
    server->receive("src", 1, 0, 0);
  }
  server->receive("src", 1, 0, 0);  // moves them
  ASSERT_EQ(server->describe("dlq").visible, 5U);
  for (int round = 0; round < 30; ++round) {
    send(round * 20, 20);
    consume(20);
  }
  EXPECT_GT(server->keeper->copied_bytes_total(), 0U);
  const auto crashed = disk.after_losing_unsynced();
  open(*crashed);
  const auto got = server->receive("dlq", 10);
  ASSERT_EQ((*got)->size(), 5U);
  EXPECT_TRUE((**got)[4].content.body.starts_with("4."));
}

// The journal has ended by then, and nobody waits for the background any more.
TEST_F(Keeper, ASnapshotThatEndsWhileTheServerStopsRemovesNothing) {
  open();
  auto backup = disk.lock(kJournal + "/" + kUpkeepLock, IfHeld::kFail).value();
  send(0, 600);  // ten segments, more than are used again
  consume(600);
  backup.reset();
  server->background.hold();
  server->clock.advance(std::chrono::seconds(1));
  server->run();
  while (snapshots().empty()) {
    ASSERT_GT(server->background.waiting(), 0U);
    server->background.release_one();
    if (snapshots().empty()) server->run();
  }
  server->keeper->stop();
  server->run();
  EXPECT_EQ(server->background.waiting(), 0U);
}

TEST_F(Keeper, RecoveryReadsTheSnapshotAndTheRecordsAfterItOnly) {
  open();
  send(0, 300);  // five segments
  consume(250);
  ASSERT_EQ(snapshots().size(), 1U);
  server.reset();
  const std::uint64_t before = disk.count(Operation::kRead);
  open(disk);
  // Whole segments are read in one call; of those the snapshot covers only the header is.
  EXPECT_LT(disk.count(Operation::kRead) - before, 60U);
  EXPECT_EQ(bodies().size(), 50U);
}

TEST_F(Keeper, AFifoQueueComesBackFromASnapshotAndKnowsItsDuplicates) {
  open(disk);
  const AttributeMap attributes = {{"FifoQueue", "true"}, {"ContentBasedDeduplication", "true"}};
  ASSERT_TRUE(server->create("q.fifo", attributes).has_value());
  SendRequest request{address_of("q.fifo"), {SendEntry{content_with("1"), std::nullopt}}};
  request.entries[0].content.group_id = "g";
  const auto first = server->start(server->broker->send(request));
  ASSERT_TRUE(first.arrived());
  server->keeper->begin();
  server->run();
  ASSERT_EQ(snapshots().size(), 1U);
  server.reset();
  open(disk);
  const auto second = server->start(server->broker->send(request));
  ASSERT_TRUE(second.arrived());
  EXPECT_EQ((**second)[0]->message_id, (**first)[0]->message_id);
  EXPECT_EQ((*server->receive("q.fifo", 10))->size(), 1U);
}

TEST_F(Keeper, RecoveryTwiceGivesTheSame) {
  open();
  send(0, 200);
  consume(150, 10);
  server.reset();
  open(disk);
  const auto once = bodies();
  server.reset();
  open(disk);
  EXPECT_EQ(bodies(), once);
  EXPECT_EQ(once.size(), 65U);
}

TEST_F(Keeper, AnUnfinishedSnapshotIsIgnoredAndRemoved) {
  open();
  send(0, 10);
  server.reset();
  const std::string unfinished = kJournal + "/0000000000000005.snap.new";
  const auto made = disk.open(unfinished, OpenMode::kCreate);
  ASSERT_TRUE(made.has_value());
  ASSERT_TRUE((*made)->write_at(0, "HRSNAP01").has_value());
  open(disk);
  EXPECT_EQ(bodies().size(), 10U);
  EXPECT_TRUE(files_with(".new", disk).empty());
}

class DamagedSnapshot : public Keeper {
 protected:
  // Opens a copy after a bit of the newest snapshot was flipped; -1 when refused.
  int open_with_flip(std::uint64_t offset) {
    const auto copy = disk.after_kill();
    copy->flip_bit(kJournal + "/" + snapshots().back(), offset, 2);
    ServerHarness again(*copy, Durability::kSync, kKeptSegment);
    refusal = again.refusal();
    return again.opened() ? static_cast<int>(again.describe("q").visible) : -1;
  }
  std::uint64_t snapshot_size() {
    const auto file = disk.open(kJournal + "/" + snapshots().back(), OpenMode::kExisting);
    return *(*file)->size();
  }

  std::string refusal;
};

TEST_F(DamagedSnapshot, IsPassedOverWhileTheFullLogIsThere) {
  open();
  for (int i = 0; snapshots().empty() && i < 300; ++i) {
    send(i, 1);  // all stay alive: nothing is reclaimed
    for (int looks = 0; looks < 3; ++looks) server->receive("q", 1, 0, 0);
  }
  ASSERT_EQ(snapshots().size(), 1U);
  ASSERT_EQ(segments().front(), segment_file_name(1));
  server->clock.advance(1s);
  const int visible = static_cast<int>(server->describe("q").visible);
  for (std::uint64_t at = 0; at < snapshot_size(); at += 41) {
    EXPECT_EQ(open_with_flip(at), visible) << at << " " << refusal;
  }
}

TEST_F(DamagedSnapshot, IsRefusedByNameWhenTheLogBeforeItIsGone) {
  open();
  for (int round = 0; round < 10; ++round) {
    send(round * 40, 40);
    consume(40);
  }
  send(1000, 5);
  server->clock.advance(1s);
  ASSERT_EQ(snapshots().size(), 1U);
  EXPECT_GT(segments().front(), segment_file_name(1));
  for (std::uint64_t at = 0; at < snapshot_size(); at += 7) {
    EXPECT_EQ(open_with_flip(at), -1) << at;
    EXPECT_NE(refusal.find(snapshots().back()), std::string::npos) << refusal;
  }
}

TEST_F(DamagedSnapshot, AMissingSegmentWithLivingMessagesIsRefusedByName) {
  open();
  send(0, 300);
  consume(250, 2);
  ASSERT_EQ(snapshots().size(), 1U);
  std::uint64_t oldest = UINT64_MAX;
  server->engine.visit_bodies(
      [&oldest](BodyRef body) { oldest = std::min(oldest, body.place >> 32); });
  const std::string first = segment_file_name(oldest);
  const auto copy = disk.after_kill();
  ASSERT_TRUE(copy->unlink(kJournal + "/" + first).has_value());
  ServerHarness again(*copy, Durability::kSync, kKeptSegment);
  ASSERT_FALSE(again.opened());
  EXPECT_NE(again.refusal().find(first), std::string::npos) << again.refusal();
}

}  // namespace
}  // namespace headrace::queue

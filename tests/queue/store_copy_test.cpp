// Backups: what a copy holds, what it needs of the server, and what is no copy.
#include "queue/store_copy.hpp"

#include <set>

#include <gtest/gtest.h>

#include "queue/data_directory.hpp"
#include "queue/recovery.hpp"
#include "tests/queue/live_store.hpp"

namespace headrace::queue {
namespace {

constexpr const char* kData = "/data";
constexpr const char* kBackup = "/backup";

class StoreCopyTest : public ::testing::Test {
 protected:
  void create(LiveStore& live) {
    ASSERT_TRUE(
        live.start(live.store->broker().create_queue({address_of("q"), {}, {}}))->has_value());
  }
  void send(LiveStore& live, const std::string& body) {
    SendRequest request{address_of("q"), {}};
    request.entries.push_back(SendEntry{content_with(body), std::nullopt});
    ASSERT_TRUE(live.start(live.store->broker().send(std::move(request)))->has_value());
  }
  std::vector<std::string> bodies_in(const std::string& path) {
    return LiveStore(disk, path).bodies();
  }
  std::string segment(std::uint64_t number) const {
    return std::string(kData) + "/journal/" + segment_file_name(number);
  }
  // Where the blocks of the first segment begin.
  std::vector<std::uint64_t> blocks_of(std::uint64_t number) {
    const auto bytes = read_file(disk, segment(number));
    SegmentScan scan(number, *bytes);
    std::vector<std::uint64_t> offsets;
    bool gap = false;
    while (const auto block = scan.next(gap)) offsets.push_back(block->offset);
    return offsets;
  }
  bool is_data_directory(const std::string& path) {
    return disk.open(path + "/store", OpenMode::kExisting).has_value();
  }

  FakeFileSystem disk;
};

TEST_F(StoreCopyTest, OfARunningServerHoldsItsQueuesMessagesAndHandles) {
  LiveStore live(disk, kData);
  create(live);
  send(live, "a");
  send(live, "b");
  ReceiveRequest receive;
  receive.address = address_of("q");
  auto received = live.start(live.store->broker().receive(std::move(receive), live.never));
  const std::string handle = (**received)[0].receipt_handle;

  const auto copied = copy_store(disk, kData, kBackup);
  ASSERT_TRUE(copied.has_value()) << copied.error().message;
  EXPECT_EQ(copied->verified.queues, 1U);
  EXPECT_EQ(copied->verified.messages, 2U);

  LiveStore restored(disk, kBackup);
  EXPECT_EQ(restored.bodies(), (std::vector<std::string>{"a", "b"}));
  DeleteRequest remove{address_of("q"), {handle}};
  const auto removed = restored.start(restored.store->broker().remove(std::move(remove)));
  ASSERT_TRUE((**removed)[0].has_value());
  EXPECT_EQ(restored.bodies(), (std::vector<std::string>{"b"}));
  EXPECT_EQ(live.bodies(), (std::vector<std::string>{"a", "b"}));
}

TEST_F(StoreCopyTest, OfACopyIsTheSameAgain) {
  {
    LiveStore live(disk, kData);
    create(live);
    send(live, "a");
  }
  ASSERT_TRUE(copy_store(disk, kData, kBackup).has_value());
  ASSERT_TRUE(copy_store(disk, kBackup, "/restored").has_value());
  EXPECT_EQ(bodies_in("/restored"), (std::vector<std::string>{"a"}));
}

TEST_F(StoreCopyTest, IsOnTheDiskWhenItSaysSo) {
  {
    LiveStore live(disk, kData);
    create(live);
    send(live, "a");
  }
  ASSERT_TRUE(copy_store(disk, kData, kBackup).has_value());
  const auto crashed = disk.after_losing_unsynced();
  EXPECT_EQ(LiveStore(*crashed, kBackup).bodies(), (std::vector<std::string>{"a"}));
}

TEST_F(StoreCopyTest, EndsBeforeABlockThatIsBeingWritten) {
  LiveStore live(disk, kData);
  create(live);
  send(live, "a");
  send(live, "b");
  const std::uint64_t last = blocks_of(1).at(2);
  const auto file = disk.open(segment(1), OpenMode::kExisting);
  ASSERT_TRUE((*file)->write_at(last + 64, std::string(400, '\0')).has_value());
  const auto copied = copy_store(disk, kData, kBackup);
  ASSERT_TRUE(copied.has_value()) << copied.error().message;
  EXPECT_EQ(bodies_in(kBackup), (std::vector<std::string>{"a"}));
}

// The reader passed the place of a block right before the server wrote it, and the one behind it.
TEST_F(StoreCopyTest, LooksAgainWhereABlockWasReadTooEarly) {
  {
    LiveStore live(disk, kData);
    create(live);
    for (const char* body : {"a", "b", "c"}) send(live, body);
  }
  const std::uint64_t place = blocks_of(1).at(2);
  const auto file = disk.open(segment(1), OpenMode::kExisting);
  const std::string block = *(*file)->read_at(place, kSectorBytes);
  ASSERT_TRUE((*file)->write_at(place, std::string(kSectorBytes, '\0')).has_value());
  int reads = 0;
  disk.observe_reads([&] {
    // Of the store's file, the segment's header, and the whole segment.
    if (++reads != 3) return;
    ASSERT_TRUE((*file)->write_at(place, block).has_value());
  });
  const auto copied = copy_store(disk, kData, kBackup);
  ASSERT_TRUE(copied.has_value()) << copied.error().message;
  EXPECT_EQ(bodies_in(kBackup), (std::vector<std::string>{"a", "b", "c"}));
}

TEST_F(StoreCopyTest, GoesIntoAnEmptyFolderOnly) {
  {
    LiveStore live(disk, kData);
    create(live);
  }
  ASSERT_TRUE(copy_store(disk, kData, kBackup).has_value());
  const auto again = copy_store(disk, kData, kBackup);
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().code, headrace::ErrorCode::kExists);
  EXPECT_TRUE(is_data_directory(kBackup));
}

TEST_F(StoreCopyTest, OfNoDataDirectoryIsRefused) {
  ASSERT_TRUE(disk.create_directory("/elsewhere").has_value());
  const auto copied = copy_store(disk, "/elsewhere", kBackup);
  ASSERT_FALSE(copied.has_value());
  EXPECT_EQ(copied.error().code, headrace::ErrorCode::kNotFound);
  EXPECT_FALSE(disk.list(kBackup).has_value());
}

TEST_F(StoreCopyTest, OfADamagedJournalIsNoDataDirectory) {
  {
    LiveStore live(disk, kData);
    create(live);
    send(live, std::string(5000, 'x'));
    send(live, "b");
  }
  // A byte of the first body.
  const auto file = disk.open(segment(1), OpenMode::kExisting);
  ASSERT_TRUE((*file)->write_at(blocks_of(1)[1] + 1000, "y").has_value());
  const auto copied = copy_store(disk, kData, kBackup);
  ASSERT_FALSE(copied.has_value());
  EXPECT_EQ(copied.error().code, headrace::ErrorCode::kCorrupt);
  EXPECT_FALSE(is_data_directory(kBackup));
}

}  // namespace
}  // namespace headrace::queue

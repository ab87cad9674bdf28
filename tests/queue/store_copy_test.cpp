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

TEST_F(StoreCopyTest, OfARunningServerHoldsItsQueuesAndMessages) {
  LiveStore live(disk, kData);
  create(live);
  send(live, "a");
  send(live, "b");
  const auto copied = copy_store(disk, kData, kBackup);
  ASSERT_TRUE(copied.has_value()) << copied.error().message;
  EXPECT_EQ(copied->verified.queues, 1U);
  EXPECT_EQ(copied->verified.messages, 2U);
  EXPECT_EQ(bodies_in(kBackup), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(live.bodies(), (std::vector<std::string>{"a", "b"}));
}

// The original and its copy hand out the same sequences from here on.
TEST_F(StoreCopyTest, AHandleOfTheOriginalDeletesNothingInTheCopy) {
  LiveStore live(disk, kData);
  create(live);
  ASSERT_TRUE(copy_store(disk, kData, kBackup).has_value());
  const auto receive_one = [](LiveStore& from) {
    ReceiveRequest receive;
    receive.address = address_of("q");
    const auto got = from.start(from.store->broker().receive(std::move(receive), from.never));
    return (**got)[0].receipt_handle;
  };
  send(live, "original");
  const std::string handle = receive_one(live);
  LiveStore copy(disk, kBackup);
  send(copy, "copy");
  receive_one(copy);
  DeleteRequest remove{address_of("q"), {handle}};
  const auto removed = copy.start(copy.store->broker().remove(std::move(remove)));
  ASSERT_FALSE((**removed)[0].has_value());
  EXPECT_EQ((**removed)[0].error().code, ErrorCode::kReceiptHandleIsInvalid);
  EXPECT_EQ(copy.bodies(), (std::vector<std::string>{"copy"}));
}

TEST_F(StoreCopyTest, ACopyOfAFifoQueueRemembersItsSends) {
  const auto send_again = [](LiveStore& to) {
    SendRequest request{address_of("q.fifo"), {}};
    request.entries.push_back(SendEntry{content_with("a"), std::nullopt});
    request.entries[0].content.group_id = "g";
    request.entries[0].content.deduplication_id = "once";
    const auto sent = to.start(to.store->broker().send(std::move(request)));
    return (**sent)[0]->message_id;
  };
  LiveStore live(disk, kData);
  live.start(
      live.store->broker().create_queue({address_of("q.fifo"), {{"FifoQueue", "true"}}, {}}));
  const Uuid first = send_again(live);
  ASSERT_TRUE(copy_store(disk, kData, kBackup).has_value());
  LiveStore copy(disk, kBackup);
  EXPECT_EQ(send_again(copy), first);
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
    // Of the store's two files, the segment's header, and the whole segment.
    if (++reads != 4) return;
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

// A copy with other keys would sign texts that the original does not know.
TEST_F(StoreCopyTest, WithoutTheKeysOfTheOriginalThereIsNone) {
  {
    LiveStore live(disk, kData);
    create(live);
  }
  const std::string key = std::string(kData) + "/handle.key";
  const std::string bytes = *read_file(disk, key);
  const auto expect_refused = [&] {
    const auto copied = copy_store(disk, kData, kBackup);
    ASSERT_FALSE(copied.has_value());
    EXPECT_EQ(copied.error().code, headrace::ErrorCode::kInvalid);
    EXPECT_NE(copied.error().message.find("handle.key"), std::string::npos);
    EXPECT_FALSE(disk.list(kBackup).has_value());
  };
  ASSERT_TRUE((*disk.open(key, OpenMode::kExisting))->truncate(bytes.size() - 1).has_value());
  expect_refused();
  ASSERT_TRUE(disk.unlink(key).has_value());
  expect_refused();
}

TEST_F(StoreCopyTest, OfADamagedJournalIsNoDataDirectory) {
  {
    LiveStore live(disk, kData);
    create(live);
    send(live, std::string(5000, 'x'));
    send(live, "b");
  }
  // A byte of the segment's header, of a block's, and of the first body.
  for (const std::uint64_t place :
       {std::uint64_t{20}, blocks_of(1)[1] + 8, blocks_of(1)[1] + 1000}) {
    const std::string backup = std::string(kBackup) + std::to_string(place);
    disk.flip_bit(segment(1), place, 3);
    const auto copied = copy_store(disk, kData, backup);
    disk.flip_bit(segment(1), place, 3);
    ASSERT_FALSE(copied.has_value()) << place;
    EXPECT_EQ(copied.error().code, headrace::ErrorCode::kCorrupt);
    EXPECT_FALSE(is_data_directory(backup));
  }
}

TEST_F(StoreCopyTest, WithALostHeaderIsFoundByItsBlocks) {
  {
    LiveStore live(disk, kData);
    create(live);
    send(live, "a");
  }
  const auto file = disk.open(segment(1), OpenMode::kExisting);
  ASSERT_TRUE((*file)->write_at(0, std::string(kSectorBytes, '\0')).has_value());
  const auto copied = copy_store(disk, kData, kBackup);
  ASSERT_FALSE(copied.has_value());
  EXPECT_EQ(copied.error().code, headrace::ErrorCode::kCorrupt);
}

TEST_F(StoreCopyTest, LeavesAloneWhoHoldsTheTarget) {
  {
    LiveStore live(disk, kData);
    create(live);
  }
  LiveStore other(disk, kBackup);
  const auto copied = copy_store(disk, kData, kBackup);
  ASSERT_FALSE(copied.has_value());
  EXPECT_EQ(copied.error().code, headrace::ErrorCode::kExists);
  EXPECT_TRUE(is_data_directory(kBackup));
  create(other);
  send(other, "goes on");
  EXPECT_EQ(other.bodies(), (std::vector<std::string>{"goes on"}));
}

// A server that starts on the target while it is copied to is refused, and takes nothing away.
TEST_F(StoreCopyTest, NobodyStartsOnItBeforeItIsWhole) {
  {
    LiveStore live(disk, kData);
    create(live);
    send(live, "a");
  }
  int refused = 0;
  disk.observe([&](FakeFileSystem::Operation) {
    if (is_data_directory(kBackup)) return;
    refused += LiveStore(disk, kBackup).store == nullptr ? 1 : 0;
  });
  const auto copied = copy_store(disk, kData, kBackup);
  disk.observe({});
  ASSERT_TRUE(copied.has_value()) << copied.error().message;
  EXPECT_GT(refused, 0);
  EXPECT_EQ(bodies_in(kBackup), (std::vector<std::string>{"a"}));
}

// A snapshot freed it; the server takes it for a later segment while it is being looked at.
TEST_F(StoreCopyTest, ASegmentThatIsUsedAgainMeanwhileIsNotMissed) {
  {
    LiveStore live(disk, kData);
    create(live);
    send(live, "a");
    const auto file = disk.open(segment(1), OpenMode::kExisting);
    const std::string first = *read_file(disk, segment(1));
    auto freed = disk.open(segment(7), OpenMode::kCreate);
    ASSERT_TRUE((*freed)->write_at(0, first).has_value());  // a header of another number
    int reads = 0;
    disk.observe_reads([&] {
      if (++reads == 3) disk.rename(segment(7), segment(9));
    });
    const auto copied = copy_store(disk, kData, kBackup);
    disk.observe_reads({});
    ASSERT_TRUE(copied.has_value()) << copied.error().message;
  }
  EXPECT_EQ(bodies_in(kBackup), (std::vector<std::string>{"a"}));
}

}  // namespace
}  // namespace headrace::queue

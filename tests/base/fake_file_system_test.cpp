#include "tests/support/fake_file_system.hpp"

#include <cerrno>
#include <set>

#include <gtest/gtest.h>

namespace headrace {
namespace {

using Operation = FakeFileSystem::Operation;

std::unique_ptr<File> create(FileSystem& disk, const std::string& path) {
  return disk.open(path, OpenMode::kCreate).value();
}

// The file's bytes, or "absent".
std::string content(FileSystem& disk, const std::string& path) {
  auto file = disk.open(path, OpenMode::kExisting);
  if (!file) return "absent";
  const std::uint64_t size = (*file)->size().value();
  return (*file)->read_at(0, size).value();
}

class FakeDisk : public testing::Test {
 protected:
  FakeDisk() { disk.create_directory("/data").value(); }

  // A file whose name and first bytes are stored.
  std::unique_ptr<File> stored_file(const std::string& path, const std::string& bytes) {
    auto file = create(disk, path);
    file->write_at(0, bytes).value();
    file->sync().value();
    disk.sync_directory("/data").value();
    return file;
  }

  FakeFileSystem disk;
};

TEST_F(FakeDisk, ReadsBackWhatWasWritten) {
  auto file = create(disk, "/data/a");
  file->write_at(2, "xyz").value();
  EXPECT_EQ(file->read_at(0, 10).value(), std::string("\0\0xyz", 5));
  EXPECT_EQ(file->read_at(4, 10).value(), "z");
  EXPECT_EQ(file->read_at(9, 10).value(), "");
}

TEST_F(FakeDisk, LosesUnsyncedBytesButKeepsSyncedOnes) {
  auto file = stored_file("/data/a", "old");
  file->write_at(0, "new").value();
  EXPECT_EQ(content(*disk.after_losing_unsynced(), "/data/a"), "old");
  EXPECT_EQ(content(disk, "/data/a"), "new");
  file->sync().value();
  EXPECT_EQ(content(*disk.after_losing_unsynced(), "/data/a"), "new");
}

TEST_F(FakeDisk, AKillKeepsEverythingWritten) {
  auto file = create(disk, "/data/a");
  file->write_at(0, "new").value();
  EXPECT_EQ(content(*disk.after_kill(), "/data/a"), "new");
}

TEST_F(FakeDisk, WhatAKillKeptIsStillUnsynced) {
  auto file = stored_file("/data/a", "old");
  file->write_at(0, "new").value();
  EXPECT_EQ(content(*disk.after_kill()->after_losing_unsynced(), "/data/a"), "old");
}

TEST_F(FakeDisk, ADirectoryEntryWaitsForItsDirectorySync) {
  auto file = create(disk, "/data/a");
  file->write_at(0, "x").value();
  file->sync().value();
  EXPECT_EQ(content(*disk.after_losing_unsynced(), "/data/a"), "absent");
  disk.sync_directory("/data").value();
  EXPECT_EQ(content(*disk.after_losing_unsynced(), "/data/a"), "x");
}

TEST_F(FakeDisk, ARenameIsWholeOrAbsentAfterAPowerCut) {
  stored_file("/data/a", "x");
  disk.rename("/data/a", "/data/b").value();
  std::set<std::pair<std::string, std::string>> seen;
  for (std::uint64_t seed = 0; seed < 64; ++seed) {
    Random random(seed);
    const auto after = disk.after_power_cut(random);
    seen.emplace(content(*after, "/data/a"), content(*after, "/data/b"));
  }
  const std::set<std::pair<std::string, std::string>> expected = {{"x", "absent"}, {"absent", "x"}};
  EXPECT_EQ(seen, expected);
}

TEST_F(FakeDisk, AnUnlinkedFileMayComeBack) {
  stored_file("/data/a", "x");
  disk.unlink("/data/a").value();
  EXPECT_EQ(content(disk, "/data/a"), "absent");
  EXPECT_EQ(content(*disk.after_losing_unsynced(), "/data/a"), "x");
  disk.sync_directory("/data").value();
  EXPECT_EQ(content(*disk.after_losing_unsynced(), "/data/a"), "absent");
}

TEST_F(FakeDisk, APowerCutKeepsDropsOrTearsEachSector) {
  auto file = stored_file("/data/a", std::string(4096, 'o'));
  file->write_at(0, std::string(4096, 'n')).value();
  bool kept = false;
  bool dropped = false;
  bool torn = false;
  for (std::uint64_t seed = 0; seed < 32; ++seed) {
    Random random(seed);
    const std::string bytes = content(*disk.after_power_cut(random), "/data/a");
    ASSERT_EQ(bytes.size(), 4096U);
    for (std::size_t at = 0; at < bytes.size(); at += 512) {
      const std::string sector = bytes.substr(at, 512);
      const std::size_t fresh = sector.find_first_not_of('n');
      kept |= fresh == std::string::npos;
      dropped |= fresh == 0;
      torn |= fresh != 0 && fresh != std::string::npos;
    }
  }
  EXPECT_TRUE(kept);
  EXPECT_TRUE(dropped);
  EXPECT_TRUE(torn);
}

TEST_F(FakeDisk, TheSameSeedCutsThePowerTheSameWay) {
  auto file = stored_file("/data/a", std::string(8192, 'o'));
  file->write_at(100, std::string(8000, 'n')).value();
  Random first(7);
  Random second(7);
  EXPECT_EQ(content(*disk.after_power_cut(first), "/data/a"),
            content(*disk.after_power_cut(second), "/data/a"));
}

TEST_F(FakeDisk, APowerCutNeverTouchesSyncedBytes) {
  auto file = stored_file("/data/a", std::string(1024, 's'));
  file->write_at(1024, std::string(1024, 'n')).value();
  for (std::uint64_t seed = 0; seed < 16; ++seed) {
    Random random(seed);
    const std::string bytes = content(*disk.after_power_cut(random), "/data/a");
    EXPECT_EQ(bytes.substr(0, 1024), std::string(1024, 's'));
  }
}

TEST_F(FakeDisk, ATruncationWaitsForItsSync) {
  auto file = stored_file("/data/a", "abcdef");
  file->truncate(2).value();
  EXPECT_EQ(content(disk, "/data/a"), "ab");
  EXPECT_EQ(content(*disk.after_losing_unsynced(), "/data/a"), "abcdef");
  file->sync().value();
  EXPECT_EQ(content(*disk.after_losing_unsynced(), "/data/a"), "ab");
}

TEST_F(FakeDisk, PreallocatedBytesAreStoredZeros) {
  auto file = create(disk, "/data/a");
  disk.sync_directory("/data").value();
  file->preallocate(1000).value();
  EXPECT_EQ(content(*disk.after_losing_unsynced(), "/data/a"), std::string(1000, '\0'));
}

TEST_F(FakeDisk, FailsTheChosenWriteHalfWay) {
  auto file = create(disk, "/data/a");
  disk.fail(Operation::kWrite, 2, ENOSPC);
  EXPECT_TRUE(file->write_at(0, "1111"));
  const Status second = file->write_at(4, "2222");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kIo);
  EXPECT_NE(second.error().message.find("No space left"), std::string::npos);
  EXPECT_EQ(content(disk, "/data/a"), "111122");
  EXPECT_TRUE(file->write_at(4, "2222"));
}

TEST_F(FakeDisk, WhatAFailedSyncCoveredIsLostThoughTheNextSyncSucceeds) {
  auto file = stored_file("/data/a", "old");
  file->write_at(0, "new").value();
  disk.fail(Operation::kSync, 1, EIO);
  EXPECT_FALSE(file->sync());
  EXPECT_TRUE(file->sync());
  EXPECT_EQ(content(*disk.after_losing_unsynced(), "/data/a"), "old");
}

TEST_F(FakeDisk, ReadersSeeWhatAFailedSyncLeft) {
  auto file = stored_file("/data/a", "old");
  file->write_at(0, "new").value();
  EXPECT_FALSE(disk.lost_writes());
  disk.fail(Operation::kSync, 1, EIO);
  EXPECT_FALSE(file->sync());
  EXPECT_EQ(content(disk, "/data/a"), "old");
  EXPECT_TRUE(disk.lost_writes());
}

TEST_F(FakeDisk, OnAFullDiskNoFileGrows) {
  auto file = stored_file("/data/a", "old");
  disk.fill_up();
  EXPECT_TRUE(file->write_at(0, "new"));
  EXPECT_FALSE(file->write_at(1, "new"));
  EXPECT_EQ(content(disk, "/data/a"), "new");
  disk.make_room();
  EXPECT_TRUE(file->write_at(1, "new"));
}

TEST_F(FakeDisk, ALyingSyncStoresNothing) {
  auto file = stored_file("/data/a", "old");
  disk.lie_about_sync();
  file->write_at(0, "new").value();
  EXPECT_TRUE(file->sync());
  EXPECT_EQ(content(*disk.after_losing_unsynced(), "/data/a"), "old");
}

TEST_F(FakeDisk, AFlippedBitIsOnTheDisk) {
  stored_file("/data/a", "aaa");
  disk.flip_bit("/data/a", 1, 1);
  EXPECT_EQ(content(disk, "/data/a"), "aca");
  EXPECT_EQ(content(*disk.after_losing_unsynced(), "/data/a"), "aca");
}

TEST_F(FakeDisk, AnObserverMayTakeACrashCopyAtEachWrite) {
  auto file = stored_file("/data/a", "");
  std::vector<std::string> after_each;
  disk.observe(
      [&](Operation) { after_each.push_back(content(*disk.after_losing_unsynced(), "/data/a")); });
  file->write_at(0, "1").value();
  file->sync().value();
  file->write_at(1, "2").value();
  EXPECT_EQ(after_each, (std::vector<std::string>{"", "1", "1"}));
}

TEST_F(FakeDisk, AnOpenFileOfTheOldDiskDoesNotReachTheNewOne) {
  auto file = stored_file("/data/a", "x");
  const auto after = disk.after_kill();
  file->write_at(0, "y").value();
  EXPECT_EQ(content(*after, "/data/a"), "x");
}

TEST_F(FakeDisk, ALockIsHeldOnceAndFreeAfterACrash) {
  auto held = disk.lock("/data/lock", IfHeld::kFail).value();
  const auto second = disk.lock("/data/lock", IfHeld::kFail);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kExists);
  EXPECT_TRUE(disk.after_kill()->lock("/data/lock", IfHeld::kFail));
  held.reset();
  EXPECT_TRUE(disk.lock("/data/lock", IfHeld::kFail));
}

TEST_F(FakeDisk, AColdPageCacheAnswersUnavailable) {
  auto file = stored_file("/data/a", "x");
  EXPECT_EQ(file->read_cached(0, 1).value(), "x");
  disk.chill_page_cache();
  const auto cold = file->read_cached(0, 1);
  ASSERT_FALSE(cold);
  EXPECT_EQ(cold.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(file->read_at(0, 1).value(), "x");
}

TEST_F(FakeDisk, ListsFilesAndDirectoriesByName) {
  create(disk, "/data/b");
  create(disk, "/data/a");
  disk.create_directory("/data/c/d").value();
  EXPECT_EQ(disk.list("/data").value(), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_FALSE(disk.list("/absent"));
}

TEST_F(FakeDisk, OpensAsTheRealOneDoes) {
  create(disk, "/data/a");
  EXPECT_EQ(disk.open("/data/a", OpenMode::kCreate).error().code, ErrorCode::kExists);
  EXPECT_EQ(disk.open("/data/b", OpenMode::kExisting).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(disk.open("/absent/b", OpenMode::kCreate).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace headrace

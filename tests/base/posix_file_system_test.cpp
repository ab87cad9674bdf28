#include <thread>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file_system.hpp"
#include "tests/support/temporary_directory.hpp"

namespace headrace {
namespace {

class PosixFileSystem : public testing::Test {
 protected:
  std::unique_ptr<File> create(const std::string& name) {
    return disk->open(directory / name, OpenMode::kCreate).value();
  }

  mode_t mode_of(const std::string& path) {
    struct stat info {};
    EXPECT_EQ(::stat(path.c_str(), &info), 0);
    return info.st_mode & 0777;
  }

  TemporaryDirectory directory;
  std::unique_ptr<FileSystem> disk = make_posix_file_system();
};

TEST_F(PosixFileSystem, WritesAndReadsAtOffsets) {
  auto file = create("a");
  EXPECT_TRUE(file->write_at(2, "xyz"));
  EXPECT_EQ(file->size().value(), 5U);
  EXPECT_EQ(file->read_at(0, 10).value(), std::string("\0\0xyz", 5));
  EXPECT_EQ(file->read_at(5, 10).value(), "");
  EXPECT_TRUE(file->sync());
}

TEST_F(PosixFileSystem, ReopensWhatItWrote) {
  EXPECT_TRUE(create("a")->write_at(0, "kept"));
  auto again = disk->open(directory / "a", OpenMode::kExisting);
  ASSERT_TRUE(again);
  EXPECT_EQ((*again)->read_at(0, 4).value(), "kept");
}

TEST_F(PosixFileSystem, OpensOnlyWhatModeAllows) {
  create("a");
  EXPECT_EQ(disk->open(directory / "a", OpenMode::kCreate).error().code, ErrorCode::kExists);
  EXPECT_EQ(disk->open(directory / "b", OpenMode::kExisting).error().code, ErrorCode::kNotFound);
}

TEST_F(PosixFileSystem, KeepsFilesAndDirectoriesToTheirOwner) {
  create("a");
  EXPECT_EQ(mode_of(directory / "a"), 0600U);
  EXPECT_TRUE(disk->create_directory(directory / "d/e/f/"));
  EXPECT_EQ(mode_of(directory / "d"), 0700U);
  EXPECT_EQ(mode_of(directory / "d/e/f"), 0700U);
  EXPECT_TRUE(disk->create_directory(directory / "d/e/f"));
}

TEST_F(PosixFileSystem, RefusesADirectoryWhereAFileStands) {
  create("a");
  EXPECT_FALSE(disk->create_directory(directory / "a"));
  EXPECT_FALSE(disk->create_directory(directory / "a/b"));
}

TEST_F(PosixFileSystem, PreallocatesZeros) {
  auto file = create("a");
  EXPECT_TRUE(file->preallocate((1U << 20) + 5));
  EXPECT_EQ(file->size().value(), (1U << 20) + 5);
  EXPECT_EQ(file->read_at(1U << 20, 100).value(), std::string(5, '\0'));
}

TEST_F(PosixFileSystem, TruncatesBothWays) {
  auto file = create("a");
  EXPECT_TRUE(file->write_at(0, "abcdef"));
  EXPECT_TRUE(file->truncate(2));
  EXPECT_EQ(file->read_at(0, 10).value(), "ab");
  EXPECT_TRUE(file->truncate(4));
  EXPECT_EQ(file->read_at(0, 10).value(), std::string("ab\0\0", 4));
}

TEST_F(PosixFileSystem, AnswersFromThePageCacheOrSaysThatItCannot) {
  auto file = create("a");
  EXPECT_TRUE(file->write_at(0, "warm"));
  const auto bytes = file->read_cached(0, 4);
  if (bytes) {
    EXPECT_EQ(*bytes, "warm");
  } else {
    EXPECT_EQ(bytes.error().code, ErrorCode::kUnavailable);
  }
}

TEST_F(PosixFileSystem, RenamesUnlinksAndLists) {
  create("b");
  create("a");
  EXPECT_TRUE(disk->rename(directory / "b", directory / "c"));
  EXPECT_EQ(disk->list(directory.path()).value(), (std::vector<std::string>{"a", "c"}));
  EXPECT_TRUE(disk->unlink(directory / "a"));
  EXPECT_TRUE(disk->sync_directory(directory.path()));
  EXPECT_EQ(disk->list(directory.path()).value(), (std::vector<std::string>{"c"}));
}

TEST_F(PosixFileSystem, SaysWhatFailed) {
  const std::string absent = directory / "absent";
  EXPECT_EQ(disk->unlink(absent).error().message,
            "unlink " + absent + ": No such file or directory");
  EXPECT_FALSE(disk->rename(absent, directory / "x"));
  EXPECT_FALSE(disk->list(absent));
  EXPECT_FALSE(disk->sync_directory(absent));
}

// The exit code says what another process got when it asked for the lock.
int lock_from_another_process(const std::string& path) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto held = make_posix_file_system()->lock(path, IfHeld::kFail);
    ::_exit(held ? 0 : held.error().code == ErrorCode::kExists ? 1 : 2);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}

TEST_F(PosixFileSystem, ALockKeepsOtherProcessesOutUntilItIsReleased) {
  auto held = disk->lock(directory / "lock", IfHeld::kFail);
  ASSERT_TRUE(held);
  EXPECT_EQ(lock_from_another_process(directory / "lock"), 1);
  EXPECT_EQ(disk->lock(directory / "lock", IfHeld::kFail).error().code, ErrorCode::kExists);
  held->reset();
  EXPECT_EQ(lock_from_another_process(directory / "lock"), 0);
}

TEST_F(PosixFileSystem, WhoWaitsForALockGetsItWhenItIsFree) {
  auto held = disk->lock(directory / "lock", IfHeld::kFail);
  bool got = false;
  std::thread waiter([&] { got = disk->lock(directory / "lock", IfHeld::kWait).has_value(); });
  held->reset();
  waiter.join();
  EXPECT_TRUE(got);
}

TEST_F(PosixFileSystem, ALockEndsWithItsProcess) {
  EXPECT_EQ(lock_from_another_process(directory / "lock"), 0);
  EXPECT_TRUE(disk->lock(directory / "lock", IfHeld::kFail));
}

}  // namespace
}  // namespace headrace

// Torn or damaged (design 8.3): what recovery makes of flipped bits and missing files.
#include <gtest/gtest.h>

#include "queue/recovery.hpp"
#include "queue/segment_format.hpp"
#include "tests/queue/server_harness.hpp"

namespace headrace::queue {
namespace {

constexpr std::uint64_t kSmallSegment = 16 << 10;
constexpr int kMessages = 30;

std::string path_of(std::uint64_t segment) { return "/data/journal/" + segment_file_name(segment); }

class Damage : public ::testing::Test {
 protected:
  Damage() {
    ServerHarness server(disk, Durability::kSync, kSmallSegment);
    EXPECT_TRUE(server.create("q").has_value());
    for (int i = 0; i < kMessages; ++i) {
      server.send("q", {std::to_string(i) + std::string(700, 'x')});
    }
    server.clock.advance(1s);  // the idle block
  }

  // Messages found after opening a copy of the disk, changed by `damage`; -1 when refused.
  int open_after(const std::function<void(FakeFileSystem&)>& damage) {
    const auto copy = disk.after_kill();
    damage(*copy);
    ServerHarness server(*copy, Durability::kSync, kSmallSegment);
    refusal = server.refusal();
    if (!server.opened()) return -1;
    return server.engine.find(address_of("q")) == nullptr
               ? 0
               : static_cast<int>(server.describe("q").visible);
  }
  std::uint64_t size_of(std::uint64_t segment) {
    const auto file = disk.open(path_of(segment), OpenMode::kExisting);
    return *(*file)->size();
  }
  std::string bytes_of(std::uint64_t segment) {
    const auto file = disk.open(path_of(segment), OpenMode::kExisting);
    return *(*file)->read_at(0, size_of(segment));
  }
  // Where the used part of a segment ends.
  std::uint64_t used_of(std::uint64_t segment) {
    const std::string bytes = bytes_of(segment);
    std::uint64_t at = kSectorBytes;
    while (at < bytes.size()) {
      const auto block = check_block(std::string_view(bytes).substr(at));
      if (!block) break;
      at += block->bytes_on_disk();
    }
    return at;
  }
  std::uint64_t last_used_segment() {
    std::uint64_t segment = 1;
    while (decode_segment_header(bytes_of(segment + 1))) ++segment;
    return segment;
  }

  FakeFileSystem disk;
  std::string refusal;
};

TEST_F(Damage, AHealthyJournalOpensWhole) {
  EXPECT_GT(last_used_segment(), 1U);
  EXPECT_EQ(open_after([](FakeFileSystem&) {}), kMessages);
}

TEST_F(Damage, AFlippedBitBelowTheSyncedMarkIsRefusedByName) {
  Random random(5);
  for (std::uint64_t segment = 1; segment <= last_used_segment(); ++segment) {
    // The newest block is the idle block: losing it loses nothing.
    const bool newest = segment == last_used_segment();
    const std::uint64_t end = used_of(segment) - (newest ? kSectorBytes : 0);
    for (std::uint64_t at = 0; at < end; at += 64) {
      const std::uint64_t offset = at + random.below(64);
      const int bit = static_cast<int>(random.below(8));
      const int found =
          open_after([&](FakeFileSystem& copy) { copy.flip_bit(path_of(segment), offset, bit); });
      EXPECT_EQ(found, -1) << "segment " << segment << " offset " << offset;
      EXPECT_NE(refusal.find(segment_file_name(segment)), std::string::npos) << refusal;
    }
  }
}

TEST_F(Damage, AFlippedBitAboveTheSyncedMarkIsCut) {
  const std::uint64_t segment = last_used_segment();
  const std::uint64_t idle = used_of(segment) - kSectorBytes;
  for (std::uint64_t offset = idle; offset < used_of(segment) + 700; offset += 37) {
    EXPECT_EQ(open_after([&](FakeFileSystem& copy) { copy.flip_bit(path_of(segment), offset, 3); }),
              kMessages)
        << refusal;
  }
}

TEST_F(Damage, TheLastCommitIsGuardedAfterACleanCloseToo) {
  FakeFileSystem fresh;
  {
    ServerHarness server(fresh);
    ASSERT_TRUE(server.create("q").has_value());
    server.send("q", {"the last one"});
    server.broker->stop();
    std::optional<bool> closed;
    boost::asio::co_spawn(server.loop, server.journal().close(),
                          [&closed](std::exception_ptr) { closed = true; });
    server.run();
    ASSERT_TRUE(closed.has_value());
  }
  // Header sector, block of the queue, block of the message.
  fresh.flip_bit(path_of(1), 3 * kSectorBytes - 400, 0);
  ServerHarness server(fresh);
  EXPECT_FALSE(server.opened());
}

TEST_F(Damage, AMissingSegmentInTheMiddleIsRefused) {
  ASSERT_GE(last_used_segment(), 3U);
  EXPECT_EQ(open_after([](FakeFileSystem& copy) { (void)copy.unlink(path_of(2)); }), -1);
  EXPECT_EQ(open_after([](FakeFileSystem& copy) { (void)copy.unlink(path_of(1)); }), -1);
}

TEST_F(Damage, ASegmentOfAnotherPlaceIsRefused) {
  EXPECT_EQ(open_after([](FakeFileSystem& copy) { (void)copy.rename(path_of(1), path_of(2)); }),
            -1);
}

TEST_F(Damage, AZeroedBlockIsRefused) {
  const std::uint64_t segment = last_used_segment() - 1;
  const int found = open_after([&](FakeFileSystem& copy) {
    const auto file = copy.open(path_of(segment), OpenMode::kExisting);
    (void)(*file)->write_at(2 * kSectorBytes, std::string(kSectorBytes, '\0'));
  });
  EXPECT_EQ(found, -1);
}

TEST_F(Damage, AShortenedSegmentIsRefused) {
  const int found = open_after([&](FakeFileSystem& copy) {
    const auto file = copy.open(path_of(1), OpenMode::kExisting);
    (void)(*file)->truncate(used_of(1) - kSectorBytes);
  });
  EXPECT_EQ(found, -1);
}

TEST_F(Damage, ADamagedBodyIsNeverServed) {
  ServerHarness server(disk, Durability::kSync, kSmallSegment);
  ASSERT_TRUE(server.opened());
  // Decays while the server runs: in the body of the first message, which has the second block.
  const auto first = check_block(std::string_view(bytes_of(1)).substr(kSectorBytes));
  disk.flip_bit(path_of(1), kSectorBytes + first->bytes_on_disk() + 400, 0);
  const auto got = server.receive("q", 100);
  EXPECT_EQ((*got)->size(), static_cast<std::size_t>(kMessages - 1));
}

}  // namespace
}  // namespace headrace::queue

// Acknowledged means durable: the fake disk crashes at every write and sync of a workload.
#include <gtest/gtest.h>

#include "tests/queue/crash_workload.hpp"

namespace headrace::queue {
namespace {

using Operation = FakeFileSystem::Operation;
using MakeImage = std::function<std::unique_ptr<FakeFileSystem>(const FakeFileSystem&)>;

bool changes_the_disk(Operation operation) { return operation != Operation::kRead; }

using Upkeep = CrashWorkload::Upkeep;

// Works, and gives `check` an image at every boundary. Returns how many there were.
int crash_everywhere(std::uint64_t seed, int rounds, const MakeImage& crash,
                     const std::function<void(CrashImage)>& check, bool lying_disk = false,
                     Upkeep upkeep = Upkeep::kNone) {
  FakeFileSystem disk;
  if (lying_disk) disk.lie_about_sync();
  CrashWorkload workload(disk, seed, upkeep);
  int images = 0;
  disk.observe([&](Operation operation) {
    if (!changes_the_disk(operation)) return;
    ++images;
    check(CrashImage{crash(disk), workload.ledger(), workload.now()});
  });
  workload.work(rounds);
  disk.observe({});
  EXPECT_GT(workload.ledger().acknowledged_sends.size(), static_cast<std::size_t>(rounds) / 4);
  if (upkeep == Upkeep::kOn) {
    EXPECT_GT(workload.keeper().snapshot_bytes_total(), 0U);
    EXPECT_GT(workload.keeper().copied_bytes_total(), 0U);
  }
  return images;
}

std::unique_ptr<FakeFileSystem> lose_unsynced(const FakeFileSystem& disk) {
  return disk.after_losing_unsynced();
}

void expect_well(const CrashImage& image) {
  const auto wrong = check_image(*image.disk, image.ledger, image.time);
  EXPECT_TRUE(wrong.empty()) << wrong.size() << " wrong, first: " << wrong.front();
}

TEST(Durability, NothingAcknowledgedIsLostWhenEverythingUnsyncedIs) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const int images = crash_everywhere(seed, 60, lose_unsynced, expect_well);
    EXPECT_GT(images, 100);
  }
}

TEST(Durability, NothingAcknowledgedIsLostWhenSectorsTear) {
  for (std::uint64_t seed = 11; seed <= 14; ++seed) {
    Random random(seed);
    const MakeImage tear = [&random](const FakeFileSystem& disk) {
      return disk.after_power_cut(random);
    };
    crash_everywhere(seed, 60, tear, expect_well);
  }
}

TEST(Durability, NothingWrittenIsLostWhenTheProcessIsKilled) {
  const MakeImage kill = [](const FakeFileSystem& disk) { return disk.after_kill(); };
  crash_everywhere(21, 60, kill, expect_well);
}

// The same while snapshots are taken, bodies are copied and segments are used again.
TEST(Durability, UpkeepLosesNothingWhenEverythingUnsyncedIsLost) {
  for (std::uint64_t seed = 51; seed <= 54; ++seed) {
    crash_everywhere(seed, 160, lose_unsynced, expect_well, false, Upkeep::kOn);
  }
}

TEST(Durability, UpkeepLosesNothingWhenSectorsTear) {
  for (std::uint64_t seed = 61; seed <= 64; ++seed) {
    Random random(seed);
    const MakeImage tear = [&random](const FakeFileSystem& disk) {
      return disk.after_power_cut(random);
    };
    crash_everywhere(seed, 160, tear, expect_well, false, Upkeep::kOn);
  }
}

TEST(Durability, UpkeepLosesNothingWhenTheProcessIsKilled) {
  const MakeImage kill = [](const FakeFileSystem& disk) { return disk.after_kill(); };
  crash_everywhere(71, 160, kill, expect_well, false, Upkeep::kOn);
}

TEST(Durability, WithoutFdatasyncTheSameCheckFindsLosses) {
  std::size_t wrong = 0;
  const auto count = [&wrong](const CrashImage& image) {
    wrong += check_image(*image.disk, image.ledger, image.time).size();
  };
  crash_everywhere(1, 20, lose_unsynced, count, true);
  EXPECT_GT(wrong, 0U);
}

// A crash inside a recovery, and inside the recovery from that.
TEST(Durability, CrashesDuringRecoveryConverge) {
  Random random(31);
  int images = 0;
  const MakeImage tear = [&random](const FakeFileSystem& disk) {
    return disk.after_power_cut(random);
  };
  const auto crash_the_recovery = [&](CrashImage image) {
    if (++images % 10 != 0) return;
    std::vector<std::unique_ptr<FakeFileSystem>> second;
    image.disk->observe([&](Operation operation) {
      if (changes_the_disk(operation)) second.push_back(image.disk->after_power_cut(random));
    });
    expect_well(image);
    image.disk->observe({});
    for (auto& disk : second) expect_well(CrashImage{std::move(disk), image.ledger, image.time});
  };
  crash_everywhere(31, 60, tear, crash_the_recovery);
}

// What was cut never comes back: work on a torn disk, crash again, and again.
TEST(Durability, StaleBlocksNeverResurface) {
  for (std::uint64_t seed = 41; seed <= 44; ++seed) {
    Random random(seed);
    auto disk = std::make_unique<FakeFileSystem>();
    Ledger ledger;
    for (int life = 0; life < 6; ++life) {
      std::vector<CrashImage> images;
      {
        FakeFileSystem& alive = *disk;
        ServerHarness server(alive, Durability::kSync, CrashWorkload::kSegmentBytes);
        ASSERT_TRUE(server.opened()) << server.refusal();
        if (life == 0) {
          ASSERT_TRUE(server.create("q").has_value());
          ASSERT_TRUE(server.create("dlq").has_value());
        }
        alive.observe([&](Operation operation) {
          if (changes_the_disk(operation)) {
            images.push_back(CrashImage{alive.after_power_cut(random), ledger, kTestStart});
          }
        });
        for (int i = 0; i < 12; ++i) {
          const std::string body =
              std::to_string(life) + "." + std::to_string(i) + std::string(random.below(2000), '.');
          const auto sent = server.send("q", {body});
          ASSERT_TRUE(sent.arrived());
          ledger.acknowledged_sends.insert(body);
          const auto got = server.receive("q", 1, 0, 0);
          if ((*got)->empty() || random.one_in(2)) continue;
          const std::string first = (**got)[0].content.body;
          ledger.attempted_deletes.insert(first);
          const auto removed = server.remove("q", (**got)[0].receipt_handle);
          ASSERT_TRUE(removed.arrived());
          ledger.acknowledged_deletes.insert(first);
        }
        alive.observe({});
      }
      CrashImage& chosen = images[random.below(images.size())];
      expect_well(CrashImage{chosen.disk->after_kill(), chosen.ledger, chosen.time});
      ledger = chosen.ledger;
      disk = std::move(chosen.disk);
    }
  }
}

// The answers that are true because of a record of somebody else.
class Reveal : public ::testing::Test {
 protected:
  Reveal() : server(disk) {
    EXPECT_TRUE(server.create("q").has_value());
    server.syncer.hold();
  }
  void expect_after_sync(const std::function<bool()>& arrived) {
    server.run();
    EXPECT_FALSE(arrived());
    server.syncer.release();
    server.run();
    EXPECT_TRUE(arrived());
  }

  FakeFileSystem disk;
  ServerHarness server;
};

TEST_F(Reveal, ASendAnswersWhenSynced) {
  const auto sent = server.send("q", {"x"});
  expect_after_sync([&] { return sent.arrived(); });
}

TEST_F(Reveal, AReceiveWaitsForTheSendItShows) {
  server.send("q", {"x"});
  const auto got = server.receive("q");
  expect_after_sync([&] { return got.arrived(); });
}

TEST_F(Reveal, ALeaseWaitsOnlyUntilWritten) {
  server.syncer.release();
  server.send("q", {"x"});
  server.syncer.hold();
  server.writer.hold();
  const auto got = server.receive("q");
  EXPECT_FALSE(got.arrived());
  server.writer.release();
  server.run();
  EXPECT_TRUE(got.arrived());
}

TEST_F(Reveal, ASecondDeleteWaitsForTheFirst) {
  server.syncer.release();
  server.send("q", {"x"});
  const auto got = server.receive("q");
  server.run();
  server.syncer.hold();
  const std::string handle = (**got)[0].receipt_handle;
  server.remove("q", handle);
  const auto second = server.remove("q", handle);
  expect_after_sync([&] { return second.arrived(); });
}

TEST_F(Reveal, AVisibilityRefusalWaitsForTheDeleteItTells) {
  server.syncer.release();
  server.send("q", {"x"});
  const auto got = server.receive("q");
  server.run();
  server.syncer.hold();
  server.remove("q", (**got)[0].receipt_handle);
  const auto refused = server.change("q", (**got)[0].receipt_handle, 5);
  expect_after_sync([&] { return refused.arrived(); });
}

TEST_F(Reveal, AnIdempotentCreateAndItsRefusalWaitForTheFirst) {
  auto& broker = *server.broker;
  server.start(broker.create_queue({address_of("new"), {}, {}}));
  const auto again = server.start(broker.create_queue({address_of("new"), {}, {}}));
  const auto other =
      server.start(broker.create_queue({address_of("new"), {{"DelaySeconds", "1"}}, {}}));
  const auto listed = server.start(broker.list_queues({"us-east-1", "000000000000", "", "", 10}));
  const auto described = server.start(broker.describe_queue(address_of("new")));
  EXPECT_FALSE(again.arrived() || other.arrived() || described.arrived());
  expect_after_sync([&] { return listed.arrived(); });
  EXPECT_TRUE(again.arrived() && other.arrived() && described.arrived());
}

TEST_F(Reveal, AMissingQueueIsToldWhenItsDeletionIsDurable) {
  server.start(server.broker->delete_queue(address_of("q")));
  const auto sent = server.send("q", {"x"});
  expect_after_sync([&] { return sent.arrived(); });
  EXPECT_EQ(sent->error().code, ErrorCode::kQueueDoesNotExist);
}

TEST_F(Reveal, AReceiveFromTheDeadLetterQueueWaitsForTheMove) {
  server.syncer.release();
  ASSERT_TRUE(server.create("dlq").has_value());
  ASSERT_TRUE(server.create("src", {{"RedrivePolicy", redrive_policy("dlq", 1)}}).has_value());
  server.send("src", {"bad"});
  server.receive("src", 1, 0, 0);
  server.syncer.hold();
  server.receive("src", 1, 0, 0);
  const auto got = server.receive("dlq");
  expect_after_sync([&] { return got.arrived() && (*got)->size() == 1; });
}

}  // namespace
}  // namespace headrace::queue

// verify, dump and repair over real directories, sound and damaged.
#include "queue/journal_tools.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "queue/data_directory.hpp"
#include "queue/recovery.hpp"
#include "tests/queue/live_store.hpp"
#include "tests/support/temporary_directory.hpp"

namespace headrace::queue {
namespace {

namespace fs = std::filesystem;

constexpr int kStored = 40;

class JournalTools : public ::testing::Test {
 protected:
  JournalTools() {
    LiveStore live(*files, data());
    live.start(live.store->broker().create_queue({address_of("q"), {}, {}}));
    for (int i = 0; i < kStored; ++i) {
      SendRequest request{address_of("q"), {}};
      request.entries.push_back(
          SendEntry{content_with(std::to_string(i) + std::string(1000, '.')), std::nullopt});
      live.start(live.store->broker().send(std::move(request)));
    }
  }

  std::string data() const { return directory.path() + "/data"; }
  std::string segment(std::uint64_t number) const {
    return data() + "/journal/" + segment_file_name(number);
  }
  void flip(const std::string& path, std::uint64_t offset) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(offset));
    const auto byte = static_cast<char>(file.get() ^ 4);
    file.seekp(static_cast<std::streamoff>(offset));
    file.put(byte);
  }
  // Where the block of the record begins.
  std::uint64_t block_of(Lsn lsn) {
    std::uint64_t found = 0;
    EXPECT_TRUE(dump_journal(*files, data(), [&](const JournalRecord& record) {
                  if (record.lsn == lsn) found = record.offset;
                }).has_value());
    return found;
  }

  TemporaryDirectory directory;
  std::unique_ptr<FileSystem> files = make_posix_file_system();
};

TEST_F(JournalTools, ASoundJournalIsVerifiedAndNotRepaired) {
  const auto report = verify_journal(*files, data());
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_TRUE(report->problems.empty());
  EXPECT_TRUE(report->starts);
  EXPECT_EQ(report->messages, static_cast<std::uint64_t>(kStored));
  EXPECT_EQ(report->files.front().state, "whole");
  EXPECT_EQ(report->files.front().records, 1U + kStored);
  const auto repair = repair_journal(*files, data());
  ASSERT_TRUE(repair.has_value());
  EXPECT_TRUE(repair->was_sound);
}

TEST_F(JournalTools, DumpGivesEveryRecordInOrder) {
  std::vector<Lsn> lsns;
  std::size_t sends = 0;
  ASSERT_TRUE(dump_journal(*files, data(), [&](const JournalRecord& record) {
                lsns.push_back(record.lsn);
                if (std::holds_alternative<SendRecord>(*record.record)) {
                  ++sends;
                  EXPECT_TRUE(decode_stored(record.stored).has_value());
                }
              }).has_value());
  ASSERT_EQ(lsns.size(), 1U + kStored);
  for (std::size_t i = 0; i < lsns.size(); ++i) EXPECT_EQ(lsns[i], Lsn(i + 1));
  EXPECT_EQ(sends, static_cast<std::size_t>(kStored));
}

TEST_F(JournalTools, ARunningServerKeepsThemOut) {
  const LiveStore live(*files, data());
  EXPECT_EQ(verify_journal(*files, data()).error().code, headrace::ErrorCode::kExists);
  EXPECT_EQ(repair_journal(*files, data()).error().code, headrace::ErrorCode::kExists);
}

TEST_F(JournalTools, WhatIsNoDataDirectoryStaysUntouched) {
  const std::string other = directory.path() + "/other";
  fs::create_directory(other);
  EXPECT_FALSE(verify_journal(*files, other).has_value());
  EXPECT_FALSE(repair_journal(*files, other).has_value());
  EXPECT_TRUE(fs::is_empty(other));
}

TEST_F(JournalTools, RepairLosesOneBlockKeepsTheRestAndTheDamagedFiles) {
  flip(segment(1), block_of(Lsn(11)) + 300);  // the tenth message
  EXPECT_FALSE(LiveStore(*files, data()).refusal.empty());
  const auto seen = verify_journal(*files, data());
  ASSERT_TRUE(seen.has_value());
  EXPECT_FALSE(seen->starts);
  ASSERT_EQ(seen->problems.size(), 1U);
  EXPECT_NE(seen->problems[0].find(segment_file_name(1)), std::string::npos);

  const auto report = repair_journal(*files, data());
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_EQ(report->lost, (std::vector<std::pair<Lsn, Lsn>>{{Lsn(11), Lsn(11)}}));
  ASSERT_EQ(report->queues.size(), 1U);
  EXPECT_EQ(report->queues[0].messages, kStored - 1U);
  EXPECT_TRUE(fs::exists(data() + "/" + report->kept_in + "/" + segment_file_name(1)));

  LiveStore live(*files, data());
  ASSERT_TRUE(live.refusal.empty()) << live.refusal;
  const auto bodies = live.bodies();
  ASSERT_EQ(bodies.size(), kStored - 1U);
  EXPECT_TRUE(bodies[8].starts_with("8."));
  EXPECT_TRUE(bodies[9].starts_with("10."));
}

TEST_F(JournalTools, RepairKeepsFifoQueues) {
  const QueueAddress fifo = address_of("f.fifo");
  {
    LiveStore live(*files, data());
    Broker& broker = live.store->broker();
    live.start(broker.create_queue({fifo, {{"FifoQueue", "true"}}, {}}));
    live.start(broker.set_attributes(fifo, {{"ContentBasedDeduplication", "true"}}));
    MessageContent content = content_with("kept");
    content.group_id = "g";
    live.start(broker.send({fifo, {SendEntry{content, std::nullopt}}}));
  }
  flip(segment(1), block_of(Lsn(5)) + 300);
  ASSERT_TRUE(repair_journal(*files, data()).has_value());
  LiveStore live(*files, data());
  const auto queue = live.start(live.store->broker().describe_queue(fifo));
  ASSERT_TRUE(queue->has_value());
  EXPECT_TRUE((*queue)->attributes.content_based_deduplication);
  EXPECT_EQ((*queue)->visible, 1U);
}

TEST_F(JournalTools, ARepairedJournalIsSoundAndWorksOn) {
  flip(segment(1), block_of(Lsn(5)) + 300);
  ASSERT_TRUE(repair_journal(*files, data()).has_value());
  const auto report = verify_journal(*files, data());
  ASSERT_TRUE(report.has_value());
  EXPECT_TRUE(report->problems.empty()) << report->problems[0];
  {
    LiveStore live(*files, data());
    SendRequest request{address_of("q"), {}};
    request.entries.push_back(SendEntry{content_with("new"), std::nullopt});
    const auto sent = live.start(live.store->broker().send(std::move(request)));
    EXPECT_TRUE(sent->has_value());
  }
  LiveStore again(*files, data());
  EXPECT_EQ(again.bodies().back(), "new");
}

TEST_F(JournalTools, RecordsAboutWhatIsLostAreCountedAndPassedOver) {
  flip(segment(1), block_of(Lsn(1)) + 70);  // the queue itself
  const auto report = repair_journal(*files, data());
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_EQ(report->lost, (std::vector<std::pair<Lsn, Lsn>>{{Lsn(1), Lsn(1)}}));
  EXPECT_EQ(report->unusable_records, static_cast<std::uint64_t>(kStored));
  EXPECT_TRUE(LiveStore(*files, data()).refusal.empty());
}

TEST_F(JournalTools, AServerRefusesToStartInTheMiddleOfARepairAndTheNextFinishesIt) {
  flip(segment(1), block_of(Lsn(5)) + 300);
  ASSERT_TRUE(repair_journal(*files, data()).has_value());
  // As it stands between the two renames.
  fs::rename(data() + "/journal", data() + "/" + kRepairedJournal);
  EXPECT_NE(LiveStore(*files, data()).refusal.find("repair"), std::string::npos);
  ASSERT_FALSE(fs::exists(data() + "/journal"));
  const auto report = repair_journal(*files, data());
  ASSERT_TRUE(report.has_value()) << report.error().message;
  EXPECT_EQ(LiveStore(*files, data()).bodies().size(), kStored - 1U);
}

}  // namespace
}  // namespace headrace::queue

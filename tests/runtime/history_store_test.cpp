// Rows in, lives of messages out, on a real database.
#include "runtime/history_store.hpp"

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/temporary_directory.hpp"

namespace headrace::runtime {
namespace {

using queue::MoveKind;
using queue::Place;
using queue::QueueId;
using queue::Sequence;
using namespace std::chrono_literals;

constexpr TimePoint kStart = from_epoch_ms(1'767'225'600'000);  // 2026-01-01
constexpr QueueId kSignup{1};
constexpr QueueId kDlq{2};

Uuid id_of(int n) {
  Uuid id{};
  id[0] = static_cast<std::uint8_t>(n);
  id[1] = static_cast<std::uint8_t>(n >> 8);
  return id;
}

class HistoryStoreTest : public testing::Test {
 protected:
  HistoryStoreTest() { open(); }

  void open() {
    store_.reset();
    auto opened = HistoryStore::open(folder_ / "history.db");
    ASSERT_TRUE(opened) << opened.error().message;
    store_ = std::move(*opened);
  }

  void write(const std::vector<HistoryRow>& rows) {
    HistoryChunk chunk;
    for (const HistoryRow& row : rows) {
      std::visit([&chunk](const auto& one) { chunk.add(one); }, row);
    }
    const Status written = store_->write(chunk, bounds_);
    ASSERT_TRUE(written) << written.error().message;
  }

  // Of messages that were sent at the start; message n has sequence n in its first queue.
  static InvocationRow invocation(std::vector<int> messages, TimePoint ended) {
    InvocationRow row;
    row.ended = ended;
    row.duration_us = 2000;
    row.request_id = "request-" + std::to_string(to_epoch_ms(ended) - to_epoch_ms(kStart));
    row.function = "welcome-email";
    row.version = "7";
    row.queue = "arn:aws:sqs:us-east-1:000000000000:signup";
    row.queue_id = kSignup;
    for (const int n : messages) {
      pack_message(row.messages, {id_of(n), kStart, Sequence(static_cast<std::uint64_t>(n))});
    }
    return row;
  }

  static MoveRow move(MoveKind kind, Place from, Place to, TimePoint time, int new_id = 0) {
    MoveRow row;
    row.kind = kind;
    row.time = time;
    row.from = from;
    row.to = to;
    row.from_queue = "arn:aws:sqs:us-east-1:000000000000:from";
    row.to_queue = "arn:aws:sqs:us-east-1:000000000000:to";
    if (new_id != 0) row.new_id = id_of(new_id);
    return row;
  }

  MessageLife life(LifeQuery query) {
    auto found = store_->find(query);
    EXPECT_TRUE(found) << found.error().message;
    return std::move(*found);
  }
  MessageLife life(int n) { return life(LifeQuery{{id_of(n)}, {}}); }

  TemporaryDirectory folder_;
  std::unique_ptr<HistoryStore> store_;
  HistoryStore::Bounds bounds_{TimePoint{}, std::int64_t{64} << 20};
};

TEST_F(HistoryStoreTest, KnowsNothingOfAMessageNobodyToldOf) {
  EXPECT_TRUE(life(1).events.empty());
  EXPECT_FALSE(life(1).known_since);
  write({invocation({1, 2}, kStart + 1s)});
  EXPECT_TRUE(life(3).events.empty());
  EXPECT_FALSE(life(3).sent);
  EXPECT_EQ(life(3).known_since, kStart + 1s);
}

TEST_F(HistoryStoreTest, ASuccessIsFoundByItsMessage) {
  write({invocation({1, 2, 3}, kStart + 1s)});
  const MessageLife found = life(2);
  ASSERT_EQ(found.events.size(), 1U);
  const Attempt& attempt = std::get<Attempt>(found.events[0]);
  EXPECT_EQ(attempt.outcome, AttemptOutcome::kHandled);
  EXPECT_EQ(attempt.started, kStart + 998ms);
  EXPECT_EQ(attempt.duration_us, 2000);
  EXPECT_EQ(attempt.request_id, "request-1000");
  EXPECT_EQ(attempt.function, "welcome-email");
  EXPECT_EQ(attempt.version, "7");
  EXPECT_EQ(attempt.queue, "arn:aws:sqs:us-east-1:000000000000:signup");
  EXPECT_EQ(attempt.error, "");
  EXPECT_EQ(found.sent, kStart);
  EXPECT_EQ(found.places, (std::vector<Place>{{kSignup, Sequence(2)}}));
}

TEST_F(HistoryStoreTest, AFailureOfOneMessageIsItsOwn) {
  InvocationRow row = invocation({1, 2, 3}, kStart + 1s);
  row.failures = {{1, "no such mailbox"}};
  write({row});
  EXPECT_EQ(std::get<Attempt>(life(1).events[0]).outcome, AttemptOutcome::kHandled);
  EXPECT_EQ(std::get<Attempt>(life(2).events[0]).outcome, AttemptOutcome::kFailed);
  EXPECT_EQ(std::get<Attempt>(life(2).events[0]).error, "no such mailbox");
}

TEST_F(HistoryStoreTest, AFailureOfTheBatchIsThatOfEachMessage) {
  InvocationRow row = invocation({1, 2}, kStart + 1s);
  row.outcome = AttemptOutcome::kFailed;
  row.error = "boom";
  write({row});
  for (const int n : {1, 2}) {
    EXPECT_EQ(std::get<Attempt>(life(n).events[0]).outcome, AttemptOutcome::kFailed);
    EXPECT_EQ(std::get<Attempt>(life(n).events[0]).error, "boom");
  }
}

// The whole story, asked for by each name the message had.
TEST_F(HistoryStoreTest, ALifeIsFollowedThroughMovesInBothDirections) {
  const Place signup{kSignup, Sequence(1)};
  const Place dlq{kDlq, Sequence(1)};
  const Place again{kSignup, Sequence(9)};
  InvocationRow failed = invocation({1}, kStart + 1s);
  failed.failures = {{0, "no"}};
  InvocationRow handled = invocation({}, kStart + 4s);
  pack_message(handled.messages, {id_of(9), kStart + 3s, Sequence(9)});
  write({failed, invocation({7}, kStart + 1s)});
  write({move(MoveKind::kDeadLettered, signup, dlq, kStart + 2s),
         move(MoveKind::kRedriven, dlq, again, kStart + 3s, 9), handled});
  const MessageLife by_last = life(9);
  const MessageLife by_place = life(LifeQuery{{}, {dlq}});
  for (const MessageLife& found : {life(1), by_last, by_place}) {
    ASSERT_EQ(found.events.size(), 4U);
    EXPECT_EQ(std::get<Attempt>(found.events[0]).error, "no");
    EXPECT_EQ(std::get<MoveRow>(found.events[1]).kind, MoveKind::kDeadLettered);
    EXPECT_EQ(std::get<MoveRow>(found.events[2]).kind, MoveKind::kRedriven);
    EXPECT_EQ(std::get<MoveRow>(found.events[2]).new_id, id_of(9));
    EXPECT_EQ(std::get<Attempt>(found.events[3]).outcome, AttemptOutcome::kHandled);
    EXPECT_EQ(found.sent, kStart);
    EXPECT_EQ(found.ids.size(), 2U);
    EXPECT_EQ(found.places.size(), 3U);
  }
}

TEST_F(HistoryStoreTest, AMoveThatWasToldBeforeTheAttemptEndedIsFollowed) {
  const Place dlq{kDlq, Sequence(1)};
  write({move(MoveKind::kDeadLettered, {kSignup, Sequence(1)}, dlq, kStart + 1s),
         invocation({1}, kStart + 2s)});
  EXPECT_EQ(life(1).events.size(), 2U);
}

TEST_F(HistoryStoreTest, OutlivesTheProcess) {
  write({invocation({1}, kStart + 1s)});
  open();
  write({invocation({1}, kStart + 2s)});
  EXPECT_EQ(life(1).events.size(), 2U);
}

TEST_F(HistoryStoreTest, OpensInAFolderBehindALink) {
  std::filesystem::create_directory_symlink(folder_.path(), folder_ / "link");
  EXPECT_TRUE(HistoryStore::open(folder_ / "link/history.db"));
}

TEST_F(HistoryStoreTest, RowsOlderThanTheBoundGo) {
  InvocationRow old = invocation({1}, kStart);
  old.failures = {{0, "old"}};
  write({old, move(MoveKind::kDeadLettered, {kSignup, Sequence(1)}, {kDlq, Sequence(1)}, kStart)});
  bounds_.oldest = kStart + 1s;
  write({invocation({2}, kStart + 1s)});
  EXPECT_TRUE(life(1).events.empty());
  EXPECT_EQ(life(2).events.size(), 1U);
  EXPECT_EQ(life(2).known_since, kStart + 1s);
  bounds_.oldest = kStart + 2s;
  write({});
  EXPECT_FALSE(life(2).known_since);
}

TEST_F(HistoryStoreTest, TheOldestMakeRoomForTheNewest) {
  bounds_.bytes_max = std::int64_t{1} << 20;
  const int count = 200;  // of 32 KiB each: six times of what there is room for
  for (int i = 0; i < count; ++i) {
    InvocationRow row = invocation({i}, kStart + std::chrono::seconds(i));
    row.messages.append(std::size_t{32} << 10, '\0');
    write({row});
  }
  EXPECT_TRUE(life(1).events.empty());
  EXPECT_EQ(life(count - 1).events.size(), 1U);
  const TimePoint since = *life(count - 1).known_since;
  EXPECT_GT(since, kStart + 160s);
  EXPECT_LT(since, kStart + 190s);
}

TEST_F(HistoryStoreTest, ARowTooLargeForTheBoundGoesAtOnce) {
  bounds_.bytes_max = std::int64_t{1} << 20;
  InvocationRow row = invocation({1}, kStart);
  row.messages.append(std::size_t{2} << 20, '\0');
  write({row});
  EXPECT_TRUE(life(1).events.empty());
}

TEST_F(HistoryStoreTest, OfAnEndlessLifeTheNewestEventsAreTold) {
  std::vector<HistoryRow> rows;
  const int count = static_cast<int>(HistoryStore::kEventsMax) + 10;
  for (int i = 0; i < count; ++i) rows.emplace_back(invocation({1}, kStart + Duration(i)));
  write(rows);
  const MessageLife found = life(1);
  EXPECT_EQ(found.events.size(), HistoryStore::kEventsMax);
  EXPECT_EQ(std::get<Attempt>(found.events.back()).request_id,
            "request-" + std::to_string(count - 1));
}

TEST_F(HistoryStoreTest, RefusesWhatIsNoDatabase) {
  std::ofstream(folder_ / "other") << std::string(8192, 'x');
  const auto opened = HistoryStore::open(folder_ / "other");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kCorrupt);
}

TEST_F(HistoryStoreTest, RefusesADatabaseOfAnotherVersion) {
  store_.reset();
  {
    auto database = SqliteDatabase::open(folder_ / "history.db");
    ASSERT_TRUE(database->run("PRAGMA user_version = 99"));
  }
  const auto opened = HistoryStore::open(folder_ / "history.db");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kCorrupt);
}

TEST_F(HistoryStoreTest, RefusesADatabaseWithADamagedPage) {
  std::vector<HistoryRow> rows;
  for (int i = 0; i < 500; ++i) rows.emplace_back(invocation({i}, kStart + Duration(i)));
  write(rows);
  store_.reset();
  {
    std::fstream file(folder_ / "history.db", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(4 * 4096);
    file << std::string(4096, '\x5a');
  }
  const auto opened = HistoryStore::open(folder_ / "history.db");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kCorrupt);
}

TEST_F(HistoryStoreTest, RowsThatAreNotWhatWasWrittenAreNotTold) {
  write({invocation({1}, kStart)});
  {
    auto database = SqliteDatabase::open(folder_ / "history.db");
    ASSERT_TRUE(database->run("UPDATE chunk SET rows = CAST(rows || x'00' AS BLOB)"));
  }
  const auto found = store_->find(LifeQuery{{id_of(1)}, {}});
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::kCorrupt);
}

TEST(HistoryChunk, DamagedRowsAreNotTaken) {
  HistoryChunk chunk;
  InvocationRow row;
  row.failures = {{0, "no"}};
  chunk.add(row);
  std::string_view whole = chunk.rows;
  ASSERT_TRUE(take_row(whole));
  EXPECT_TRUE(whole.empty());
  for (std::size_t size = 0; size < chunk.rows.size(); ++size) {
    std::string_view cut = std::string_view(chunk.rows).substr(0, size);
    EXPECT_FALSE(take_row(cut)) << size;
  }
}

TEST_F(HistoryStoreTest, AFolderThatIsNotThereIsATroubleOfTheDisk) {
  const auto opened = HistoryStore::open(folder_ / "nowhere/history.db");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace headrace::runtime

// Telling the history and asking it, on virtual time, with a thread that the test holds.
#include "runtime/history.hpp"

#include <deque>
#include <filesystem>
#include <fstream>
#include <new>

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include "tests/support/manual_clock.hpp"
#include "tests/support/temporary_directory.hpp"

namespace headrace::runtime {
namespace {

using namespace std::chrono_literals;

// Works when the test lets it.
class HeldThread final : public Offload {
 public:
  explicit HeldThread(boost::asio::io_context& loop) : inline_(make_inline_offload(loop)) {}

  void run(std::function<void()> work, std::function<void()> done) override {
    if (full_) throw std::bad_alloc();
    jobs_.emplace_back(std::move(work), std::move(done));
    if (!held_) release();
  }
  void set_full(bool full) { full_ = full; }
  void hold() { held_ = true; }
  void release() {
    held_ = false;
    while (!jobs_.empty()) {
      inline_->run(std::move(jobs_.front().first), std::move(jobs_.front().second));
      jobs_.pop_front();
      ++jobs_run_;
    }
  }
  int jobs_run() const { return jobs_run_; }

 private:
  std::unique_ptr<Offload> inline_;
  std::deque<std::pair<std::function<void()>, std::function<void()>>> jobs_;
  bool held_ = false;
  bool full_ = false;
  int jobs_run_ = 0;
};

class HistoryTest : public testing::Test {
 protected:
  HistoryTest() { begin(); }

  std::string path() const { return folder_ / "history.db"; }

  void begin(const std::string& database, std::int64_t bytes_max = 64 << 20) {
    auto thread = std::make_unique<HeldThread>(loop_);
    thread_ = thread.get();
    HistoryOptions options{database, std::chrono::hours(1), bytes_max};
    history_ = std::make_unique<History>(std::move(thread), clock_, metrics_, std::move(options));
  }
  void begin() { begin(path()); }

  InvocationRow row(std::size_t padding = 0) {
    InvocationRow made;
    made.ended = clock_.now();
    made.function = "welcome-email";
    pack_message(made.messages, {id_, clock_.now(), queue::Sequence(1)});
    made.messages.append(padding, '\0');
    return made;
  }

  std::optional<MessageLife> find() {
    std::optional<Result<MessageLife>> found;
    boost::asio::co_spawn(loop_, history_->find(LifeQuery{{id_}, {}}),
                          [&found](std::exception_ptr failure, Result<MessageLife> life) {
                            ASSERT_FALSE(failure);
                            found = std::move(life);
                          });
    run_ready(loop_);
    if (!found || !*found) return std::nullopt;
    return std::move(**found);
  }

  std::uint64_t counted(const std::string& name) {
    return metrics_.counter("headrace_history_" + name, "").value();
  }

  const Uuid id_{7};
  TemporaryDirectory folder_;
  boost::asio::io_context loop_;
  ManualClock clock_{loop_};
  MetricsRegistry metrics_;
  std::unique_ptr<History> history_;
  HeldThread* thread_ = nullptr;  // is the history's
};

TEST_F(HistoryTest, WhatWasToldIsFoundAtOnce) {
  history_->record(row());
  EXPECT_EQ(find()->events.size(), 1U);
}

TEST_F(HistoryTest, FewRowsAreWrittenTogetherAfterAMoment) {
  for (int i = 0; i < 10; ++i) history_->record(row());
  EXPECT_EQ(thread_->jobs_run(), 0);
  clock_.advance(History::kWriteDelay);
  EXPECT_EQ(thread_->jobs_run(), 1);
  EXPECT_EQ(counted("rows_total"), 10U);
}

TEST_F(HistoryTest, ManyRowsAreWrittenAtOnce) {
  history_->record(row(History::kWrittenAtOnceBytes));
  run_ready(loop_);
  EXPECT_EQ(counted("rows_total"), 1U);
}

TEST_F(HistoryTest, RowsBeyondWhatMayWaitAreDroppedAndCounted) {
  thread_->hold();
  const std::size_t size = std::size_t{1} << 20;
  history_->record(row(size));  // goes to the thread, which is busy
  for (std::size_t i = 0; i < History::kPendingBytesMax / size + 3; ++i) {
    history_->record(row(size));
  }
  const std::uint64_t dropped = counted("dropped_rows_total");
  EXPECT_EQ(dropped, 3U);
  thread_->release();
  run_ready(loop_);
  EXPECT_EQ(find()->events.size(), 1 + History::kPendingBytesMax / size + 3 - dropped);
  history_->record(row());
  find();
  EXPECT_EQ(counted("dropped_rows_total"), dropped);
}

TEST_F(HistoryTest, RowsThatTheThreadHasNoMemoryForWaitForTheNext) {
  thread_->set_full(true);
  EXPECT_NO_THROW(history_->record(row(History::kWrittenAtOnceBytes)));
  thread_->set_full(false);
  history_->record(row());
  run_ready(loop_);
  EXPECT_EQ(counted("rows_total"), 2U);
  EXPECT_EQ(counted("dropped_rows_total"), 0U);
}

TEST_F(HistoryTest, OfASmallDatabaseAQuarterMayWait) {
  begin(path(), 4 << 20);
  thread_->hold();
  const std::size_t size = std::size_t{1} << 20;
  history_->record(row(size));  // goes to the thread, which is busy
  history_->record(row(size));
  EXPECT_EQ(counted("dropped_rows_total"), 0U);
  history_->record(row(size));
  EXPECT_EQ(counted("dropped_rows_total"), 1U);
  thread_->release();
  run_ready(loop_);
}

TEST_F(HistoryTest, ADamagedDatabaseIsSetAsideAndBegunAnew) {
  history_.reset();
  std::ofstream(path()) << "no database";
  begin();
  history_->record(row());
  EXPECT_EQ(find()->events.size(), 1U);
  EXPECT_EQ(counted("dropped_rows_total"), 0U);
  std::ifstream aside(path() + ".damaged");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(aside), {}), "no database");
}

TEST_F(HistoryTest, RowsThatCannotBeWrittenAreLostAndCounted) {
  begin(folder_ / "nowhere/history.db");
  history_->record(row());
  EXPECT_FALSE(find());
  EXPECT_EQ(counted("dropped_rows_total"), 1U);
  std::filesystem::create_directory(folder_ / "nowhere");
  history_->record(row());
  EXPECT_EQ(find()->events.size(), 1U);
}

TEST_F(HistoryTest, RowsOlderThanItKeepsGo) {
  history_->record(row());
  EXPECT_EQ(find()->events.size(), 1U);
  clock_.advance(std::chrono::hours(1) + 1ms);
  const Uuid other{8};
  InvocationRow late = row();
  late.messages.clear();
  pack_message(late.messages, {other, clock_.now(), queue::Sequence(2)});
  history_->record(late);
  EXPECT_TRUE(find()->events.empty());
}

TEST_F(HistoryTest, ClosingWritesWhatWasTold) {
  history_->record(row());
  bool closed = false;
  boost::asio::co_spawn(loop_, history_->close(),
                        [&closed](std::exception_ptr failure) { closed = !failure; });
  run_ready(loop_);
  EXPECT_TRUE(closed);
  EXPECT_FALSE(find());
  begin();
  EXPECT_EQ(find()->events.size(), 1U);
}

}  // namespace
}  // namespace headrace::runtime

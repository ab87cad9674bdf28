#include "runtime/queue_setup.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/task_group.hpp"
#include "queue/engine.hpp"
#include "queue/local_broker.hpp"
#include "queue/memory_journal.hpp"
#include "tests/support/manual_clock.hpp"

namespace headrace::runtime {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
namespace asio = boost::asio;

class QueueSetupTest : public testing::Test {
 protected:
  QueueSetupTest() { broker_.start(); }
  ~QueueSetupTest() override {
    broker_.stop();
    run_ready(loop_);
  }

  template <class T>
  T run(asio::awaitable<T> work) {
    std::optional<T> result;
    tasks_.spawn("test", keep(std::move(work), &result));
    run_ready(loop_);
    return std::move(result.value());
  }

  template <class T>
  static asio::awaitable<void> keep(asio::awaitable<T> work, std::optional<T>* result) {
    T value = co_await std::move(work);
    result->emplace(std::move(value));
  }

  QueueConfig& add(const std::string& name, const std::string& dead_letter = {}) {
    QueueConfig& queue = config_.queues.emplace_back();
    queue.name = name;
    if (!dead_letter.empty()) queue.dead_letter = DeadLetterConfig{dead_letter, 3};
    return queue;
  }

  // What setting up did, line by line.
  std::vector<std::string> set_up() {
    const auto lines = run(set_up_queues(broker_, config_));
    EXPECT_TRUE(lines.has_value()) << lines.error().message;
    return *lines;
  }

  queue::QueueAttributes attributes(const std::string& name) {
    return run(broker_.describe_queue({"us-east-1", "000000000000", name}))->attributes;
  }

  asio::io_context loop_;
  ManualClock clock_{loop_};
  queue::MemoryJournal journal_;
  queue::Engine engine_{queue::HandleKey{}, journal_};
  queue::LocalBroker broker_{loop_, clock_, engine_, journal_, 1};
  TaskGroup tasks_{loop_.get_executor()};
  Config config_;
};

TEST_F(QueueSetupTest, CreatesEachQueueOnceWithEverythingDeadLetterQueuesFirst) {
  add("signup", "signup-dlq").attributes = {{"VisibilityTimeout", "60"}};
  add("signup-dlq");
  add("orders.fifo", "orders-dlq.fifo").attributes = {{"ContentBasedDeduplication", "true"}};
  add("orders-dlq.fifo");
  EXPECT_THAT(set_up(), ElementsAre("queue signup-dlq created", "queue signup created",
                                    "queue orders-dlq.fifo created", "queue orders.fifo created"));
  EXPECT_EQ(attributes("signup").visibility_timeout, 60);
  EXPECT_EQ(attributes("signup").redrive_policy->max_receive_count, 3U);
  EXPECT_TRUE(attributes("orders.fifo").content_based_deduplication);
  EXPECT_TRUE(attributes("orders.fifo").redrive_policy.has_value());
  EXPECT_THAT(set_up(), IsEmpty());
}

TEST_F(QueueSetupTest, SaysWhatItChanges) {
  add("signup");
  set_up();
  config_.queues[0].attributes["VisibilityTimeout"] = "60";
  EXPECT_THAT(set_up(), ElementsAre("queue signup VisibilityTimeout 30 -> 60"));
  EXPECT_EQ(attributes("signup").visibility_timeout, 60);
}

TEST_F(QueueSetupTest, NamesTheQueueThatIsRefused) {
  add("good");
  add("bad").attributes = {{"VisibilityTimeout", "43201"}};
  const auto lines = run(set_up_queues(broker_, config_));
  ASSERT_FALSE(lines.has_value());
  EXPECT_EQ(lines.error().message,
            "queues.bad: Invalid value for the parameter VisibilityTimeout.");
}

TEST_F(QueueSetupTest, QueuesMayBeEachOthersDeadLetterQueues) {
  add("a", "b");
  add("b", "a");
  set_up();
  EXPECT_EQ(attributes("a").redrive_policy->dead_letter_target_arn,
            "arn:aws:sqs:us-east-1:000000000000:b");
  EXPECT_EQ(attributes("b").redrive_policy->dead_letter_target_arn,
            "arn:aws:sqs:us-east-1:000000000000:a");
}

}  // namespace
}  // namespace headrace::runtime

// StartMessageMoveTask, CancelMessageMoveTask and ListMessageMoveTasks (SQS spec 8.3).
#include "queue/move_task.hpp"

#include <gtest/gtest.h>

#include "base/codec.hpp"
#include "tests/queue/server_harness.hpp"

namespace headrace::queue {
namespace {

std::string arn(const std::string& queue) { return to_arn(address_of(queue)); }

class MoveTaskTest : public ::testing::Test {
 protected:
  MoveTaskTest() {
    EXPECT_TRUE(server->create("dlq"));
    for (const char* name : {"a", "b"}) {
      EXPECT_TRUE(server->create(name, {{"RedrivePolicy", redrive_policy("dlq", 1)}}));
    }
  }

  // Received once too often: from its queue into the dead-letter queue.
  void dead_letter(const std::string& queue, int count) {
    for (int i = 0; i < count; ++i) server->send(queue, {queue + std::to_string(i)});
    for (int round = 0; round < 2; ++round) {
      for (int i = 0; i < count; ++i) server->receive(queue, 1, 0, 0);
    }
    server->receive(queue, 10, 0, 0);
  }

  Result<std::string> begin(const StartMoveTaskRequest& request) {
    return *server->start(server->broker->start_move_task(request));
  }
  Result<std::string> begin() { return begin({arn("dlq"), "", std::nullopt}); }
  Result<std::uint64_t> cancel(const std::string& handle) {
    return *server->start(server->broker->cancel_move_task(handle));
  }
  std::vector<MoveTask> tasks(std::size_t limit = 10) {
    const auto listed = *server->start(server->broker->list_move_tasks(arn("dlq"), limit));
    return listed ? *listed : std::vector<MoveTask>();
  }
  std::uint64_t visible(const std::string& queue) { return server->describe(queue).visible; }
  void pass(Duration duration) {
    server->clock.advance(duration);
    server->run();
  }
  static std::string refusal(const Result<std::string>& started) {
    return started ? "" : started.error().message;
  }

  std::unique_ptr<ServerHarness> server = std::make_unique<ServerHarness>();
};

// T152
TEST_F(MoveTaskTest, MovesToANamedDestination) {
  dead_letter("a", 2);
  ASSERT_TRUE(server->create("elsewhere"));
  ASSERT_TRUE(begin({arn("dlq"), arn("elsewhere"), std::nullopt}).has_value());
  EXPECT_EQ(visible("elsewhere"), 2U);
  EXPECT_EQ(visible("dlq"), 0U);
  ASSERT_EQ(tasks().size(), 1U);
  const MoveTask task = tasks()[0];
  EXPECT_EQ(task.status, MoveTaskStatus::kCompleted);
  EXPECT_EQ(task.moved, 2U);
  EXPECT_EQ(task.to_move, 2U);
  EXPECT_EQ(task.request.destination_arn, arn("elsewhere"));
  EXPECT_EQ(task.request.source_arn, arn("dlq"));
  EXPECT_EQ(task.started, kTestStart);
}

// T153, T157
TEST_F(MoveTaskTest, WithoutADestinationEachMessageGoesHomeAsANewOne) {
  dead_letter("a", 3);
  dead_letter("b", 2);
  const auto before = server->start(server->broker->peek({address_of("dlq"), 1}));
  ASSERT_TRUE(begin().has_value());
  EXPECT_EQ(visible("a"), 3U);
  EXPECT_EQ(visible("b"), 2U);
  const auto home = server->receive("a");
  EXPECT_EQ((*home)->at(0).receive_count, 1U);
  EXPECT_NE((*home)->at(0).message_id, (*before)->at(0).message.message_id);
  EXPECT_EQ((*home)->at(0).content.body, "a0");
}

TEST_F(MoveTaskTest, MovesMoreThanOneChunk) {
  dead_letter("a", 250);
  ASSERT_TRUE(begin().has_value());
  EXPECT_EQ(visible("a"), 250U);
  EXPECT_EQ(tasks()[0].moved, 250U);
}

// T154
TEST_F(MoveTaskTest, KeepsItsRateAndCanBeCancelled) {
  dead_letter("a", 5);
  const auto handle = begin({arn("dlq"), "", 1});
  ASSERT_TRUE(handle.has_value());
  EXPECT_EQ(visible("a"), 1U);
  pass(999ms);
  EXPECT_EQ(visible("a"), 1U);
  pass(1ms);
  EXPECT_EQ(visible("a"), 2U);
  EXPECT_EQ(tasks()[0].status, MoveTaskStatus::kRunning);
  EXPECT_EQ(tasks()[0].to_move, 5U);

  EXPECT_EQ(cancel(*handle).value(), 2U);
  EXPECT_EQ(tasks()[0].status, MoveTaskStatus::kCancelled);
  EXPECT_EQ(tasks()[0].moved, 2U);
  pass(10s);
  EXPECT_EQ(visible("a"), 2U);
  const auto again = cancel(*handle);
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().message, "Only active tasks can be cancelled.");
}

TEST_F(MoveTaskTest, AHighRateIsKeptInSteps) {
  dead_letter("a", 200);
  ASSERT_TRUE(begin({arn("dlq"), "", 100}).has_value());
  pass(950ms);
  EXPECT_LE(visible("a"), 100U);
  pass(50ms);
  EXPECT_LE(visible("a"), 110U);
  for (int i = 0; i < 20; ++i) pass(100ms);
  EXPECT_EQ(visible("a"), 200U);
}

// T155
TEST_F(MoveTaskTest, RefusesWhatCannotBeStarted) {
  dead_letter("a", 5);
  ASSERT_TRUE(server->create("other.fifo", {{"FifoQueue", "true"}}));
  const auto missing = begin({arn("none"), "", std::nullopt});
  EXPECT_EQ(missing.error().code, ErrorCode::kResourceNotFound);
  EXPECT_EQ(refusal(missing),
            "The resource that you specified for the SourceArn parameter doesn't exist.");
  EXPECT_EQ(refusal(begin({arn("a"), "", std::nullopt})),
            "Source queue must be configured as a Dead Letter Queue.");
  const auto nowhere = begin({arn("dlq"), arn("none"), std::nullopt});
  EXPECT_EQ(nowhere.error().code, ErrorCode::kResourceNotFound);
  EXPECT_EQ(refusal(nowhere),
            "The resource that you specified for the DestinationArn parameter doesn't exist.");
  EXPECT_EQ(refusal(begin({arn("dlq"), arn("dlq"), std::nullopt})),
            "Source queue arn and destination queue arn cannot be the same.");
  EXPECT_EQ(refusal(begin({arn("dlq"), arn("other.fifo"), std::nullopt})),
            "The source queue and destination queue must be of the same queue type.");
  ASSERT_TRUE(begin({arn("dlq"), "", 1}).has_value());
  EXPECT_EQ(refusal(begin()),
            "There is already a task running. Only one active task is allowed for a source queue "
            "arn at a given time.");
}

// T155
TEST_F(MoveTaskTest, NamesWhatIsWrongWithAHandle) {
  const auto handle_of = [](const std::string& source) {
    return base64_encode(R"({"taskId":"x","sourceArn":")" + source + "\"}");
  };
  EXPECT_EQ(cancel("garbage").error().message, "Value for parameter TaskHandle is invalid.");
  EXPECT_EQ(cancel(base64_encode("{}")).error().message,
            "Value for parameter TaskHandle is invalid.");
  const auto unknown = cancel(handle_of(arn("dlq")));
  EXPECT_EQ(unknown.error().code, ErrorCode::kResourceNotFound);
  EXPECT_EQ(unknown.error().message, "Task does not exist.");
  EXPECT_EQ(cancel(handle_of(arn("none"))).error().message,
            "The resource that you specified for the SourceArn parameter doesn't exist.");
}

// Whose queue a task belongs to is checked by the source its handle names.
TEST_F(MoveTaskTest, IsNotFoundUnderAnotherSource) {
  dead_letter("a", 5);
  const auto handle = begin({arn("dlq"), "", 1});
  ASSERT_TRUE(handle.has_value());
  ASSERT_TRUE(server->create("mine"));
  const std::string id = read_task_handle(*handle)->id;
  const auto foreign =
      cancel(base64_encode(R"({"taskId":")" + id + R"(","sourceArn":")" + arn("mine") + "\"}"));
  ASSERT_FALSE(foreign.has_value());
  EXPECT_EQ(foreign.error().code, ErrorCode::kResourceNotFound);
  EXPECT_EQ(tasks()[0].status, MoveTaskStatus::kRunning);
}

// T156
TEST_F(MoveTaskTest, FailsWhenItsDestinationIsDeleted) {
  dead_letter("a", 5);
  ASSERT_TRUE(server->create("elsewhere"));
  ASSERT_TRUE(begin({arn("dlq"), arn("elsewhere"), 1}).has_value());
  ASSERT_TRUE(*server->start(server->broker->delete_queue(address_of("elsewhere"))));
  pass(1s);
  EXPECT_EQ(tasks()[0].status, MoveTaskStatus::kFailed);
  EXPECT_EQ(tasks()[0].failure_reason, "AWS.SimpleQueueService.NonExistentQueue");
  EXPECT_EQ(visible("dlq"), 4U);
}

TEST_F(MoveTaskTest, FailsWhenAMessageHasNoQueueToReturnTo) {
  dead_letter("a", 1);
  ASSERT_TRUE(*server->start(server->broker->delete_queue(address_of("a"))));
  ASSERT_TRUE(begin().has_value());
  EXPECT_EQ(tasks()[0].status, MoveTaskStatus::kFailed);
  EXPECT_EQ(visible("dlq"), 1U);
}

TEST_F(MoveTaskTest, LeavesWhatIsInFlight) {
  dead_letter("a", 2);
  server->receive("dlq", 1, 0, 60);
  ASSERT_TRUE(begin().has_value());
  EXPECT_EQ(visible("a"), 1U);
  EXPECT_EQ(tasks()[0].status, MoveTaskStatus::kCompleted);
  EXPECT_EQ(server->describe("dlq").in_flight, 1U);
}

TEST_F(MoveTaskTest, WakesAReceiveThatWaitsAtTheDestination) {
  dead_letter("a", 1);
  const auto waiting = server->receive("a", 1, 20);
  ASSERT_TRUE(begin().has_value());
  ASSERT_TRUE(waiting.arrived());
  EXPECT_EQ((*waiting)->size(), 1U);
}

TEST_F(MoveTaskTest, ListsTheNewestFirstAndKeepsTen) {
  for (int i = 0; i < 12; ++i) {
    ASSERT_TRUE(begin().has_value());
    pass(1s);
  }
  const auto listed = tasks(20);
  ASSERT_EQ(listed.size(), 10U);
  EXPECT_EQ(listed.front().started, kTestStart + 11s);
  EXPECT_EQ(listed.back().started, kTestStart + 2s);
  ASSERT_EQ(tasks(1).size(), 1U);
  EXPECT_EQ(tasks(1)[0].id, listed.front().id);
}

TEST_F(MoveTaskTest, GoWithTheirSource) {
  dead_letter("a", 5);
  ASSERT_TRUE(begin({arn("dlq"), "", 1}).has_value());
  ASSERT_TRUE(*server->start(server->broker->delete_queue(address_of("dlq"))));
  pass(10s);
  EXPECT_EQ(visible("a"), 1U);
  ASSERT_TRUE(server->create("dlq"));
  EXPECT_TRUE(tasks().empty());
}

class MoveTaskOnDiskTest : public MoveTaskTest {
 protected:
  MoveTaskOnDiskTest() {
    server = std::make_unique<ServerHarness>(*disk);
    EXPECT_TRUE(server->create("dlq"));
    EXPECT_TRUE(server->create("a", {{"RedrivePolicy", redrive_policy("dlq", 1)}}));
  }
  ~MoveTaskOnDiskTest() override { server.reset(); }

  std::unique_ptr<FakeFileSystem> disk = std::make_unique<FakeFileSystem>();
};

TEST_F(MoveTaskOnDiskTest, GoesOnAfterARestartWhereItStood) {
  dead_letter("a", 4);
  const auto handle = begin({arn("dlq"), "", 1});
  ASSERT_TRUE(handle.has_value());
  pass(1s);
  ASSERT_EQ(visible("a"), 2U);
  server.reset();
  disk = disk->after_losing_unsynced();
  server = std::make_unique<ServerHarness>(*disk, Durability::kSync, ServerHarness::kSegmentBytes,
                                           kTestStart + 1s);
  server->run();
  EXPECT_EQ(visible("a"), 3U);
  pass(1s);
  EXPECT_EQ(visible("a"), 4U);
  EXPECT_EQ(tasks()[0].status, MoveTaskStatus::kCompleted);
  EXPECT_EQ(tasks()[0].moved, 4U);
  EXPECT_EQ(make_task_handle(tasks()[0]), *handle);
}

}  // namespace
}  // namespace headrace::queue

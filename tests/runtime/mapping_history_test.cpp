// What a mapping and its broker tell the history, and what is explained of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/json.hpp"
#include "runtime/explain.hpp"
#include "tests/runtime/mapping_fixture.hpp"

namespace headrace::runtime {
namespace {

using functions::Event;
using functions::InvocationResult;
using functions::Outcome;
using testing::ElementsAre;
using namespace std::chrono_literals;

class MappingHistoryTest : public MappingFixture {
 protected:
  Uuid send_one() {
    queue::SendRequest request;
    request.address = address("signup");
    request.entries.emplace_back().content.body = "ada";
    const auto sent = await(store_->broker().send(std::move(request)));
    return (*sent)[0]->message_id;
  }

  Explanation explained(const Uuid& id, History* history) {
    Cancellation cancellation;
    return await(
        explain(store_->broker(), history, {"us-east-1", "000000000000", id}, cancellation));
  }
  Explanation explained(const Uuid& id) { return explained(id, &history_); }

  // "failed in welcome-email", "dead-lettered", ...
  static std::vector<std::string> story(const Explanation& explanation) {
    std::vector<std::string> lines;
    for (const LifeEvent& event : explanation.life.events) {
      if (const auto* attempt = std::get_if<Attempt>(&event)) {
        lines.push_back(std::to_string(static_cast<int>(attempt->outcome)) + " " + attempt->error);
      } else {
        const bool redriven = std::get<MoveRow>(event).kind == queue::MoveKind::kRedriven;
        lines.push_back(redriven ? "redriven" : "dead-lettered");
      }
    }
    return lines;
  }

  void redrive() {
    queue::MoveRequest move;
    move.source = address("dlq");
    ASSERT_EQ(await(store_->broker().move_messages(move))->moved, 1U);
    run_ready(loop_);
  }
};

TEST_F(MappingHistoryTest, ASuccessIsOneAttemptAndThenNothingIsLeft) {
  start();
  const TimePoint sent = clock_.now();
  const Uuid id = send_one();
  const Explanation explanation = explained(id);
  ASSERT_THAT(story(explanation), ElementsAre("0 "));
  const Attempt& attempt = std::get<Attempt>(explanation.life.events[0]);
  EXPECT_EQ(attempt.function, function_->config().name);
  EXPECT_EQ(attempt.version, function_->config().version);
  EXPECT_EQ(attempt.queue, "arn:aws:sqs:us-east-1:000000000000:signup");
  EXPECT_EQ(attempt.request_id.size(), 36U);
  EXPECT_EQ(explanation.life.sent, sent);
  EXPECT_FALSE(explanation.now);
  EXPECT_THAT(render_explanation(explanation), testing::HasSubstr(R"("now":{"state":"deleted"})"));
}

// The story that everything serves: fails three times, is dead-lettered, redriven, succeeds.
TEST_F(MappingHistoryTest, APoisonMessageIsFollowedThroughTheDeadLetterQueueAndBack) {
  bool mended = false;
  answer_ = [&mended](const Event&) {
    if (!mended) return failed("mailbox unavailable");
    InvocationResult result;
    result.outcome = Outcome::kSucceeded;
    return result;
  };
  start();
  const Uuid id = send_one();
  clock_.advance(200s);
  const Explanation dead = explained(id);
  const std::string failure = "1 Error: mailbox unavailable";
  EXPECT_THAT(story(dead), ElementsAre(failure, failure, failure, "dead-lettered"));
  const MoveRow& moved = std::get<MoveRow>(dead.life.events[3]);
  EXPECT_EQ(moved.receive_count, 3);
  EXPECT_EQ(moved.max_receive_count, 3);
  ASSERT_TRUE(dead.now);
  EXPECT_EQ(dead.now->queue.name, "dlq");
  EXPECT_EQ(dead.now->seen.state, queue::MessageState::kVisible);

  mended = true;
  redrive();
  const Explanation handled = explained(id);
  EXPECT_THAT(story(handled),
              ElementsAre(failure, failure, failure, "dead-lettered", "redriven", "0 "));
  EXPECT_FALSE(handled.now);
  const Uuid new_id = std::get<MoveRow>(handled.life.events[4]).new_id;
  EXPECT_EQ(story(explained(new_id)), story(handled));
}

TEST_F(MappingHistoryTest, OfABatchEachMessageHasItsOwnOutcome) {
  answer_ = [](const Event& event) {
    InvocationResult result;
    result.outcome = Outcome::kSucceeded;
    result.record_failures = {{1, "no such mailbox"}};
    EXPECT_EQ(event.records.size(), 2U);
    return result;
  };
  const Uuid good = send_one();
  const Uuid bad = send_one();
  start(1);
  EXPECT_THAT(story(explained(good)), ElementsAre("0 "));
  EXPECT_THAT(story(explained(bad)), ElementsAre("1 no such mailbox"));
  const Explanation waiting = explained(bad);
  ASSERT_TRUE(waiting.now);
  EXPECT_EQ(waiting.now->seen.state, queue::MessageState::kInFlight);
  EXPECT_EQ(waiting.now->due, clock_.now() + 30s);
}

TEST_F(MappingHistoryTest, AThrottledBatchThatIsLetGoIsAnAttempt) {
  answer_ = [](const Event&) { return throttled(); };
  start();
  const Uuid id = send_one();
  clock_.advance(31s);
  EXPECT_EQ(story(explained(id)).front(), "2 throttled: status 503");
}

TEST_F(MappingHistoryTest, AFilteredMessageIsKnownToBeDeletedByTheFilter) {
  ASSERT_TRUE(mapping_.filters.add(R"({"body":{"plan":["pro"]}})"));
  start();
  const Uuid id = send_one();
  EXPECT_THAT(story(explained(id)), ElementsAre("3 "));
  EXPECT_FALSE(explained(id).now);
}

TEST_F(MappingHistoryTest, WithoutAHistoryAMessageTellsWhereItIs) {
  answer_ = [](const Event&) { return failed("boom"); };
  start();
  const Uuid id = send_one();
  clock_.advance(200s);
  const Explanation explanation = explained(id, nullptr);
  EXPECT_FALSE(explanation.has_history);
  ASSERT_TRUE(explanation.now);
  const auto json = JsonDocument::parse(render_explanation(explanation));
  ASSERT_TRUE(json);
  const JsonValue now = *json->root().find("now");
  EXPECT_EQ(now.find("queue")->as_string().value(), "dlq");
  EXPECT_EQ(now.find("dead_letter_source")->as_string().value(), "signup");
  EXPECT_EQ(now.find("receive_count")->as_integer().value(), 3);
  EXPECT_EQ(json->root().find("sent_to")->as_string().value(), "signup");
}

// Only SQS clients received it: its moves are known as long as it lives.
TEST_F(MappingHistoryTest, AMessageNoFunctionSawIsFollowedByItsPlace) {
  const Uuid id = send_one();
  for (int i = 0; i < 4; ++i) {
    queue::ReceiveRequest receive;
    receive.address = address("signup");
    Cancellation never;
    await(store_->broker().receive(std::move(receive), never));
    clock_.advance(31s);
  }
  EXPECT_THAT(story(explained(id)), ElementsAre("dead-lettered"));
  redrive();
  const Explanation back = explained(id);
  EXPECT_THAT(story(back), ElementsAre("dead-lettered", "redriven"));
  EXPECT_EQ(back.now->queue.name, "signup");
  EXPECT_EQ(back.life.ids.size(), 2U);
}

TEST_F(MappingHistoryTest, AMessageThatNeverWasIsUnknown) {
  const Explanation explanation = explained(Uuid{1});
  EXPECT_TRUE(explanation.life.events.empty());
  EXPECT_THAT(render_explanation(explanation), testing::HasSubstr(R"("now":{"state":"unknown"})"));
}

}  // namespace
}  // namespace headrace::runtime

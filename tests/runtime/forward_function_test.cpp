#include "runtime/forward_function.hpp"

#include <gmock/gmock.h>

#include "tests/functions/event_builder.hpp"
#include "tests/runtime/store_fixture.hpp"

namespace headrace::runtime {
namespace {

using functions::InvocationResult;
using functions::Outcome;
using testing::ElementsAre;
using testing::HasSubstr;

class ForwardFunctionTest : public StoreFixture {
 protected:
  ForwardFunctionTest() {
    create("out", {{"MaximumMessageSize", "1024"}});
    create("out.fifo", {{"FifoQueue", "true"}, {"MaximumMessageSize", "1024"}});
  }

  InvocationResult forward(const std::string& target, const functions::Event& event) {
    const functions::BuiltinAction action = make_forward(store_->broker(), address(target));
    const functions::Invocation invocation{"req-1", &event};
    return await(action(invocation));
  }

  std::vector<queue::PeekedMessage> messages_in(const std::string& name) {
    queue::PeekRequest request;
    request.address = address(name);
    request.max_messages = 1000;
    return await(store_->broker().peek(std::move(request))).value();
  }

  std::vector<std::string> bodies_in(const std::string& name) {
    std::vector<std::string> bodies;
    for (const auto& peeked : messages_in(name)) bodies.push_back(peeked.message.content.body);
    return bodies;
  }
};

functions::Event fifo_event(const std::vector<std::pair<std::string, std::string>>& messages) {
  functions::Event event;
  for (const auto& [group, body] : messages) {
    functions::Record record = functions::make_record(body);
    record.group_id = group;
    record.message_id.back() = static_cast<char>('0' + event.records.size());
    record.deduplication_id = "of its group only";
    record.sequence_number = std::to_string(100 + event.records.size());
    event.records.push_back(std::move(record));
  }
  return event;
}

TEST_F(ForwardFunctionTest, EveryMessageGoesOnWithItsAttributes) {
  functions::Event event = functions::make_event({"ada", "grace"});
  event.records[0].attributes = {
      {"Lang", "String", "en", functions::AttributeKind::kText},
      {"Key", "Binary", std::string("\0\1", 2), functions::AttributeKind::kBinary}};
  const InvocationResult result = forward("out", event);
  EXPECT_EQ(result.outcome, Outcome::kSucceeded);
  EXPECT_TRUE(result.record_failures.empty());
  const auto messages = messages_in("out");
  ASSERT_EQ(messages.size(), 2U);
  const queue::MessageContent& first = messages[0].message.content;
  EXPECT_EQ(first.body, "ada");
  EXPECT_EQ(first.body_md5, md5("ada"));
  ASSERT_EQ(first.attributes.size(), 2U);
  EXPECT_EQ(first.attributes[0].name, "Lang");
  EXPECT_EQ(first.attributes[1].value, std::string("\0\1", 2));
  EXPECT_EQ(first.attributes[1].kind, queue::ValueKind::kBinary);
}

TEST_F(ForwardFunctionTest, MoreThanOneRequestHoldsGoesOn) {
  const functions::Event event = functions::make_event(std::vector<std::string>(250, "x"));
  EXPECT_TRUE(forward("out", event).record_failures.empty());
  EXPECT_EQ(messages_in("out").size(), 250U);
}

TEST_F(ForwardFunctionTest, WhatTheQueueRefusesFailsAlone) {
  const std::string large(2000, 'x');
  const InvocationResult result = forward("out", functions::make_event({"ada", large, "grace"}));
  EXPECT_EQ(result.outcome, Outcome::kSucceeded);
  ASSERT_EQ(result.record_failures.size(), 1U);
  EXPECT_EQ(result.record_failures[0].index, 1U);
  EXPECT_THAT(result.record_failures[0].reason, HasSubstr("out: One or more parameters"));
  EXPECT_THAT(bodies_in("out"), ElementsAre("ada", "grace"));
}

TEST_F(ForwardFunctionTest, MissingQueueFailsEveryMessage) {
  const InvocationResult result = forward("gone", functions::make_event({"ada", "grace"}));
  EXPECT_EQ(result.record_failures.size(), 2U);
}

TEST_F(ForwardFunctionTest, OrderOfAGroupIsKeptWhenOneOfItFails) {
  const std::string large(2000, 'x');
  const functions::Event event =
      fifo_event({{"a", "a1"}, {"a", large}, {"b", "b1"}, {"a", "a3"}, {"b", "b2"}});
  const InvocationResult result = forward("out.fifo", event);
  ASSERT_EQ(result.record_failures.size(), 2U);
  EXPECT_EQ(result.record_failures[0].index, 1U);
  EXPECT_EQ(result.record_failures[1].index, 3U);
  EXPECT_THAT(bodies_in("out.fifo"), ElementsAre("a1", "b1", "b2"));
}

TEST_F(ForwardFunctionTest, FifoQueueHoldsOnceWhatIsForwardedTwice) {
  functions::Event event = functions::make_event({"ada", "grace"});
  event.records[1].message_id = "5fea7756-0ea4-451a-a703-a558b933e274";
  forward("out.fifo", event);
  forward("out.fifo", event);
  EXPECT_THAT(bodies_in("out.fifo"), ElementsAre("ada", "grace"));
}

}  // namespace
}  // namespace headrace::runtime

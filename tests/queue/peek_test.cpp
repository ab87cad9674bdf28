// Looking at messages without receiving them.
#include <gtest/gtest.h>

#include "tests/queue/server_harness.hpp"

namespace headrace::queue {
namespace {

class Peek : public ::testing::Test {
 protected:
  Peek() { EXPECT_TRUE(server.create("q").has_value()); }

  std::vector<std::string> bodies(PeekRequest request) {
    request.address = address_of("q");
    const auto peeked = server.start(server.broker->peek(std::move(request)));
    std::vector<std::string> found;
    if (!peeked.arrived() || !*peeked) return found;
    for (const PeekedMessage& seen : **peeked) found.push_back(seen.message.content.body);
    return found;
  }

  ServerHarness server;
};

TEST_F(Peek, ShowsEveryStateOldestFirst) {
  server.send("q", {"taken", "visible"});
  server.send("q", {"delayed"}, 60);
  server.receive("q");
  EXPECT_EQ(bodies({}), (std::vector<std::string>{"taken", "visible", "delayed"}));
}

TEST_F(Peek, LeavesOutTheStatesNotAskedFor) {
  server.send("q", {"taken", "visible"});
  server.send("q", {"delayed"}, 60);
  server.receive("q");
  PeekRequest request;
  request.with_in_flight = false;
  EXPECT_EQ(bodies(request), (std::vector<std::string>{"visible", "delayed"}));
  request.with_delayed = false;
  EXPECT_EQ(bodies(request), (std::vector<std::string>{"visible"}));
}

TEST_F(Peek, ChangesNothing) {
  server.send("q", {"x"});
  bodies({});
  bodies({});
  EXPECT_EQ(server.describe("q").visible, 1U);
  EXPECT_EQ((*server.receive("q"))->at(0).receive_count, 1U);
}

TEST_F(Peek, FindsWhatStandsBehindManyOthers) {
  server.send("q", std::vector<std::string>(3000, "taken"));
  server.receive("q", 3000);
  server.send("q", {"visible"});
  PeekRequest request;
  request.with_in_flight = false;
  EXPECT_EQ(bodies(request), (std::vector<std::string>{"visible"}));
}

TEST_F(Peek, EndsAtItsNumberOfMessages) {
  server.send("q", {"a", "b", "c"});
  PeekRequest request;
  request.max_messages = 2;
  EXPECT_EQ(bodies(request), (std::vector<std::string>{"a", "b"}));
}

TEST_F(Peek, EndsAtItsBytes) {
  server.send("q", {std::string(1000, 'a'), std::string(1000, 'b'), "c"});
  MessageContent first;
  first.body = std::string(1000, 'a');
  PeekRequest request;
  request.event_bytes_max = event_size(first) + 500;
  EXPECT_EQ(bodies(request), (std::vector<std::string>{first.body}));
}

TEST_F(Peek, MissesAQueueThatIsNotThere) {
  PeekRequest request;
  request.address = address_of("lost");
  const auto peeked = server.start(server.broker->peek(std::move(request)));
  ASSERT_TRUE(peeked.arrived());
  EXPECT_EQ(peeked->error().code, ErrorCode::kQueueDoesNotExist);
}

}  // namespace
}  // namespace headrace::queue

// Tags, permissions and the 60-second waits through the broker (SQS spec 4.3 to 4.6).
#include <gtest/gtest.h>

#include "tests/queue/server_harness.hpp"

namespace headrace::queue {
namespace {

Status change_tags(ServerHarness& server, const std::string& queue, TagMap set,
                   std::vector<std::string> removed = {}) {
  return *server.start(
      server.broker->change_tags({address_of(queue), std::move(set), std::move(removed)}));
}

// T060
TEST(Tags, AreAddedOverwrittenAndTakenAway) {
  ServerHarness server;
  ASSERT_TRUE(server.create("q"));
  ASSERT_TRUE(change_tags(server, "q", {{"a", "1"}, {"b", ""}}));
  EXPECT_EQ(server.describe("q").tags, (TagMap{{"a", "1"}, {"b", ""}}));
  ASSERT_TRUE(change_tags(server, "q", {{"a", "2"}}));
  EXPECT_EQ(server.describe("q").tags, (TagMap{{"a", "2"}, {"b", ""}}));
  ASSERT_TRUE(change_tags(server, "q", {}, {"b", "never"}));
  EXPECT_EQ(server.describe("q").tags, (TagMap{{"a", "2"}}));
}

// T061
TEST(Tags, AMissingQueueHasNone) {
  ServerHarness server;
  EXPECT_EQ(change_tags(server, "q", {{"a", "1"}}).error().code, ErrorCode::kQueueDoesNotExist);
}

// T062
TEST(Tags, BeyondFiftyTheCallFailsAsAWhole) {
  ServerHarness server;
  ASSERT_TRUE(server.create("q"));
  TagMap fifty;
  for (int i = 0; i < 50; ++i) fifty["tag" + std::to_string(i)] = "x";
  ASSERT_TRUE(change_tags(server, "q", fifty));
  const Status more = change_tags(server, "q", {{"one-more", "x"}, {"tag0", "changed"}});
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().code, ErrorCode::kInvalidParameterValue);
  EXPECT_EQ(more.error().message, "Too many tags added for queue q.");
  EXPECT_EQ(server.describe("q").tags, fifty);
}

TEST(Tags, SurviveARestart) {
  FakeFileSystem disk;
  {
    ServerHarness server(disk);
    ASSERT_TRUE(server.create("q"));
    ASSERT_TRUE(change_tags(server, "q", {{"a", "1"}}));
  }
  const auto after = disk.after_losing_unsynced();
  ServerHarness again(*after);
  EXPECT_EQ(again.describe("q").tags, (TagMap{{"a", "1"}}));
}

// T063 to T065
TEST(Permissions, ChangeThePolicyOfTheQueue) {
  ServerHarness server;
  ASSERT_TRUE(server.create("q"));
  const AddPermissionRequest add{address_of("q"), {"l", {"668614515564"}, {"SendMessage"}}};
  ASSERT_TRUE(*server.start(server.broker->add_permission(add)));
  EXPECT_NE(server.describe("q").attributes.policy.find(R"("Sid":"l")"), std::string::npos);
  EXPECT_FALSE(*server.start(server.broker->add_permission(add)));

  const RemovePermissionRequest remove{address_of("q"), "l"};
  ASSERT_TRUE(*server.start(server.broker->remove_permission(remove)));
  EXPECT_EQ(server.describe("q").attributes.policy, "");
  EXPECT_FALSE(*server.start(server.broker->remove_permission(remove)));
}

TEST(Permissions, StayWithinThePolicysBytes) {
  ServerHarness server;
  ASSERT_TRUE(server.create("q"));
  AddPermissionRequest add{address_of("q"), {"l", {}, {"SendMessage"}}};
  for (int i = 0; i < 300; ++i) add.statement.accounts.emplace_back("668614515564");
  EXPECT_FALSE(*server.start(server.broker->add_permission(add)));
  EXPECT_EQ(server.describe("q").attributes.policy, "");
}

Status purge(ServerHarness& server, const std::string& queue) {
  return *server.start(server.broker->purge_queue(address_of(queue)));
}

// T068
TEST(PurgeCooldown, RefusesASecondPurgeForSixtySeconds) {
  ServerHarness server(Cooldowns{.purge = true, .create = false});
  ASSERT_TRUE(server.create("q"));
  ASSERT_TRUE(server.create("other"));
  ASSERT_TRUE(purge(server, "q"));
  server.clock.advance(59'999ms);
  const Status second = purge(server, "q");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kPurgeQueueInProgress);
  EXPECT_EQ(second.error().message,
            "Only one PurgeQueue operation on q is allowed every 60 seconds.");
  EXPECT_TRUE(purge(server, "other"));
  server.clock.advance(1ms);
  EXPECT_TRUE(purge(server, "q"));
}

TEST(PurgeCooldown, IsOffUnlessAskedFor) {
  ServerHarness server;
  ASSERT_TRUE(server.create("q"));
  EXPECT_TRUE(purge(server, "q"));
  EXPECT_TRUE(purge(server, "q"));
}

// T037
TEST(CreateCooldown, RefusesTheNameOfADeletedQueueForSixtySeconds) {
  ServerHarness server(Cooldowns{.purge = false, .create = true});
  ASSERT_TRUE(server.create("q"));
  ASSERT_TRUE(*server.start(server.broker->delete_queue(address_of("q"))));
  server.clock.advance(59'999ms);
  const Status early = server.create("q");
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().code, ErrorCode::kQueueDeletedRecently);
  EXPECT_EQ(early.error().message,
            "You must wait 60 seconds after deleting a queue before you can create another with "
            "the same name.");
  EXPECT_TRUE(server.create("other"));
  server.clock.advance(1ms);
  EXPECT_TRUE(server.create("q"));
}

TEST(CreateCooldown, IsOffUnlessAskedFor) {
  ServerHarness server;
  ASSERT_TRUE(server.create("q"));
  ASSERT_TRUE(*server.start(server.broker->delete_queue(address_of("q"))));
  EXPECT_TRUE(server.create("q"));
}

}  // namespace
}  // namespace headrace::queue

// Creating, changing, listing and deleting queues (SQS spec 4).
#include <gtest/gtest.h>

#include "tests/queue/engine_harness.hpp"

namespace headrace::queue {
namespace {

std::string refusal(const Status& status) { return status ? "" : status.error().message; }

TEST(CreateQueue, IsIdempotentForEqualGivenAttributesAndForNone) {
  EngineHarness bench;
  ASSERT_TRUE(bench.create("q", {{"DelaySeconds", "5"}}).has_value());
  const std::uint64_t before = bench.records();
  EXPECT_TRUE(bench.create("q", {{"DelaySeconds", "5"}}).has_value());
  EXPECT_TRUE(bench.create("q").has_value());
  EXPECT_TRUE(bench.create("q", {{"VisibilityTimeout", "30"}}).has_value());
  EXPECT_EQ(bench.records(), before);
}

TEST(CreateQueue, NamesTheAttributeThatDiffers) {
  EngineHarness bench;
  ASSERT_TRUE(bench.create("q", {{"DelaySeconds", "5"}}).has_value());
  const auto again = bench.create("q", {{"DelaySeconds", "6"}});
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().code, ErrorCode::kQueueNameExists);
  EXPECT_EQ(again.error().message,
            "A queue already exists with the same name and a different value for attribute "
            "DelaySeconds");
}

TEST(CreateQueue, ComparesWithTheCurrentValues) {
  EngineHarness bench;
  ASSERT_TRUE(bench.create("q", {{"DelaySeconds", "5"}}).has_value());
  ASSERT_TRUE(bench.set("q", {{"DelaySeconds", "7"}}).has_value());
  EXPECT_TRUE(bench.create("q", {{"DelaySeconds", "7"}}).has_value());
  EXPECT_FALSE(bench.create("q", {{"DelaySeconds", "5"}}).has_value());
}

TEST(CreateQueue, ComparesPoliciesByMeaning) {
  EngineHarness bench;
  ASSERT_TRUE(bench.create("dlq").has_value());
  const std::string arn = "arn:aws:sqs:us-east-1:000000000000:dlq";
  ASSERT_TRUE(bench.create("q", {{"RedrivePolicy", redrive_policy("dlq", 3)}}).has_value());
  const std::string spelled =
      "{ \"maxReceiveCount\" : \"3\", \"deadLetterTargetArn\": \"" + arn + "\" }";
  EXPECT_TRUE(bench.create("q", {{"RedrivePolicy", spelled}}).has_value());
  EXPECT_FALSE(bench.create("q", {{"RedrivePolicy", redrive_policy("dlq", 4)}}).has_value());
}

TEST(CreateQueue, ComparesTheKeyReusePeriodOfAnEncryptedQueue) {
  EngineHarness bench;
  ASSERT_TRUE(bench.create("q", {{"KmsMasterKeyId", "alias/k"}}).has_value());
  EXPECT_TRUE(bench.create("q", {{"KmsDataKeyReusePeriodSeconds", "300"}}).has_value());
  EXPECT_FALSE(bench.create("q", {{"KmsDataKeyReusePeriodSeconds", "301"}}).has_value());
}

TEST(CreateQueue, NamesAreCaseSensitive) {
  EngineHarness bench;
  ASSERT_TRUE(bench.create("q").has_value());
  ASSERT_TRUE(bench.create("Q", {{"DelaySeconds", "1"}}).has_value());
  EXPECT_EQ(bench.engine().queue_count(), 2U);
}

TEST(CreateQueue, RefusesWhatIsUnknownOrOutOfRange) {
  EngineHarness bench;
  EXPECT_EQ(bench.create("q", {{"Foo", "1"}}).error().message, "Unknown Attribute Foo.");
  EXPECT_EQ(bench.create("q", {{"QueueArn", "x"}}).error().code, ErrorCode::kInvalidAttributeName);
  EXPECT_EQ(bench.create("q", {{"VisibilityTimeout", "43201"}}).error().message,
            "Invalid value for the parameter VisibilityTimeout.");
  EXPECT_EQ(bench.create("q", {{"FifoQueue", "false"}}).error().message,
            "Unknown Attribute FifoQueue.");
  EXPECT_EQ(bench.create("q", {{"DeduplicationScope", "queue"}}).error().message,
            "You can specify the DeduplicationScope only when FifoQueue is set to true.");
  EXPECT_EQ(bench.engine().queue_count(), 0U);
}

TEST(CreateQueue, AFifoQueueShowsItsFourAttributes) {
  EngineHarness bench;
  ASSERT_TRUE(bench.create("q.fifo", {{"FifoQueue", "True"}}).has_value());
  const AttributeMap shown = bench.describe("q.fifo").attributes.to_map();
  EXPECT_EQ(shown.at("FifoQueue"), "true");
  EXPECT_EQ(shown.at("ContentBasedDeduplication"), "false");
  EXPECT_EQ(shown.at("DeduplicationScope"), "queue");
  EXPECT_EQ(shown.at("FifoThroughputLimit"), "perQueue");
  EXPECT_TRUE(bench.create("q.fifo", {{"FifoQueue", "true"}}).has_value());
  EXPECT_TRUE(bench.set("q.fifo", {{"FifoQueue", "true"}}));
  EXPECT_EQ(refusal(bench.set("q.fifo", {{"FifoQueue", "false"}})),
            "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not "
            "supported.");
}

TEST(CreateQueue, ThroughputPerGroupNeedsDeduplicationPerGroup) {
  EngineHarness bench;
  ASSERT_TRUE(bench.create("q.fifo", {{"FifoQueue", "true"}}).has_value());
  const AttributeMap limit = {{"FifoThroughputLimit", "perMessageGroupId"}};
  EXPECT_EQ(refusal(bench.set("q.fifo", limit)),
            "The perMessageGroupId value is allowed only when the value for DeduplicationScope is "
            "messageGroup");
  EXPECT_TRUE(bench.set("q.fifo", {{"DeduplicationScope", "messageGroup"}}));
  EXPECT_TRUE(bench.set("q.fifo", limit));
  EXPECT_FALSE(bench.set("q.fifo", {{"DeduplicationScope", "anything"}}).has_value());
}

class RedriveAllowPolicyText : public ::testing::Test {
 protected:
  RedriveAllowPolicyText() {
    EXPECT_TRUE(bench.create("dlq").has_value());
    EXPECT_TRUE(bench.create("q").has_value());
  }
  bool set(const std::string& text) {
    return bench.set("dlq", {{"RedriveAllowPolicy", text}}).has_value();
  }
  bool q_may_name_it() {
    return bench.set("q", {{"RedrivePolicy", redrive_policy("dlq", 1)}}).has_value();
  }

  EngineHarness bench;
};

TEST_F(RedriveAllowPolicyText, SaysWhoMayNameTheQueue) {
  EXPECT_TRUE(set(R"({"redrivePermission":"denyAll"})"));
  EXPECT_FALSE(q_may_name_it());
  EXPECT_TRUE(set(R"({"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:us-east-1:)"
                  R"(000000000000:other"]})"));
  EXPECT_FALSE(q_may_name_it());
  EXPECT_TRUE(set(R"({"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:us-east-1:)"
                  R"(000000000000:other","arn:aws:sqs:us-east-1:000000000000:q"]})"));
  EXPECT_TRUE(q_may_name_it());
  EXPECT_TRUE(set(R"({"redrivePermission":"allowAll"})"));
  EXPECT_TRUE(q_may_name_it());
  EXPECT_EQ(bench.describe("dlq").attributes.to_map().at("RedriveAllowPolicy"),
            R"({"redrivePermission":"allowAll"})");
  EXPECT_TRUE(set(""));
  EXPECT_FALSE(bench.describe("dlq").attributes.to_map().contains("RedriveAllowPolicy"));
}

TEST_F(RedriveAllowPolicyText, RefusesOtherForms) {
  for (const char* text :
       {"x", "[]", "{}", R"({"redrivePermission":"some"})", R"({"redrivePermission":"byQueue"})",
        R"({"redrivePermission":"byQueue","sourceQueueArns":[]})",
        R"({"redrivePermission":"byQueue","sourceQueueArns":["q"]})",
        R"({"redrivePermission":"allowAll","sourceQueueArns":"x"})",
        R"({"redrivePermission":"denyAll","sourceQueueArns":["arn:aws:sqs:us-east-1:0:q"]})",
        R"({"redrivePermission":"denyAll","more":1})"}) {
    EXPECT_FALSE(set(text)) << text;
  }
}

TEST(DeadLetterSources, AreTheQueuesWhosePolicyNamesIt) {
  EngineHarness bench;
  ASSERT_TRUE(bench.create("dlq").has_value());
  const AttributeMap policy = {{"RedrivePolicy", redrive_policy("dlq", 1)}};
  for (const char* name : {"b", "a", "c"}) ASSERT_TRUE(bench.create(name, policy).has_value());
  ASSERT_TRUE(bench.set("c", {{"RedrivePolicy", ""}}));
  const auto sources = [&bench](std::string after, std::size_t limit) {
    return bench.engine().list_sources({address_of("dlq"), std::move(after), limit});
  };
  EXPECT_EQ(sources("", 10).queues, (std::vector<QueueAddress>{address_of("a"), address_of("b")}));
  EXPECT_FALSE(sources("", 2).more);
  EXPECT_EQ(sources("", 1).queues, std::vector<QueueAddress>{address_of("a")});
  EXPECT_TRUE(sources("", 1).more);
  EXPECT_EQ(sources("a", 1).queues, std::vector<QueueAddress>{address_of("b")});
  bench.remove_queue("a");
  bench.remove_queue("b");
  EXPECT_TRUE(sources("", 10).queues.empty());
  EXPECT_FALSE(bench.engine().is_dead_letter_queue(address_of("dlq")));
}

class RedrivePolicyText : public ::testing::Test {
 protected:
  RedrivePolicyText() {
    EXPECT_TRUE(bench.create("dlq").has_value());
    EXPECT_TRUE(bench.create("q").has_value());
  }
  std::string refused(const std::string& text) {
    return refusal(bench.set("q", {{"RedrivePolicy", text}}));
  }
  static std::string reason(const std::string& text, const std::string& why) {
    return "Value " + text + " for parameter RedrivePolicy is invalid. Reason: " + why;
  }

  EngineHarness bench;
  const std::string arn = "arn:aws:sqs:us-east-1:000000000000:dlq";
};

TEST_F(RedrivePolicyText, ComesBackWithTheCountAsANumber) {
  ASSERT_EQ(refused("{\"deadLetterTargetArn\":\"" + arn + "\",\"maxReceiveCount\":\"2\"}"), "");
  EXPECT_EQ(bench.describe("q").attributes.to_map()["RedrivePolicy"],
            "{\"deadLetterTargetArn\":\"" + arn + "\",\"maxReceiveCount\":2}");
  ASSERT_EQ(refused(""), "");  // removes it
  EXPECT_FALSE(bench.describe("q").attributes.to_map().contains("RedrivePolicy"));
  EXPECT_EQ(refused(""), "");  // also when there is none
}

TEST_F(RedrivePolicyText, EachMistakeHasItsText) {
  const std::string no_count = "{\"deadLetterTargetArn\":\"" + arn + "\"}";
  EXPECT_EQ(
      refused(no_count),
      reason(no_count, "Redrive policy does not contain mandatory attribute: maxReceiveCount."));
  const std::string no_target = "{\"maxReceiveCount\":1}";
  EXPECT_EQ(refused(no_target),
            reason(no_target,
                   "Redrive policy does not contain mandatory attribute: deadLetterTargetArn."));
  EXPECT_EQ(refused("nonsense"),
            "Invalid value for the parameter RedrivePolicy. Reason: Redrive policy is not a valid "
            "JSON map.");
  for (const char* count : {"0", "1001", "\"x\"", "1.5", "true", "null"}) {
    const std::string text =
        "{\"deadLetterTargetArn\":\"" + arn + "\",\"maxReceiveCount\":" + count + "}";
    EXPECT_NE(refused(text), "") << count;
  }
  const std::string extra =
      "{\"deadLetterTargetArn\":\"" + arn + "\",\"maxReceiveCount\":1,\"x\":1}";
  EXPECT_EQ(refused(extra), reason(extra,
                                   "Only following attributes are supported: [maxReceiveCount, "
                                   "deadLetterTargetArn]."));
}

TEST_F(RedrivePolicyText, TheTargetMustBeAnotherQueueOfTheAccountAndRegion) {
  const std::string missing = redrive_policy("nowhere", 3);
  EXPECT_EQ(refused(missing), reason(missing, "Dead letter target does not exist."));
  EXPECT_NE(refused(redrive_policy("q", 3)), "");  // itself
  const std::string owner =
      R"({"deadLetterTargetArn":"arn:aws:sqs:us-east-1:111111111111:dlq","maxReceiveCount":3})";
  EXPECT_EQ(refused(owner),
            reason(owner, "Dead-letter target owner should be same as the source."));
  const std::string sns =
      R"({"deadLetterTargetArn":"arn:aws:sns:us-east-1:000000000000:dlq","maxReceiveCount":3})";
  EXPECT_EQ(refused(sns),
            reason(sns, "Only SQS queues are valid resources for deadLetterTargetArn."));
}

TEST_F(RedrivePolicyText, ATargetInAnotherRegionIsRefused) {
  const auto made = bench.engine().decide_create({QueueAddress{"eu-west-1", "000000000000", "far"},
                                                  {{"RedrivePolicy", redrive_policy("dlq", 3)}},
                                                  {}},
                                                 bench.now());
  EXPECT_FALSE(made.has_value());
}

TEST(QueueAttributesMap, AFreshQueueHasTheSixWithoutComputedOnes) {
  const AttributeMap expected = {{"VisibilityTimeout", "30"},
                                 {"MaximumMessageSize", "1048576"},
                                 {"MessageRetentionPeriod", "345600"},
                                 {"DelaySeconds", "0"},
                                 {"ReceiveMessageWaitTimeSeconds", "0"},
                                 {"SqsManagedSseEnabled", "true"}};
  EXPECT_EQ(QueueAttributes().to_map(), expected);
}

TEST(QueueAttributesMap, RangesAreInclusive) {
  const std::vector<std::tuple<std::string, std::int64_t, std::int64_t>> ranges = {
      {"VisibilityTimeout", 0, 43'200},          {"MaximumMessageSize", 1024, 1'048'576},
      {"MessageRetentionPeriod", 60, 1'209'600}, {"DelaySeconds", 0, 900},
      {"ReceiveMessageWaitTimeSeconds", 0, 20},  {"KmsDataKeyReusePeriodSeconds", 60, 86'400}};
  for (const auto& [name, min, max] : ranges) {
    QueueAttributes attributes;
    EXPECT_TRUE(attributes.set({{name, std::to_string(min)}}).has_value()) << name;
    EXPECT_TRUE(attributes.set({{name, std::to_string(max)}}).has_value()) << name;
    EXPECT_FALSE(attributes.set({{name, std::to_string(min - 1)}}).has_value()) << name;
    EXPECT_FALSE(attributes.set({{name, std::to_string(max + 1)}}).has_value()) << name;
    for (const char* text : {"", " 1", "1.0", "0x10", "99999999999999999999"}) {
      EXPECT_FALSE(attributes.set({{name, text}}).has_value()) << name << "=" << text;
    }
  }
}

TEST(QueueAttributesMap, ARefusedSetChangesNothing) {
  QueueAttributes attributes;
  EXPECT_FALSE(attributes.set({{"DelaySeconds", "5"}, {"VisibilityTimeout", "-1"}}).has_value());
  EXPECT_EQ(attributes.to_map(), QueueAttributes().to_map());
}

TEST(QueueAttributesMap, EncryptionIsByOneKindAtATime) {
  QueueAttributes attributes;
  ASSERT_TRUE(attributes.set({{"KmsMasterKeyId", "alias/x"}}).has_value());
  EXPECT_EQ(attributes.to_map()["SqsManagedSseEnabled"], "false");
  EXPECT_EQ(attributes.to_map()["KmsDataKeyReusePeriodSeconds"], "300");
  ASSERT_TRUE(attributes.set({{"SqsManagedSseEnabled", "TRUE"}}).has_value());
  EXPECT_EQ(attributes.to_map()["SqsManagedSseEnabled"], "true");
  EXPECT_FALSE(attributes.to_map().contains("KmsMasterKeyId"));
  const Status both =
      attributes.set({{"KmsMasterKeyId", "alias/x"}, {"SqsManagedSseEnabled", "true"}});
  EXPECT_EQ(refusal(both),
            "You can use one type of server-side encryption (SSE) at one time. You can either "
            "enable KMS SSE or SQS SSE.");
}

TEST(QueueAttributesMap, SurvivesItsOwnTextForm) {
  QueueAttributes attributes;
  ASSERT_TRUE(attributes
                  .set({{"KmsMasterKeyId", "alias/x"},
                        {"Policy", "{\"Statement\":[]}"},
                        {"RedrivePolicy", redrive_policy("dlq", 1000)}})
                  .has_value());
  QueueAttributes again;
  ASSERT_TRUE(again.set(attributes.to_map()).has_value());
  EXPECT_EQ(again.to_map(), attributes.to_map());
}

TEST(QueueAttributesMap, PolicyIsAnObjectOfLimitedSize) {
  QueueAttributes attributes;
  EXPECT_FALSE(attributes.set({{"Policy", "[]"}}).has_value());
  EXPECT_FALSE(attributes.set({{"Policy", "{\"a\":\"" + std::string(8192, 'x') + "\"}"}}));
  EXPECT_TRUE(attributes.set({{"Policy", "{}"}}).has_value());
  EXPECT_TRUE(attributes.set({{"Policy", ""}}).has_value());
  EXPECT_FALSE(attributes.to_map().contains("Policy"));
  EXPECT_FALSE(attributes.set({{"KmsMasterKeyId", std::string(3 << 20, 'k')}}).has_value());
}

std::vector<std::string> names(const ListQueuesResult& result) {
  std::vector<std::string> names;
  for (const QueueAddress& address : result.queues) names.push_back(address.name);
  return names;
}

TEST(ListQueues, FiltersByPrefixRegionAndAccountInOrderOfNames) {
  EngineHarness bench;
  for (const char* name : {"b2", "a1", "b1", "B1"}) ASSERT_TRUE(bench.create(name).has_value());
  ListQueuesRequest request{"us-east-1", "000000000000", "b", "", 1000};
  EXPECT_EQ(names(bench.engine().list(request)), (std::vector<std::string>{"b1", "b2"}));
  request.region = "eu-west-1";
  EXPECT_TRUE(bench.engine().list(request).queues.empty());
}

TEST(ListQueues, PagesGoOnAfterTheLastName) {
  EngineHarness bench;
  for (const char* name : {"a", "b", "c"}) ASSERT_TRUE(bench.create(name).has_value());
  ListQueuesRequest request{"us-east-1", "000000000000", "", "", 2};
  const ListQueuesResult first = bench.engine().list(request);
  EXPECT_TRUE(first.more);
  EXPECT_EQ(names(first), (std::vector<std::string>{"a", "b"}));
  request.after = "b";
  const ListQueuesResult second = bench.engine().list(request);
  EXPECT_FALSE(second.more);
  EXPECT_EQ(names(second), (std::vector<std::string>{"c"}));
}

TEST(DeleteQueue, TakesItsMessagesAndItsNameAway) {
  EngineHarness bench;
  ASSERT_TRUE(bench.create("q").has_value());
  bench.send("q", "a");
  bench.send("q", "b", 60);
  bench.remove_queue("q");
  EXPECT_EQ(bench.engine().find(address_of("q")), nullptr);
  bench.settle_time();
  EXPECT_EQ(bench.engine().message_count(), 0U);
  EXPECT_EQ(bench.bodies_alive(), 0U);
  ASSERT_TRUE(bench.create("q").has_value());
  EXPECT_EQ(bench.describe("q").visible, 0U);
}

}  // namespace
}  // namespace headrace::queue

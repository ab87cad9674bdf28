#include "tests/queue/sqs/sqs_fixture.hpp"

namespace headrace::queue::sqs {
namespace {

class QueueActionsTest : public SqsFixture {};

std::string named(const std::string& name) { return R"({"QueueName":")" + name + "\"}"; }

TEST_F(QueueActionsTest, CreatesAQueueWithAttributesAndTags) {
  const HttpResponse response = call(
      "CreateQueue",
      R"({"QueueName":"new","Attributes":{"DelaySeconds":"5"},"tags":{"team":"mail","empty":""}})");
  EXPECT_EQ(response.body, R"({"QueueUrl":"http://localhost:4566/000000000000/new"})");
  const CreateQueueRequest& request = broker_.created.at(0);
  EXPECT_EQ(request.address, address("new"));
  EXPECT_EQ(request.attributes, (AttributeMap{{"DelaySeconds", "5"}}));
  EXPECT_EQ(request.tags, (TagMap{{"empty", ""}, {"team", "mail"}}));
}

// T035: the code differs between the shape and the Query protocol.
TEST_F(QueueActionsTest, NamesAnExistingQueueWithOtherAttributes) {
  broker_.refusal =
      Error{ErrorCode::kQueueNameExists,
            "A queue already exists with the same name and a different value for attribute "
            "DelaySeconds"};
  const HttpResponse response = call("CreateQueue", named("q"));
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(error_type(response), "QueueNameExists");
  EXPECT_EQ(header(response, "x-amzn-query-error"), "QueueAlreadyExists;Sender");
}

// T038
TEST_F(QueueActionsTest, AcceptsNamesOfOneToEightyPlainCharacters) {
  EXPECT_EQ(call("CreateQueue", named(std::string(80, 'a'))).status, 200);
  EXPECT_EQ(call("CreateQueue", named("a-Z_9")).status, 200);
  for (const std::string& bad : {std::string(81, 'a'), std::string("a b"), std::string("a.b")}) {
    const HttpResponse response = call("CreateQueue", named(bad));
    EXPECT_EQ(error_type(response), "InvalidParameterValueException") << bad;
    EXPECT_EQ(error_message(response),
              "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in "
              "length");
  }
  EXPECT_EQ(error_message(call("CreateQueue", named(""))), "Queue name cannot be empty");
  EXPECT_EQ(error_message(call("CreateQueue", "{}")),
            "Value for parameter QueueName is invalid. Reason: Must specify a queue name.");
}

// T039
TEST_F(QueueActionsTest, HoldsTheNameAndTheTypeOfAQueueTogether) {
  const HttpResponse suffix = call("CreateQueue", named("q.fifo"));
  EXPECT_EQ(error_type(suffix), "InvalidParameterValueException");
  const HttpResponse attribute =
      call("CreateQueue", R"({"QueueName":"q","Attributes":{"FifoQueue":"true"}})");
  EXPECT_EQ(error_type(attribute), "InvalidParameterValueException");
  EXPECT_EQ(error_message(attribute),
            "The name of a FIFO queue can only include alphanumeric characters, hyphens, or "
            "underscores, must end with .fifo suffix and be 1 to 80 in length");
  EXPECT_TRUE(broker_.created.empty());
}

// T062: fifty tags are the limit, and nothing is created above it.
TEST_F(QueueActionsTest, RefusesMoreThanFiftyTags) {
  const auto create = [this](int count) {
    std::string tags;
    for (int i = 0; i < count; ++i) {
      tags += (i == 0 ? "\"t" : ",\"t") + std::to_string(i) + "\":\"v\"";
    }
    return call("CreateQueue", R"({"QueueName":"new","tags":{)" + tags + "}}");
  };
  EXPECT_EQ(create(50).status, 200);
  EXPECT_EQ(error_message(create(51)), "Too many tags added for queue new.");
  EXPECT_EQ(broker_.created.size(), 1U);
}

// T058, T059
TEST_F(QueueActionsTest, NamesAMissingQueue) {
  EXPECT_EQ(error_type(call("GetQueueUrl", named("no"))), "QueueDoesNotExist");
  EXPECT_EQ(error_type(call("DeleteQueue", R"({"QueueUrl":"no"})")), "QueueDoesNotExist");
  EXPECT_EQ(error_type(call("SetQueueAttributes", R"({"QueueUrl":"no","Attributes":{}})")),
            "QueueDoesNotExist");
  EXPECT_EQ(error_type(call("GetQueueUrl",
                            R"({"QueueName":"q","QueueOwnerAWSAccountId":"999999999999"})")),
            "QueueDoesNotExist");
}

// T031: a fresh queue has exactly these twelve.
TEST_F(QueueActionsTest, ShowsAllAttributesOfAFreshQueue) {
  broker_.description.created = from_epoch_ms(1'767'225'600'999);
  broker_.description.last_modified = from_epoch_ms(1'767'225'601'000);
  const HttpResponse response = call("GetQueueAttributes", send(R"("AttributeNames":["All"])"));
  EXPECT_EQ(response.body,
            R"({"Attributes":{"ApproximateNumberOfMessages":"0",)"
            R"("ApproximateNumberOfMessagesDelayed":"0",)"
            R"("ApproximateNumberOfMessagesNotVisible":"0","CreatedTimestamp":"1767225600",)"
            R"("DelaySeconds":"0","LastModifiedTimestamp":"1767225601",)"
            R"("MaximumMessageSize":"1048576","MessageRetentionPeriod":"345600",)"
            R"("QueueArn":"arn:aws:sqs:us-east-1:000000000000:q",)"
            R"("ReceiveMessageWaitTimeSeconds":"0","SqsManagedSseEnabled":"true",)"
            R"("VisibilityTimeout":"30"}})");
}

// T045, T046
TEST_F(QueueActionsTest, ShowsOnlyTheAttributesAskedForThatHaveAValue) {
  broker_.description.visible = 3;
  EXPECT_EQ(call("GetQueueAttributes", send(R"("x":1)")).body, "{}");
  EXPECT_EQ(call("GetQueueAttributes", send(R"("AttributeNames":["Policy"])")).body, "{}");
  EXPECT_EQ(call("GetQueueAttributes",
                 send(R"("AttributeNames":["Policy","ApproximateNumberOfMessages"])"))
                .body,
            R"({"Attributes":{"ApproximateNumberOfMessages":"3"}})");
}

// T043
TEST_F(QueueActionsTest, RefusesAnUnknownAttributeName) {
  const HttpResponse response = call("GetQueueAttributes", send(R"("AttributeNames":["Foo"])"));
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(error_type(response), "InvalidAttributeName");
  EXPECT_EQ(error_message(response), "Unknown Attribute Foo.");
}

TEST_F(QueueActionsTest, SetsAttributes) {
  EXPECT_EQ(call("SetQueueAttributes", send(R"("Attributes":{"VisibilityTimeout":"7"})")).body,
            "{}");
  EXPECT_EQ(broker_.attributes_set.at(0), (AttributeMap{{"VisibilityTimeout", "7"}}));
  const HttpResponse missing = call("SetQueueAttributes", send(R"("x":1)"));
  EXPECT_EQ(error_message(missing), "The request must contain the parameter Attributes.");
}

// T068: the status is one of the few that are not 400.
TEST_F(QueueActionsTest, AnswersOverLimitWith403) {
  broker_.refusal = Error{ErrorCode::kOverLimit, "Too many."};
  const HttpResponse response = call("ReceiveMessage", send(R"("x":1)"));
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(error_type(response), "OverLimit");
}

// T054
TEST_F(QueueActionsTest, ListsQueuesOfTheCallerByPrefix) {
  EXPECT_EQ(call("ListQueues", "{}").body, "{}");
  broker_.list.queues = {address("a1"), address("a2")};
  EXPECT_EQ(call("ListQueues", R"({"QueueNamePrefix":"a"})").body,
            R"({"QueueUrls":["http://localhost:4566/000000000000/a1",)"
            R"("http://localhost:4566/000000000000/a2"]})");
  EXPECT_EQ(broker_.listed.at(1).name_prefix, "a");
  EXPECT_EQ(broker_.listed.at(1).account, "000000000000");
  EXPECT_EQ(broker_.listed.at(1).region, "us-east-1");
  EXPECT_EQ(broker_.listed.at(1).limit, 1000U);
}

std::string token_in(const HttpResponse& response) {
  const std::size_t begin = response.body.find("NextToken\":\"") + 12;
  return response.body.substr(begin, response.body.find('"', begin) - begin);
}

// T055
TEST_F(QueueActionsTest, GoesOnWhereTheTokenSays) {
  broker_.list.queues = {address("a1"), address("a2")};
  broker_.list.more = true;
  const HttpResponse page = call("ListQueues", R"({"QueueNamePrefix":"a","MaxResults":2})");
  EXPECT_EQ(broker_.listed.at(0).limit, 2U);
  broker_.list.more = false;
  const std::string token = token_in(page);
  const HttpResponse last =
      call("ListQueues", R"({"QueueNamePrefix":"a","MaxResults":2,"NextToken":")" + token + "\"}");
  EXPECT_EQ(broker_.listed.at(1).after, "a2");
  EXPECT_EQ(last.body.find("NextToken"), std::string::npos);

  const HttpResponse changed = call("ListQueues", R"({"NextToken":")" + token + "\"}");
  EXPECT_EQ(error_message(changed),
            "Invalid NextToken value. If you are passing in NextToken, you must not change the "
            "other request parameters.");
  EXPECT_EQ(error_message(call("ListQueues", R"({"NextToken":"!"})")),
            "Invalid or expired next token.");
}

// T056
TEST_F(QueueActionsTest, GivesNoTokenWithoutMaxResults) {
  broker_.list.queues = {address("a1")};
  broker_.list.more = true;
  EXPECT_EQ(call("ListQueues", "{}").body.find("NextToken"), std::string::npos);
}

// T057
TEST_F(QueueActionsTest, RefusesPagesOfNoneOrTooMany) {
  for (const char* size : {"0", "1001", "-1"}) {
    const HttpResponse response = call("ListQueues", std::string(R"({"MaxResults":)") + size + "}");
    EXPECT_EQ(error_message(response),
              "Value for parameter MaxResults is invalid. Reason: MaxResults must be an integer "
              "between 1 and 1000.");
  }
}

}  // namespace
}  // namespace headrace::queue::sqs

#include "queue/sqs/caller.hpp"
#include "tests/queue/sqs/sqs_fixture.hpp"

namespace headrace::queue::sqs {
namespace {

Caller caller() {
  Caller caller;
  caller.region = "us-east-1";
  caller.account = "000000000000";
  caller.endpoint = "http://localhost:4566";
  return caller;
}

QueueAddress parsed(const std::string& url) {
  const auto address = parse_queue_url(url, caller());
  return address ? *address : QueueAddress{};
}

// T024, T026
TEST(QueueUrl, IsReadFromTheRight) {
  const QueueAddress ours{"us-east-1", "000000000000", "q"};
  const QueueAddress other{"us-east-1", "123456789012", "q"};
  EXPECT_EQ(parsed("http://localhost:4566/000000000000/q"), ours);
  EXPECT_EQ(parsed("https://sqs.us-east-1.amazonaws.com/123456789012/q"), other);
  EXPECT_EQ(parsed("https://queue.amazonaws.com/123456789012/q"), other);
  EXPECT_EQ(parsed("https://us-west-2.queue.amazonaws.com/123456789012/q"), other);
  EXPECT_EQ(parsed("http://sqs.us-east-1.localhost.localstack.cloud:4566/000000000000/q"), ours);
  EXPECT_EQ(parsed("http://localhost:4566/queue/us-east-1/123456789012/q"), other);
  EXPECT_EQ(parsed("http://localhost:9324/queue/q"), ours);
  EXPECT_EQ(parsed("http://localhost:4566/000000000000/q/"), ours);
  EXPECT_EQ(parsed("/123456789012/q"), other);
  EXPECT_EQ(parsed("q"), ours);
}

TEST(QueueUrl, WithoutANameNamesNoQueue) {
  EXPECT_FALSE(parse_queue_url("", caller()));
  EXPECT_FALSE(parse_queue_url("http://whatever-incorrect-queue-address", caller()));
  EXPECT_FALSE(parse_queue_url("http://localhost:4566/", caller()));
  EXPECT_FALSE(parse_queue_url("///", caller()));
}

class QueueUrlTest : public SqsFixture {};

// T025
TEST_F(QueueUrlTest, NonsenseIsAMissingQueue) {
  const HttpResponse response =
      call("PurgeQueue", R"({"QueueUrl":"http://whatever-incorrect-queue-address"})");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(error_type(response), "QueueDoesNotExist");
}

// T027
TEST_F(QueueUrlTest, BeginsWithTheHostTheClientUsed) {
  const HttpResponse response = exchange(
      "POST", "/", "", {{"host", "sqs.local:9324"}, {"x-amz-target", "AmazonSQS.GetQueueUrl"}},
      R"({"QueueName":"q"})");
  EXPECT_EQ(response.body, R"({"QueueUrl":"http://sqs.local:9324/000000000000/q"})");
}

TEST_F(QueueUrlTest, BeginsWithThePublicUrlWhenOneIsConfigured) {
  config_.public_url = "https://queues.example.com/";
  EXPECT_EQ(call("GetQueueUrl", R"({"QueueName":"q"})").body,
            R"({"QueueUrl":"https://queues.example.com/000000000000/q"})");
}

TEST_F(QueueUrlTest, TakesAccountAndRegionFromTheCredential) {
  const std::string signature =
      "AWS4-HMAC-SHA256 Credential=111122223333/20260102/eu-west-1/sqs/aws4_request, "
      "SignedHeaders=host, Signature=00";
  const HttpResponse response =
      call("CreateQueue", R"({"QueueName":"new"})", {{"authorization", signature}});
  EXPECT_EQ(response.body, R"({"QueueUrl":"http://localhost:4566/111122223333/new"})");
  EXPECT_EQ(broker_.created.at(0).address, (QueueAddress{"eu-west-1", "111122223333", "new"}));
}

TEST_F(QueueUrlTest, TakesTheCredentialOfAPresignedQuery) {
  exchange("POST", "/",
           "X-Amz-Credential=111122223333%2F20260102%2Feu-west-1%2Fsqs%2Faws4_request&X=1",
           {{"x-amz-target", "AmazonSQS.CreateQueue"}}, R"({"QueueName":"new"})");
  EXPECT_EQ(broker_.created.at(0).address, (QueueAddress{"eu-west-1", "111122223333", "new"}));
}

TEST_F(QueueUrlTest, IgnoresACredentialThatIsNone) {
  call("CreateQueue", R"({"QueueName":"new"})",
       {{"authorization", "AWS4-HMAC-SHA256 Credential=AK\xff/x/EU WEST/sqs, Signature=0"}});
  EXPECT_EQ(broker_.created.at(0).address, address("new"));
}

TEST_F(QueueUrlTest, AccountOfTheUrlWinsOverTheCallers) {
  const QueueAddress other{"us-east-1", "123456789012", "q"};
  broker_.queues.insert(other);
  call("PurgeQueue", R"({"QueueUrl":"http://localhost:4566/123456789012/q"})");
  EXPECT_EQ(broker_.purged.at(0), other);
}

}  // namespace
}  // namespace headrace::queue::sqs

#include "queue/sqs/sqs_handler.hpp"

#include "queue/sqs/actions.hpp"
#include "tests/queue/sqs/sqs_fixture.hpp"

namespace headrace::queue::sqs {
namespace {

constexpr const char* kZeroId = "00000000-0000-0000-0000-000000000000";

class SqsHandlerTest : public SqsFixture {};

// T001
TEST_F(SqsHandlerTest, AnswersASendInTheProtocolOfTheRequest) {
  const HttpResponse response = call("SendMessage", send(R"("MessageBody":"test")"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/x-amz-json-1.0");
  EXPECT_EQ(response.body, std::string(R"({"MessageId":")") + kZeroId +
                               R"(","MD5OfMessageBody":"098f6bcd4621d373cade4e832627b4f6"})");
  ASSERT_EQ(broker_.sent.size(), 1U);
  EXPECT_EQ(broker_.sent[0].address, address("q"));
  ASSERT_EQ(broker_.sent[0].entries.size(), 1U);
  const SendEntry& entry = broker_.sent[0].entries[0];
  EXPECT_EQ(entry.content.body, "test");
  EXPECT_EQ(hex(entry.content.body_md5), "098f6bcd4621d373cade4e832627b4f6");
  EXPECT_FALSE(entry.delay_seconds.has_value());
}

// T002
TEST_F(SqsHandlerTest, AcceptsJsonOnTheQueuesOwnPath) {
  const HttpResponse response =
      exchange("POST", "/000000000000/other", "",
               {{"host", "localhost:4566"}, {"x-amz-target", "AmazonSQS.SendMessage"}},
               send(R"("MessageBody":"test")"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(broker_.sent.at(0).address.name, "q");
}

// T003
TEST_F(SqsHandlerTest, GivesEachResponseItsOwnRequestId) {
  const std::string ok = header(call("ListQueues", "{}"), "x-amzn-RequestId");
  const std::string refused = header(call("Nonsense", "{}"), "x-amzn-RequestId");
  EXPECT_EQ(ok.size(), 36U);
  EXPECT_EQ(refused.size(), 36U);
  EXPECT_NE(ok, refused);
}

// T004, T005
TEST_F(SqsHandlerTest, NamesAMissingQueueInBothOfAwsWays) {
  const HttpResponse response = call(
      "SendMessage", R"({"QueueUrl":"http://localhost:4566/000000000000/no","MessageBody":"x"})");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.content_type, "application/x-amz-json-1.0");
  EXPECT_EQ(response.body, R"({"__type":"com.amazonaws.sqs#QueueDoesNotExist",)"
                           R"("message":"The specified queue does not exist."})");
  EXPECT_EQ(header(response, "x-amzn-query-error"),
            "AWS.SimpleQueueService.NonExistentQueue;Sender");
}

// T006
TEST_F(SqsHandlerTest, GivesUnmodeledErrorsTheirQueryCodeToo) {
  const HttpResponse response = call("ReceiveMessage", send(R"("MaxNumberOfMessages":11)"));
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(error_type(response), "InvalidParameterValueException");
  EXPECT_EQ(header(response, "x-amzn-query-error"), "InvalidParameterValue;Sender");
}

// T007
TEST_F(SqsHandlerTest, AnswersAnActionWithoutOutputWithAnEmptyObject) {
  EXPECT_EQ(call("DeleteQueue", send(R"("x":1)")).body, "{}");
  EXPECT_EQ(broker_.deleted_queues.at(0), address("q"));
  EXPECT_EQ(call("PurgeQueue", send(R"("x":1)")).body, "{}");
  EXPECT_EQ(broker_.purged.at(0), address("q"));
}

// T008
TEST_F(SqsHandlerTest, TakesAnEmptyBodyForAnEmptyObject) {
  const HttpResponse response = call("ListQueues", "");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "{}");
}

// T011
TEST_F(SqsHandlerTest, RefusesAnUnknownTarget) {
  const HttpResponse response = call("DrainOcean", "{}");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(error_type(response), "UnknownOperationException");
  const HttpResponse foreign =
      exchange("POST", "/", "", {{"x-amz-target", "DynamoDB_20120810.GetItem"}}, "{}");
  EXPECT_EQ(foreign.status, 404);
  const HttpResponse untargeted =
      exchange("POST", "/", "", {{"content-type", "application/x-amz-json-1.0"}}, "{}");
  EXPECT_EQ(untargeted.status, 404);
  EXPECT_EQ(error_type(untargeted), "UnknownOperationException");
}

// 8.7: long bodies leave the loop, both ways.
TEST_F(SqsHandlerTest, ParsesAndRendersLargeBodiesOffTheLoop) {
  call("SendMessage", send(R"("MessageBody":"small")"));
  EXPECT_EQ(offloaded_, 0U);
  const std::string large(70'000, 'x');
  EXPECT_EQ(call("SendMessage", send(R"("MessageBody":")" + large + "\"")).status, 200);
  EXPECT_EQ(broker_.sent.at(1).entries.at(0).content.body, large);
  EXPECT_EQ(offloaded_, 1U);

  broker_.messages.resize(1);
  broker_.messages[0].content.body = large;
  EXPECT_NE(call("ReceiveMessage", send(R"("x":1)")).body.find(large), std::string::npos);
  EXPECT_EQ(offloaded_, 2U);
}

// Every attribute is held against every name asked for: a second's work for 8 MiB of names.
TEST_F(SqsHandlerTest, RendersForManyNamesOffTheLoop) {
  broker_.messages.resize(1);
  std::string names = R"("")";
  for (std::size_t i = 1; i < kOffloadBytes; ++i) names += R"(,"")";
  for (const std::string list : {"MessageAttributeNames", "MessageSystemAttributeNames"}) {
    offloaded_ = 0;
    EXPECT_EQ(call("ReceiveMessage", send("\"" + list + "\":[" + names + ",\"a\"]")).status, 200);
    EXPECT_EQ(offloaded_, 2U) << list;  // reading and rendering
  }
}

TEST_F(SqsHandlerTest, HandsTheCancellationOfTheRequestToTheBroker) {
  call("ReceiveMessage", send(R"("WaitTimeSeconds":20)"));
  EXPECT_EQ(broker_.cancellation, &cancellation_);
  EXPECT_EQ(broker_.received.at(0).wait_seconds, 20);
}

TEST_F(SqsHandlerTest, AnswersAServerFaultAsReceiver) {
  broker_.refusal = Error{ErrorCode::kServiceUnavailable, "The disk is full."};
  const HttpResponse response = call("SendMessage", send(R"("MessageBody":"x")"));
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(header(response, "x-amzn-query-error"), "ServiceUnavailable;Receiver");
}

// Spec 3.5: a missing queue is named before a missing member.
TEST_F(SqsHandlerTest, NamesAMissingQueueBeforeABrokenRule) {
  const HttpResponse missing = call("SendMessage", R"({"QueueUrl":"no"})");
  EXPECT_EQ(error_type(missing), "QueueDoesNotExist");
  const HttpResponse broken = call("SendMessage", R"({"QueueUrl":"q"})");
  EXPECT_EQ(error_type(broken), "MissingRequiredParameterException");
}

TEST_F(SqsHandlerTest, FallsBackToTheServersRegion) {
  const std::string credential =
      "AWS4-HMAC-SHA256 Credential=AKID/20260102/eu-west-1/sqs/aws4_request, Signature=0";
  const HttpResponse found =
      call("SendMessage", send(R"("MessageBody":"x")"), {{"authorization", credential}});
  EXPECT_EQ(found.status, 200);
  EXPECT_EQ(broker_.sent.at(0).address, address("q"));

  const QueueAddress abroad{"eu-west-1", "000000000000", "q"};
  broker_.queues.insert(abroad);
  call("SendMessage", send(R"("MessageBody":"x")"), {{"authorization", credential}});
  EXPECT_EQ(broker_.sent.at(1).address, abroad);
}

}  // namespace
}  // namespace headrace::queue::sqs

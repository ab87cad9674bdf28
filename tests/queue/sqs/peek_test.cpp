// LocalStack's look into a queue, /_aws/sqs/messages: its addresses, switches and forms as its
// documentation has them ("Developer endpoints" of SQS).
#include "queue/sqs/peek.hpp"
#include "tests/queue/sqs/query_fixture.hpp"

namespace headrace::queue::sqs {
namespace {

const std::string kPath = "/_aws/sqs/messages";
const std::string kQueue = "QueueUrl=http%3A%2F%2Flocalhost%3A4566%2F000000000000%2Fq";

class SqsPeekTest : public QueryFixture {
 protected:
  void put_message(MessageState state) {
    PeekedMessage& peeked = broker_.peeked.emplace_back();
    peeked.state = state;
    peeked.message.content.body = "hello";
    peeked.message.content.body_md5 = md5("hello");
    peeked.message.content.sender_id = "AKID";
    peeked.message.content.attributes = {{"kind", "String", ValueKind::kText, "greeting"}};
    peeked.message.sent = from_epoch_ms(1'767'225'600'001);
  }

  // ReceiveMessage of an SDK that has this address for its endpoint.
  HttpResponse call_json(const std::string& action) {
    return exchange("POST", kPath + "/", "",
                    {{"host", "localhost:4566"},
                     {"content-type", "application/x-amz-json-1.0"},
                     {"x-amz-target", "AmazonSQS." + action}},
                    R"({"QueueUrl":"http://localhost:4566/000000000000/q","MessageBody":"x"})");
  }

  void expect_nothing_changed() {
    EXPECT_TRUE(broker_.received.empty());
    EXPECT_TRUE(broker_.sent.empty());
  }
};

TEST_F(SqsPeekTest, AnswersAReceiveMessageInXml) {
  put_message(MessageState::kVisible);
  const HttpResponse response = get(kPath, kQueue);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "text/xml");
  EXPECT_EQ(
      response.body,
      answer(response, "ReceiveMessage",
             "<ReceiveMessageResult><Message>"
             "<MessageId>00000000-0000-0000-0000-000000000000</MessageId>"
             "<MD5OfBody>5d41402abc4b2a76b9719d911017c592</MD5OfBody><Body>hello</Body>"
             "<Attribute><Name>SenderId</Name><Value>AKID</Value></Attribute>"
             "<Attribute><Name>SentTimestamp</Name><Value>1767225600001</Value></Attribute>"
             "<Attribute><Name>ApproximateReceiveCount</Name><Value>0</Value></Attribute>"
             "<Attribute><Name>IsVisible</Name><Value>true</Value></Attribute>"
             "<Attribute><Name>IsDelayed</Name><Value>false</Value></Attribute>"
             "<MD5OfMessageAttributes>" +
                 hex(md5_of_attributes({&broker_.peeked[0].message.content.attributes[0]})) +
                 "</MD5OfMessageAttributes>"
                 "<MessageAttribute><Name>kind</Name><Value><StringValue>greeting</StringValue>"
                 "<DataType>String</DataType></Value></MessageAttribute>"
                 "</Message></ReceiveMessageResult>"));
  expect_nothing_changed();
}

TEST_F(SqsPeekTest, AnswersTheSameElementsInJson) {
  put_message(MessageState::kInFlight);
  const HttpResponse response = get(kPath, kQueue, {{"accept", "application/json"}});
  EXPECT_EQ(response.content_type, "application/json");
  const std::string begin =
      R"({"ReceiveMessageResponse":{"ReceiveMessageResult":{"Message":[{"MessageId":)";
  EXPECT_EQ(response.body.substr(0, begin.size()), begin);
  EXPECT_NE(response.body.find(R"("Attribute":[{"Name":"SenderId","Value":"AKID"})"),
            std::string::npos);
  EXPECT_NE(response.body.find(R"({"Name":"IsVisible","Value":"false"})"), std::string::npos);
}

TEST_F(SqsPeekTest, AnswersAnEmptyListForAnEmptyQueue) {
  const std::string body = get(kPath, kQueue, {{"accept", "application/json"}}).body;
  EXPECT_NE(body.find(R"("ReceiveMessageResult":{"Message":[]})"), std::string::npos);
}

TEST_F(SqsPeekTest, TakesTheQueueFromThePath) {
  const QueueAddress there{"eu-west-1", "123456789012", "q"};
  broker_.queues.insert(there);
  EXPECT_EQ(get(kPath + "/eu-west-1/123456789012/q", "").status, 200);
  EXPECT_EQ(broker_.peeks.at(0).address, there);
}

TEST_F(SqsPeekTest, ShowsWhatIsNotVisibleWhenAsked) {
  get(kPath, kQueue);
  get(kPath, kQueue + "&ShowInvisible=true&ShowDelayed=false");
  get(kPath, kQueue + "&ShowInvisible=False&ShowDelayed=True");
  ASSERT_EQ(broker_.peeks.size(), 3U);
  EXPECT_FALSE(broker_.peeks[0].with_in_flight);
  EXPECT_FALSE(broker_.peeks[0].with_delayed);
  EXPECT_TRUE(broker_.peeks[1].with_in_flight);
  EXPECT_FALSE(broker_.peeks[1].with_delayed);
  EXPECT_FALSE(broker_.peeks[2].with_in_flight);
  EXPECT_TRUE(broker_.peeks[2].with_delayed);
}

TEST_F(SqsPeekTest, IsAnEndpointForTheReceivesOfSdks) {
  put_message(MessageState::kVisible);
  EXPECT_NE(post("Action=ReceiveMessage&MaxNumberOfMessages=1&" + kQueue, kPath).body.find("hello"),
            std::string::npos);
  const HttpResponse json = call_json("ReceiveMessage");
  EXPECT_EQ(json.status, 200);
  EXPECT_NE(json.body.find(R"({"Messages":[{"MessageId":)"), std::string::npos);
  EXPECT_EQ(json.body.find("ReceiptHandle"), std::string::npos);
  expect_nothing_changed();
}

TEST_F(SqsPeekTest, RefusesEveryOtherAction) {
  EXPECT_NE(post("Action=SendMessage&MessageBody=x&" + kQueue, kPath)
                .body.find("<Code>AWS.SimpleQueueService.UnsupportedOperation</Code>"),
            std::string::npos);
  EXPECT_EQ(error_type(call_json("SendMessage")), "UnsupportedOperation");
  EXPECT_EQ(get(kPath, "Action=PurgeQueue&" + kQueue).status, 400);
  expect_nothing_changed();
}

TEST_F(SqsPeekTest, NamesAMissingQueueInTheFormAskedFor) {
  const std::string lost = "QueueUrl=http%3A%2F%2Flocalhost%2F000000000000%2Flost";
  const std::string body = get(kPath, lost, {{"accept", "application/json"}}).body;
  EXPECT_NE(body.find(R"({"ErrorResponse":{"Error":{)"), std::string::npos);
  EXPECT_NE(body.find(R"("Code":"AWS.SimpleQueueService.NonExistentQueue")"), std::string::npos);
  EXPECT_NE(get(kPath, lost).body.find("NonExistentQueue"), std::string::npos);
}

TEST_F(SqsPeekTest, NeedsAQueue) {
  const HttpResponse response = get(kPath, "");
  EXPECT_EQ(response.status, 404);
  EXPECT_NE(response.body.find("<Code>InvalidAddress</Code>"), std::string::npos);
}

// A page of another site never gets here (GuardTest); one's own browser may look.
TEST_F(SqsPeekTest, LetsABrowserLook) {
  put_message(MessageState::kVisible);
  EXPECT_EQ(get(kPath, kQueue, {{"user-agent", "Mozilla/5.0"}}).status, 200);
}

TEST(PeekPath, IsThatAddressAndNoOther) {
  EXPECT_TRUE(parse_peek_path("/_aws/sqs/messages"));
  EXPECT_EQ(parse_peek_path("/_aws/sqs/messages/eu-west-1/000000000000/q")->region, "eu-west-1");
  EXPECT_EQ(parse_peek_path("/_aws/sqs/messages/eu-west-1/000000000000/q")->queue_path,
            "000000000000/q");
  for (const char* other :
       {"/", "/000000000000/q", "/_aws/sqs/messagesq", "/_aws/sqs", "/_aws/sqs/messages/q"}) {
    EXPECT_FALSE(parse_peek_path(other)) << other;
  }
}

}  // namespace
}  // namespace headrace::queue::sqs

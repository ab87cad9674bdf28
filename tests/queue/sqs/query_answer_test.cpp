// How members stand in the XML of an answer (spec 2.2, 2.6), and in the JSON of the same.
#include "tests/queue/sqs/query_fixture.hpp"

namespace headrace::queue::sqs {
namespace {

const std::string kQueueArn = "arn:aws:sqs:us-east-1:000000000000:q";

class QueryAnswerTest : public QueryFixture {
 protected:
  // One message with a system attribute and a text and a binary attribute.
  void put_message() {
    ReceivedMessage& message = broker_.messages.emplace_back();
    message.receipt_handle = "handle-1";
    message.content.body = "test";
    message.content.body_md5 = md5("test");
    message.content.sender_id = "AKID";
    message.content.attributes = {
        {"Foo", "String", ValueKind::kText, "Bar"},
        {"bin", "Binary", ValueKind::kBinary, std::string("\0\1\xFF", 3)}};
  }
};

TEST_F(QueryAnswerTest, WritesQueueUrls) {
  broker_.list = {{address("a"), address("b")}, true};
  const std::string urls =
      "<QueueUrl>http://localhost:4566/000000000000/a</QueueUrl>"
      "<QueueUrl>http://localhost:4566/000000000000/b</QueueUrl>";
  const HttpResponse all = post("Action=ListQueues");
  EXPECT_EQ(all.body,
            answer(all, "ListQueues", "<ListQueuesResult>" + urls + "</ListQueuesResult>"));
  const HttpResponse sources = post("Action=ListDeadLetterSourceQueues&QueueUrl=q");
  EXPECT_EQ(sources.body, answer(sources, "ListDeadLetterSourceQueues",
                                 "<ListDeadLetterSourceQueuesResult>" + urls +
                                     "</ListDeadLetterSourceQueuesResult>"));
  const std::string page = post("Action=ListQueues&MaxResults=2").body;
  EXPECT_NE(page.find(urls + "<NextToken>"), std::string::npos);
  const HttpResponse created = post("Action=CreateQueue&QueueName=n");
  EXPECT_EQ(created.body,
            answer(created, "CreateQueue",
                   "<CreateQueueResult><QueueUrl>http://localhost:4566/000000000000/n</QueueUrl>"
                   "</CreateQueueResult>"));
}

TEST_F(QueryAnswerTest, WritesMapsAsPairs) {
  broker_.description.address = address("q");
  broker_.description.tags = {{"a", "1"}, {"b", "<&>"}};
  const HttpResponse attributes = post(
      "Action=GetQueueAttributes&QueueUrl=q&AttributeName.1=QueueArn&"
      "AttributeName.2=DelaySeconds");
  EXPECT_EQ(attributes.body,
            answer(attributes, "GetQueueAttributes",
                   "<GetQueueAttributesResult><Attribute><Name>DelaySeconds</Name><Value>0</Value>"
                   "</Attribute><Attribute><Name>QueueArn</Name><Value>" +
                       kQueueArn + "</Value></Attribute></GetQueueAttributesResult>"));
  const HttpResponse tags = post("Action=ListQueueTags&QueueUrl=q");
  EXPECT_EQ(tags.body,
            answer(tags, "ListQueueTags",
                   "<ListQueueTagsResult><Tag><Key>a</Key><Value>1</Value></Tag><Tag><Key>b</Key>"
                   "<Value>&lt;&amp;&gt;</Value></Tag></ListQueueTagsResult>"));
}

TEST_F(QueryAnswerTest, WritesMessages) {
  put_message();
  const HttpResponse response =
      post("Action=ReceiveMessage&QueueUrl=q&AttributeName.1=SenderId&MessageAttributeName.1=All");
  EXPECT_EQ(response.body,
            answer(response, "ReceiveMessage",
                   "<ReceiveMessageResult><Message>"
                   "<MessageId>00000000-0000-0000-0000-000000000000</MessageId>"
                   "<ReceiptHandle>handle-1</ReceiptHandle>"
                   "<MD5OfBody>098f6bcd4621d373cade4e832627b4f6</MD5OfBody><Body>test</Body>"
                   "<Attribute><Name>SenderId</Name><Value>AKID</Value></Attribute>"
                   "<MD5OfMessageAttributes>" +
                       hex(md5(std::string("\0\0\0\3Foo\0\0\0\6String\1\0\0\0\3Bar"
                                           "\0\0\0\3bin\0\0\0\6Binary\2\0\0\0\3\0\1\xFF",
                                           50))) +
                       "</MD5OfMessageAttributes>"
                       "<MessageAttribute><Name>Foo</Name><Value><StringValue>Bar</StringValue>"
                       "<DataType>String</DataType></Value></MessageAttribute>"
                       "<MessageAttribute><Name>bin</Name><Value><BinaryValue>AAH/</BinaryValue>"
                       "<DataType>Binary</DataType></Value></MessageAttribute>"
                       "</Message></ReceiveMessageResult>"));
}

TEST_F(QueryAnswerTest, LeavesMessagesOutWhenThereAreNone) {
  const HttpResponse response = post("Action=ReceiveMessage&QueueUrl=q");
  EXPECT_EQ(response.body, answer(response, "ReceiveMessage", "<ReceiveMessageResult/>"));
}

// T022: as recorded on AWS. A parser would turn a carriage return as it is into a line feed.
TEST_F(QueryAnswerTest, WritesBodiesSoThatTheyComeBackIdentical) {
  put_message();
  broker_.messages[0].content.body = "\"&quot;\"\r\n\t<a>&#xA;\xC3\xA9";
  EXPECT_NE(
      post("Action=ReceiveMessage&QueueUrl=q")
          .body.find("<Body>&quot;&amp;quot;&quot;&#xD;\n\t&lt;a&gt;&amp;#xA;\xC3\xA9</Body>"),
      std::string::npos);
}

TEST_F(QueryAnswerTest, WritesBothListsOfABatch) {
  broker_.statuses = {Status(), Error{ErrorCode::kReceiptHandleIsInvalid, "No."}};
  const HttpResponse response = post(
      "Action=DeleteMessageBatch&QueueUrl=q&DeleteMessageBatchRequestEntry.1.Id=a&"
      "DeleteMessageBatchRequestEntry.1.ReceiptHandle=h&DeleteMessageBatchRequestEntry.2.Id=b&"
      "DeleteMessageBatchRequestEntry.2.ReceiptHandle=i");
  EXPECT_EQ(response.body,
            answer(response, "DeleteMessageBatch",
                   "<DeleteMessageBatchResult><DeleteMessageBatchResultEntry><Id>a</Id>"
                   "</DeleteMessageBatchResultEntry><BatchResultErrorEntry><Id>b</Id>"
                   "<SenderFault>true</SenderFault><Code>ReceiptHandleIsInvalid</Code>"
                   "<Message>No.</Message></BatchResultErrorEntry></DeleteMessageBatchResult>"));
}

TEST_F(QueryAnswerTest, NamesTheEntriesOfEachBatchAfterItsAction) {
  const std::string sent =
      post(
          "Action=SendMessageBatch&QueueUrl=q&SendMessageBatchRequestEntry.1.Id=a&"
          "SendMessageBatchRequestEntry.1.MessageBody=x")
          .body;
  EXPECT_NE(sent.find("<SendMessageBatchResultEntry><Id>a</Id><MessageId>"), std::string::npos);
  const std::string changed = post(
                                  "Action=ChangeMessageVisibilityBatch&QueueUrl=q&"
                                  "ChangeMessageVisibilityBatchRequestEntry.1."
                                  "Id=a&ChangeMessageVisibilityBatchRequestEntry.1.ReceiptHandle=h&"
                                  "ChangeMessageVisibilityBatchRequestEntry.1.VisibilityTimeout=0")
                                  .body;
  EXPECT_NE(changed.find("<ChangeMessageVisibilityBatchResultEntry><Id>a</Id>"
                         "</ChangeMessageVisibilityBatchResultEntry>"),
            std::string::npos);
}

TEST_F(QueryAnswerTest, WritesMoveTasks) {
  MoveTask task;
  task.status = MoveTaskStatus::kCompleted;
  task.request = {kQueueArn, "", 5};
  task.started = from_epoch_ms(1700000000123);
  task.to_move = 9;
  task.moved = 9;
  broker_.move_tasks = {task};
  const HttpResponse response = post("Action=ListMessageMoveTasks&SourceArn=" + kQueueArn);
  EXPECT_EQ(response.body,
            answer(response, "ListMessageMoveTasks",
                   "<ListMessageMoveTasksResult><ListMessageMoveTasksResultEntry>"
                   "<Status>COMPLETED</Status><SourceArn>" +
                       kQueueArn +
                       "</SourceArn><MaxNumberOfMessagesPerSecond>5</MaxNumberOfMessagesPerSecond>"
                       "<ApproximateNumberOfMessagesMoved>9</ApproximateNumberOfMessagesMoved>"
                       "<ApproximateNumberOfMessagesToMove>9</ApproximateNumberOfMessagesToMove>"
                       "<StartedTimestamp>1700000000123</StartedTimestamp>"
                       "</ListMessageMoveTasksResultEntry></ListMessageMoveTasksResult>"));
}

TEST_F(QueryAnswerTest, WritesTheSameInJsonWhenAskedTo) {
  put_message();
  const Headers json = {{"accept", "application/json"}};
  const HttpResponse response =
      get("/000000000000/q", "Action=ReceiveMessage&AttributeName.1=SenderId", json);
  EXPECT_EQ(response.body,
            R"({"ReceiveMessageResponse":{"ReceiveMessageResult":{"messages":[{)"
            R"("MessageId":"00000000-0000-0000-0000-000000000000","ReceiptHandle":"handle-1",)"
            R"("MD5OfBody":"098f6bcd4621d373cade4e832627b4f6","Body":"test",)"
            R"("Attributes":[{"Name":"SenderId","Value":"AKID"}]}]},)"
            R"("ResponseMetadata":{"RequestId":")" +
                header(response, "x-amzn-RequestId") + R"("}}})");
  const std::string all =
      get("/000000000000/q", "Action=ReceiveMessage&MessageAttributeName.1=Foo", json).body;
  EXPECT_NE(all.find(R"("MessageAttributes":[{"Name":"Foo","Value":{"StringValue":"Bar",)"
                     R"("DataType":"String"}}])"),
            std::string::npos);
}

}  // namespace
}  // namespace headrace::queue::sqs

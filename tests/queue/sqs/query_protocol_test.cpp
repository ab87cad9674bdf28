// What holds for every action of the Query protocol (spec 2.2, 2.3): how a request names its action
// and its queue, and the forms of answers and errors.
#include "tests/queue/sqs/query_fixture.hpp"

namespace headrace::queue::sqs {
namespace {

const std::string kBrowser = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101";

class QueryProtocolTest : public QueryFixture {};

// T012
TEST_F(QueryProtocolTest, AnswersAFormInXml) {
  const HttpResponse response = post(
      "Action=SendMessage&Version=2012-11-05&QueueUrl=http%3A%2F%2Flocalhost%3A4566%2F"
      "000000000000%2Fq&MessageBody=test");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "text/xml");
  EXPECT_EQ(header(response, "x-amzn-RequestId").size(), 36U);
  EXPECT_EQ(response.body,
            answer(response, "SendMessage",
                   "<SendMessageResult>"
                   "<MessageId>00000000-0000-0000-0000-000000000000</MessageId>"
                   "<MD5OfMessageBody>098f6bcd4621d373cade4e832627b4f6</MD5OfMessageBody>"
                   "</SendMessageResult>"));
  EXPECT_EQ(broker_.sent.at(0).address, address("q"));
  EXPECT_EQ(broker_.sent[0].entries.at(0).content.body, "test");
}

// T013: on the service and on the queue's own URL.
TEST_F(QueryProtocolTest, TakesAGetForAForm) {
  const std::string send = "Action=SendMessage&MessageBody=a+b%20%C3%A9";
  EXPECT_EQ(get("/", send + "&QueueUrl=q").status, 200);
  EXPECT_EQ(get("/000000000000/q", send).status, 200);
  ASSERT_EQ(broker_.sent.size(), 2U);
  EXPECT_EQ(broker_.sent[1].address, address("q"));
  EXPECT_EQ(broker_.sent[1].entries.at(0).content.body, "a b \xC3\xA9");  // T023
}

TEST_F(QueryProtocolTest, PutsTheParametersOfUrlAndBodyTogether) {
  const Headers headers = {{"host", "localhost:4566"}};
  const HttpResponse response =
      exchange("POST", "/", "Action=SendMessage&Version=any", headers, "QueueUrl=q&MessageBody=x");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(broker_.sent.at(0).entries.at(0).content.body, "x");
}

// T014
TEST_F(QueryProtocolTest, LetsTheQueueUrlWinOverThePath) {
  broker_.queues.insert(address("other"));
  post("Action=PurgeQueue&QueueUrl=http%3A%2F%2Flocalhost%2F000000000000%2Fother",
       "/000000000000/q");
  post("Action=PurgeQueue&QueueUrl=", "/000000000000/q");
  EXPECT_EQ(broker_.purged.at(0), address("other"));
  EXPECT_EQ(broker_.purged.at(1), address("q"));
}

TEST_F(QueryProtocolTest, TakesTheAccountOfThePath) {
  const QueueAddress other{"us-east-1", "123456789012", "q"};
  broker_.queues.insert(other);
  EXPECT_EQ(post("Action=PurgeQueue", "/123456789012/q/").status, 200);
  EXPECT_EQ(post("Action=PurgeQueue", "/queue/us-east-1/123456789012/q").status, 200);
  EXPECT_EQ(post("Action=PurgeQueue", "/queue/q").status, 200);
  EXPECT_EQ(broker_.purged, (std::vector<QueueAddress>{other, other, address("q")}));
}

// T015, T018
TEST_F(QueryProtocolTest, RefusesAnAddressWithoutAQueue) {
  const HttpResponse response = post("Action=PurgeQueue");
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(response.content_type, "text/xml");
  EXPECT_EQ(response.body,
            error(response, "Sender", "InvalidAddress",
                  "The address http://localhost:4566/ is not valid for this endpoint."));
}

// T016
TEST_F(QueryProtocolTest, RefusesAnUnknownAction) {
  const HttpResponse response = post("Action=FooBar");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body, error(response, "Sender", "InvalidAction",
                                 "The action FooBar is not valid for this endpoint."));
}

// T016
TEST_F(QueryProtocolTest, RefusesActionsOfTheServiceOnAQueuesUrl) {
  for (const std::string action : {"CreateQueue", "ListQueues"}) {
    const HttpResponse response =
        get("/000000000000/q", "Action=" + action + "&QueueName=new&Attribute.1.Name=x");
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(response.body, error(response, "Sender", "InvalidAction",
                                   "The action " + action + " is not valid for this endpoint."));
  }
  EXPECT_TRUE(broker_.created.empty());
}

// T017
TEST_F(QueryProtocolTest, KnowsNoOperationWithoutAnAction) {
  for (const Headers& headers : {Headers(), Headers{{"accept", "application/json"}}}) {
    const HttpResponse response = get("/000000000000/q", "", headers);
    EXPECT_EQ(response.status, 404);
    EXPECT_EQ(response.body, "<UnknownOperationException/>");
  }
  EXPECT_EQ(exchange("PUT", "/", "Action=ListQueues", {}, "").status, 404);
}

// T019
TEST_F(QueryProtocolTest, HasItsOwnWordsForAMissingQueue) {
  const HttpResponse response = post("Action=PurgeQueue&QueueUrl=no");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.body, error(response, "Sender", "AWS.SimpleQueueService.NonExistentQueue",
                                 "The specified queue does not exist for this wsdl version."));
}

TEST_F(QueryProtocolTest, AnswersAServerFaultAsReceiver) {
  broker_.refusal = Error{ErrorCode::kServiceUnavailable, "The disk is full."};
  const HttpResponse response = post("Action=SendMessage&QueueUrl=q&MessageBody=x");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.body, error(response, "Receiver", "ServiceUnavailable", "The disk is full."));
}

TEST_F(QueryProtocolTest, AnswersAnActionWithoutOutputWithItsRequestIdOnly) {
  const HttpResponse response = post("Action=DeleteQueue&QueueUrl=q");
  EXPECT_EQ(response.body, answer(response, "DeleteQueue", ""));
}

// T030
TEST_F(QueryProtocolTest, TakesTheCallerFromAPresignedGet) {
  get("/",
      "Action=CreateQueue&QueueName=new&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential="
      "111122223333%2F20260102%2Feu-west-1%2Fsqs%2Faws4_request&X-Amz-Signature=00");
  EXPECT_EQ(broker_.created.at(0).address, (QueueAddress{"eu-west-1", "111122223333", "new"}));
}

TEST_F(QueryProtocolTest, AnswersInJsonWhenAskedTo) {
  broker_.list.queues = {address("a")};
  const Headers json = {{"accept", "application/json"}};
  const HttpResponse response = get("/", "Action=ListQueues", json);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body,
            R"({"ListQueuesResponse":{"ListQueuesResult":{"queueUrls":[)"
            R"("http://localhost:4566/000000000000/a"]},"ResponseMetadata":{"RequestId":")" +
                header(response, "x-amzn-RequestId") + R"("}}})");
  const HttpResponse refused = get("/", "Action=FooBar", json);
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.body, R"({"Error":{"Type":"Sender","Code":"InvalidAction","Message":)"
                          R"("The action FooBar is not valid for this endpoint."},"RequestId":")" +
                              header(refused, "x-amzn-RequestId") + R"("})");
}

// A link in a page, and in a mail: the latter comes from no site.
TEST_F(QueryProtocolTest, ChangesNothingForAGetOfABrowser) {
  for (const Headers& browser :
       {Headers{{"user-agent", kBrowser}}, Headers{{"sec-fetch-site", "none"}},
        Headers{{"origin", "http://localhost:4566"}}, Headers{{"referer", "http://a.test/"}}}) {
    for (const std::string action :
         {"SendMessage", "ReceiveMessage", "PurgeQueue", "CreateQueue"}) {
      const HttpResponse response = get("/", "QueueUrl=q&MessageBody=x&Action=" + action, browser);
      EXPECT_EQ(response.status, 403);
      EXPECT_NE(response.body.find("<Code>AccessDenied</Code>"), std::string::npos);
    }
  }
  EXPECT_TRUE(broker_.sent.empty() && broker_.received.empty() && broker_.purged.empty());
}

TEST_F(QueryProtocolTest, LetsABrowserLook) {
  const Headers browser = {{"user-agent", kBrowser}, {"sec-fetch-site", "none"}};
  for (const std::string action :
       {"ListQueues", "GetQueueUrl&QueueName=q", "GetQueueAttributes&QueueUrl=q",
        "ListQueueTags&QueueUrl=q", "ListDeadLetterSourceQueues&QueueUrl=q",
        "ListMessageMoveTasks&SourceArn=arn:aws:sqs:us-east-1:000000000000:q"}) {
    EXPECT_EQ(get("/", "Action=" + action, browser).status, 200) << action;
  }
}

// 8.7: long bodies leave the loop, both ways.
TEST_F(QueryProtocolTest, ParsesLargeFormsOffTheLoop) {
  const std::string large(70'000, 'x');
  EXPECT_EQ(post("Action=SendMessage&QueueUrl=q&MessageBody=" + large).status, 200);
  EXPECT_EQ(broker_.sent.at(0).entries.at(0).content.body, large);
  EXPECT_EQ(offloaded_, 1U);
}

}  // namespace
}  // namespace headrace::queue::sqs

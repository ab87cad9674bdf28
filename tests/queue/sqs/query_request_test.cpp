// How members stand in a form (spec 2.2).
#include "queue/sqs/query_reader.hpp"
#include "tests/queue/sqs/query_fixture.hpp"

namespace headrace::queue::sqs {
namespace {

class QueryRequestTest : public QueryFixture {
 protected:
  // The code of the refusal; "" when there was none.
  std::string refusal(const std::string& form) {
    const std::string body = post(form).body;
    const std::size_t begin = body.find("<Code>");
    if (begin == std::string::npos) return {};
    return body.substr(begin + 6, body.find("</Code>") - begin - 6);
  }
};

// T020, T021: numbered, in the plural, and a single one.
TEST_F(QueryRequestTest, ReadsMapsOfTextsInAllTheirForms) {
  const AttributeMap delay = {{"DelaySeconds", "5"}};
  for (const std::string form : {"Attribute.1.Name=DelaySeconds&Attribute.1.Value=5",
                                 "Attribute.7.Value=5&Attribute.7.Name=DelaySeconds",
                                 "Attributes.1.Name=DelaySeconds&Attributes.1.Value=5",
                                 "Attribute.Name=DelaySeconds&Attribute.Value=5"}) {
    EXPECT_EQ(refusal("Action=SetQueueAttributes&QueueUrl=q&" + form), "") << form;
    EXPECT_EQ(broker_.attributes_set.back(), delay) << form;
  }
  EXPECT_EQ(broker_.attributes_set.size(), 4U);
}

TEST_F(QueryRequestTest, ReadsTagsWhenAQueueIsCreatedAndLater) {
  const TagMap tags = {{"a", "1"}, {"b", ""}};
  post("Action=CreateQueue&QueueName=n&Tag.1.Key=a&Tag.1.Value=1&Tag.2.Key=b&Tag.2.Value=");
  EXPECT_EQ(broker_.created.at(0).tags, tags);
  post("Action=TagQueue&QueueUrl=q&Tags.1.Key=a&Tags.1.Value=1&Tags.2.Key=b&Tags.2.Value=");
  EXPECT_EQ(broker_.tags_changed.at(0).set, tags);
  post("Action=UntagQueue&QueueUrl=q&TagKey.1=a&TagKey.2=b");
  EXPECT_EQ(broker_.tags_changed.at(1).removed, (Names{"a", "b"}));
}

TEST_F(QueryRequestTest, ReadsListsByNumberWithGaps) {
  post(
      "Action=AddPermission&QueueUrl=q&Label=l&AWSAccountId.10=222222222222&"
      "AWSAccountId.2=111111111111&ActionName.1=SendMessage");
  const PolicyStatement& statement = broker_.permissions_added.at(0);
  EXPECT_EQ(statement.accounts, (Names{"111111111111", "222222222222"}));
  EXPECT_EQ(statement.actions, (Names{"SendMessage"}));
}

TEST_F(QueryRequestTest, TakesAnEmptyListForNone) {
  broker_.description.tags = {};
  const HttpResponse none = post("Action=GetQueueAttributes&QueueUrl=q&AttributeName=");
  EXPECT_EQ(none.body, answer(none, "GetQueueAttributes", "<GetQueueAttributesResult/>"));
  EXPECT_EQ(refusal("Action=GetQueueAttributes&QueueUrl=q&AttributeName=Foo"),
            "InvalidAttributeName");
}

TEST_F(QueryRequestTest, ReadsMessageAttributes) {
  const std::string response =
      post(
          "Action=SendMessage&QueueUrl=q&MessageBody=x&MessageAttribute.1.Name=Foo&"
          "MessageAttribute.1.Value.DataType=String&MessageAttribute.1.Value.StringValue=Bar&"
          "MessageAttribute.2.Name=bytes&MessageAttribute.2.Value.DataType=Binary&"
          "MessageAttribute.2.Value.BinaryValue=AAH%2F&MessageSystemAttribute.1.Name="
          "AWSTraceHeader&MessageSystemAttribute.1.Value.DataType=String&"
          "MessageSystemAttribute.1.Value.StringValue=Root%3D1")
          .body;
  const MessageContent& content = broker_.sent.at(0).entries.at(0).content;
  ASSERT_EQ(content.attributes.size(), 2U);
  EXPECT_EQ(content.attributes[0].value, "Bar");
  EXPECT_EQ(content.attributes[1].value, std::string("\0\1\xFF", 3));
  EXPECT_EQ(content.trace_header, "Root=1");
  EXPECT_NE(response.find("<MD5OfMessageSystemAttributes>"), std::string::npos);
}

TEST_F(QueryRequestTest, RefusesListValuesAndBytesThatAreNone) {
  const std::string attribute =
      "Action=SendMessage&QueueUrl=q&MessageBody=x&MessageAttribute.1.Name=a&"
      "MessageAttribute.1.Value.DataType=String&MessageAttribute.1.Value.";
  EXPECT_EQ(refusal(attribute + "StringListValue.1=x"),
            "AWS.SimpleQueueService.UnsupportedOperation");
  EXPECT_EQ(refusal(attribute + "BinaryValue=%21"), "MalformedInput");
}

// Also the names of kombu's asynchronous client.
TEST_F(QueryRequestTest, ReadsTheEntriesOfABatch) {
  post(
      "Action=SendMessageBatch&QueueUrl=q&SendMessageBatchRequestEntry.2.Id=b&"
      "SendMessageBatchRequestEntry.2.MessageBody=two&SendMessageBatchRequestEntry.1.Id=a&"
      "SendMessageBatchRequestEntry.1.MessageBody=one&"
      "SendMessageBatchRequestEntry.1.DelaySeconds=3&"
      "SendMessageBatchRequestEntry.1.MessageAttributes.1.Name=Foo&"
      "SendMessageBatchRequestEntry.1.MessageAttributes.1.Value.DataType=String&"
      "SendMessageBatchRequestEntry.1.MessageAttributes.1.Value.StringValue=Bar");
  const auto& entries = broker_.sent.at(0).entries;
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].content.body, "one");
  EXPECT_EQ(entries[0].delay_seconds, 3);
  EXPECT_EQ(entries[0].content.attributes.at(0).name, "Foo");
  EXPECT_EQ(entries[1].content.body, "two");

  post(
      "Action=ChangeMessageVisibilityBatch&QueueUrl=q&ChangeMessageVisibilityBatchRequestEntry.1."
      "Id=a&ChangeMessageVisibilityBatchRequestEntry.1.ReceiptHandle=h&"
      "ChangeMessageVisibilityBatchRequestEntry.1.VisibilityTimeout=9");
  EXPECT_EQ(broker_.visibility_changed.at(0).entries.at(0).visibility_timeout, 9);
  EXPECT_EQ(refusal("Action=DeleteMessageBatch&QueueUrl=q"),
            "AWS.SimpleQueueService.EmptyBatchRequest");
}

// Spec 2.3: not so in JSON.
TEST_F(QueryRequestTest, PrefersTheOlderListOfSystemAttributes) {
  broker_.messages.resize(1);
  broker_.messages[0].content.sender_id = "AKID";
  broker_.messages[0].receive_count = 1;
  const std::string both = post(
                               "Action=ReceiveMessage&QueueUrl=q&AttributeName.1=SenderId&"
                               "MessageSystemAttributeName.1=ApproximateReceiveCount")
                               .body;
  EXPECT_NE(both.find("<Name>SenderId</Name>"), std::string::npos);
  EXPECT_EQ(both.find("ApproximateReceiveCount"), std::string::npos);
  const std::string newer =
      post("Action=ReceiveMessage&QueueUrl=q&MessageSystemAttributeNames.1=ApproximateReceiveCount")
          .body;
  EXPECT_NE(newer.find("<Name>ApproximateReceiveCount</Name>"), std::string::npos);
}

TEST_F(QueryRequestTest, KnowsTheOldNameOfTheVisibilityTimeout) {
  post("Action=CreateQueue&QueueName=n&DefaultVisibilityTimeout=40");
  EXPECT_EQ(broker_.created.at(0).attributes, (AttributeMap{{"VisibilityTimeout", "40"}}));
}

TEST_F(QueryRequestTest, HoldsNumbersToTheirForm) {
  for (const std::string number : {"", "x", "1x", "1.0", "+1", "%201", "9223372036854775808"}) {
    EXPECT_EQ(refusal("Action=ReceiveMessage&QueueUrl=q&MaxNumberOfMessages=" + number),
              "MalformedInput")
        << number;
  }
  EXPECT_EQ(refusal("Action=ReceiveMessage&QueueUrl=q&MaxNumberOfMessages=11"),
            "InvalidParameterValue");
  EXPECT_EQ(refusal("Action=ReceiveMessage&QueueUrl=q&MaxNumberOfMessages=10"), "");
}

TEST_F(QueryRequestTest, RefusesAnElementThatLacksAPart) {
  const std::string set = "Action=SetQueueAttributes&QueueUrl=q&";
  EXPECT_EQ(refusal(set + "Attribute.1.Value=5"), "MissingParameter");
  EXPECT_EQ(refusal(set + "Attribute.1.Name=DelaySeconds"), "MissingParameter");
  EXPECT_EQ(refusal(set), "MissingParameter");
}

TEST_F(QueryRequestTest, RefusesWhatIsGivenTwice) {
  EXPECT_EQ(refusal("Action=PurgeQueue&QueueUrl=q&QueueUrl=q"), "MalformedInput");
  EXPECT_EQ(refusal("Action=TagQueue&QueueUrl=q&Tag.1.Key=a&Tag.1.Value=1&Tag.2.Key=a&"
                    "Tag.2.Value=2"),
            "MalformedInput");
}

TEST_F(QueryRequestTest, RefusesWhatDoesNotDecode) {
  for (const std::string text : {"%", "%2", "%zz", "%FF", "%C3%28", "%ED%A0%80"}) {
    EXPECT_EQ(refusal("Action=SendMessage&QueueUrl=q&MessageBody=" + text), "MalformedInput")
        << text;
  }
  EXPECT_EQ(refusal("Action=SendMessage&QueueUrl=q&MessageBody=%00"), "InvalidMessageContents");
}

TEST_F(QueryRequestTest, RefusesABodyThatIsNoForm) {
  for (const std::string type : {"text/plain", "multipart/form-data", "application/json",
                                 "application/x-www-form-urlencoded-not"}) {
    const HttpResponse response =
        exchange("POST", "/", "Action=PurgeQueue&QueueUrl=q", {{"content-type", type}}, "x=1");
    EXPECT_EQ(response.status, 400) << type;
  }
  EXPECT_TRUE(broker_.purged.empty());
}

TEST_F(QueryRequestTest, TakesAFormHoweverItsTypeIsWritten) {
  for (const std::string type : {"application/x-www-form-urlencoded; charset=utf-8",
                                 "Application/X-WWW-Form-URLEncoded", ""}) {
    const HttpResponse response =
        exchange("POST", "/", "", {{"content-type", type}}, "Action=PurgeQueue&QueueUrl=q");
    EXPECT_EQ(response.status, 200) << type;
  }
}

TEST_F(QueryRequestTest, BoundsTheNumberOfParameters) {
  std::string form = "Action=PurgeQueue&QueueUrl=q";
  for (std::size_t i = 2; i < kFormParametersMax; ++i) form += "&" + std::to_string(i) + "=";
  EXPECT_EQ(refusal(form), "");
  EXPECT_EQ(refusal(form + "&one=more"), "MalformedInput");
}

TEST_F(QueryRequestTest, KeepsElementsUnderBothNamesOfAList) {
  post("Action=UntagQueue&QueueUrl=q&TagKey.1=a&TagKeys.1=b&TagKey=c");
  EXPECT_EQ(broker_.tags_changed.at(0).removed, (Names{"c", "a", "b"}));
}

TEST_F(QueryRequestTest, IgnoresNumbersThatAreNone) {
  EXPECT_EQ(refusal("Action=UntagQueue&QueueUrl=q&TagKey.12345678901234567890=a&TagKey.x=b"),
            "MissingParameter");
}

}  // namespace
}  // namespace headrace::queue::sqs

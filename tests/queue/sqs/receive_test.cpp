#include "tests/queue/sqs/sqs_fixture.hpp"

namespace headrace::queue::sqs {
namespace {

ReceivedMessage message() {
  ReceivedMessage message;
  message.receipt_handle = "handle-1";
  message.content.body = "test";
  message.content.body_md5 = md5("test");
  message.content.sender_id = "AKID";
  message.sent = from_epoch_ms(1'767'225'600'001);
  message.first_received = from_epoch_ms(1'767'225'600'002);
  message.receive_count = 1;
  return message;
}

MessageAttribute text(std::string name, std::string value) {
  return {std::move(name), "String", ValueKind::kText, std::move(value)};
}

class ReceiveTest : public SqsFixture {
 protected:
  HttpResponse receive(const std::string& members = R"("x":1)") {
    return call("ReceiveMessage", send(members));
  }
  HttpResponse remove_batch(const std::string& entries) {
    return call("DeleteMessageBatch", send(R"("Entries":[)" + entries + "]"));
  }
  HttpResponse change_batch(const std::string& entries) {
    return call("ChangeMessageVisibilityBatch", send(R"("Entries":[)" + entries + "]"));
  }
};

// T095
TEST_F(ReceiveTest, LeavesMessagesOutWhenThereAreNone) {
  const HttpResponse response = receive();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, "{}");
  EXPECT_EQ(broker_.received.at(0).max_messages, 1U);
  EXPECT_FALSE(broker_.received[0].wait_seconds.has_value());
  EXPECT_FALSE(broker_.received[0].visibility_timeout.has_value());
}

// T100: nothing but the four members unless more is asked for.
TEST_F(ReceiveTest, GivesOnlyIdHandleAndBodyUnlessAskedForMore) {
  broker_.messages = {message()};
  broker_.messages[0].content.attributes = {text("Foo", "Bar")};
  EXPECT_EQ(receive().body,
            R"({"Messages":[{"MessageId":"00000000-0000-0000-0000-000000000000",)"
            R"("ReceiptHandle":"handle-1","MD5OfBody":"098f6bcd4621d373cade4e832627b4f6",)"
            R"("Body":"test"}]})");
}

TEST_F(ReceiveTest, GivesTheSystemAttributesOfAFifoMessage) {
  broker_.messages = {message()};
  broker_.messages[0].sequence = Sequence(7);
  broker_.messages[0].content.group_id = "g";
  broker_.messages[0].content.deduplication_id = "d";
  const std::string body = receive(R"("MessageSystemAttributeNames":["All"])").body;
  EXPECT_NE(body.find(R"("MessageGroupId":"g","MessageDeduplicationId":"d",)"
                      R"("SequenceNumber":"00000000000000000007")"),
            std::string::npos);
}

TEST_F(ReceiveTest, PassesTheAttemptIdOn) {
  receive(R"("ReceiveRequestAttemptId":"try-1")");
  EXPECT_EQ(broker_.received.at(0).attempt_id, "try-1");
  EXPECT_EQ(receive(R"("ReceiveRequestAttemptId":"a b")").status, 400);
}

// T100
TEST_F(ReceiveTest, GivesTheFourSystemAttributesOfAPlainMessage) {
  broker_.messages = {message()};
  EXPECT_NE(receive(R"("MessageSystemAttributeNames":["All"])")
                .body.find(R"("Attributes":{"SenderId":"AKID","SentTimestamp":"1767225600001",)"
                           R"("ApproximateReceiveCount":"1",)"
                           R"("ApproximateFirstReceiveTimestamp":"1767225600002"}})"),
            std::string::npos);
}

TEST_F(ReceiveTest, GivesSystemAttributesThatExistByName) {
  ReceivedMessage moved = message();
  moved.content.group_id = "g";
  moved.content.trace_header = "Root=1";
  moved.dead_letter_source_arn = "arn:aws:sqs:us-east-1:000000000000:source";
  broker_.messages = {moved};
  EXPECT_NE(receive(R"("MessageSystemAttributeNames":["MessageGroupId","AWSTraceHeader",)"
                    R"("DeadLetterQueueSourceArn","SequenceNumber","Foo"])")
                .body.find(R"("Attributes":{"MessageGroupId":"g","AWSTraceHeader":"Root=1",)"
                           R"("DeadLetterQueueSourceArn":)"
                           R"("arn:aws:sqs:us-east-1:000000000000:source"}})"),
            std::string::npos);
  EXPECT_EQ(receive(R"("MessageSystemAttributeNames":["SequenceNumber"])").body.find("Attributes"),
            std::string::npos);
}

// T101
TEST_F(ReceiveTest, PrefersTheNewerListOfSystemAttributes) {
  broker_.messages = {message()};
  const std::string both =
      receive(R"("AttributeNames":["SenderId"],"MessageSystemAttributeNames":["SentTimestamp"])")
          .body;
  EXPECT_NE(both.find(R"("Attributes":{"SentTimestamp":"1767225600001"}})"), std::string::npos);
  EXPECT_NE(receive(R"("AttributeNames":["SenderId"])").body.find(R"({"SenderId":"AKID"})"),
            std::string::npos);
}

// T102: recorded digests of each subset (spec 5.4).
TEST_F(ReceiveTest, GivesTheMessageAttributesTheFiltersSelectAndTheirDigest) {
  broker_.messages = {message()};
  broker_.messages[0].content.attributes = {text("Hello", "There"), text("General", "Kenobi"),
                                            text("Help.Me", "Me")};
  const auto digest = [this](const std::string& filters) {
    const std::string body = receive(R"("MessageAttributeNames":)" + filters).body;
    const std::string key = R"("MD5OfMessageAttributes":")";
    const std::size_t at = body.find(key);
    return at == std::string::npos ? "" : body.substr(at + key.size(), 32);
  };
  for (const char* all : {R"(["All"])", R"([".*"])", R"(["*"])"}) {
    EXPECT_EQ(digest(all), "4c360f3fdafd970e05fae2f149d997f5") << all;
  }
  EXPECT_EQ(digest(R"(["Hello"])"), "a311262e065454b75da111d535b8dacd");
  EXPECT_EQ(digest(R"(["Hello","General"])"), "fca026605781cb4126a1e9044df24232");
  EXPECT_EQ(digest(R"(["Hel.*"])"), "83fee93c1bcd8b9a5a923ffacdc636c7");
  EXPECT_EQ(digest(R"(["Zulu","Hel.*","Alpha","Help.M.*"])"), "83fee93c1bcd8b9a5a923ffacdc636c7");
  for (const char* none : {R"([])", R"(["hello"])", R"(["Foo"])", R"(["AWS.", "..foo"])"}) {
    EXPECT_EQ(digest(none), "") << none;
  }
}

TEST_F(ReceiveTest, GivesAttributeValuesInTheFieldTheyWereSentIn) {
  broker_.messages = {message()};
  broker_.messages[0].content.attributes = {
      {"b", "Binary.png", ValueKind::kBinary, std::string("\x00\x01\xff", 3)},
      {"n", "Number", ValueKind::kText, "1"}};
  EXPECT_NE(receive(R"("MessageAttributeNames":["All"])")
                .body.find(R"("MessageAttributes":{"b":{"BinaryValue":"AAH/","DataType":)"
                           R"("Binary.png"},"n":{"StringValue":"1","DataType":"Number"}}})"),
            std::string::npos);
}

// T096
TEST_F(ReceiveTest, RefusesNumbersOutOfRange) {
  for (const char* count : {"0", "11"}) {
    EXPECT_EQ(error_message(receive(std::string(R"("MaxNumberOfMessages":)") + count)),
              std::string("Value ") + count +
                  " for parameter MaxNumberOfMessages is invalid. Reason: Must be between 1 and "
                  "10, if provided.");
  }
  for (const char* seconds : {"-1", "21"}) {
    EXPECT_EQ(error_message(receive(std::string(R"("WaitTimeSeconds":)") + seconds)),
              std::string("Value ") + seconds +
                  " for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and <= 20, if "
                  "provided.");
  }
  EXPECT_EQ(error_message(receive(R"("VisibilityTimeout":43201)")),
            "Value 43201 for parameter VisibilityTimeout is invalid. Reason: Must be >= 0 and <= "
            "43200, if provided.");
  EXPECT_TRUE(broker_.received.empty());
}

// T099, T105
TEST_F(ReceiveTest, HandsOnWhatIsGivenAlsoWhenItIsZero) {
  receive(R"("MaxNumberOfMessages":10,"WaitTimeSeconds":0,"VisibilityTimeout":0)");
  EXPECT_EQ(broker_.received.at(0).max_messages, 10U);
  EXPECT_EQ(broker_.received[0].wait_seconds, 0);
  EXPECT_EQ(broker_.received[0].visibility_timeout, 0);
}

// T009, T010
TEST_F(ReceiveTest, HoldsMembersToTheirTypes) {
  EXPECT_EQ(receive(R"("NoSuchMember":{"a":[1]},"WaitTimeSeconds":null)").status, 200);
  const auto refusal = [this](const std::string& members) {
    const HttpResponse response = receive(members);
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(error_type(response), "SerializationException");
    EXPECT_EQ(header(response, "x-amzn-query-error"), "MalformedInput;Sender");
    return error_message(response);
  };
  EXPECT_EQ(refusal(R"("WaitTimeSeconds":"1")"), "STRING_VALUE can not be converted to an Integer");
  EXPECT_EQ(refusal(R"("WaitTimeSeconds":1.5)"), "NUMBER_VALUE can not be converted to an Integer");
  EXPECT_EQ(refusal(R"("WaitTimeSeconds":9223372036854775808)"),
            "NUMBER_VALUE can not be converted to an Integer");
  EXPECT_EQ(refusal(R"("WaitTimeSeconds":[1])"), "Start of list found where not expected");
  EXPECT_EQ(refusal(R"("WaitTimeSeconds":{})"),
            "Start of structure or map found where not expected.");
  EXPECT_EQ(refusal(R"("MessageAttributeNames":[1])"),
            "NUMBER_VALUE can not be converted to a String");
  EXPECT_EQ(error_type(call("ReceiveMessage", R"({"QueueUrl":1})")), "SerializationException");
  EXPECT_EQ(error_type(call("ReceiveMessage", "[]")), "SerializationException");
  EXPECT_EQ(error_type(call("ReceiveMessage", "{\"QueueUrl\":\"q\"")), "SerializationException");
  EXPECT_EQ(error_type(call("ReceiveMessage", R"({"QueueUrl":"q","QueueUrl":"p"})")),
            "SerializationException");
}

TEST_F(ReceiveTest, DeletesByHandle) {
  EXPECT_EQ(call("DeleteMessage", send(R"("ReceiptHandle":"h")")).body, "{}");
  EXPECT_EQ(broker_.removed.at(0).receipt_handles, std::vector<std::string>{"h"});
  EXPECT_EQ(error_message(call("DeleteMessage", send(R"("ReceiptHandle":"")"))),
            "The request must contain the parameter ReceiptHandle.");
}

// T113
TEST_F(ReceiveTest, AnswersAnInvalidHandleWith404) {
  broker_.statuses = {Error{ErrorCode::kReceiptHandleIsInvalid,
                            "The input receipt handle \"garbage\" is not a valid receipt handle."}};
  const HttpResponse response = call("DeleteMessage", send(R"("ReceiptHandle":"garbage")"));
  EXPECT_EQ(response.status, 404);
  EXPECT_EQ(error_type(response), "ReceiptHandleIsInvalid");
  EXPECT_EQ(error_message(response),
            "The input receipt handle \"garbage\" is not a valid receipt handle.");
}

// T122
TEST_F(ReceiveTest, DeletesABatchEntryByEntry) {
  EXPECT_EQ(remove_batch(R"({"Id":"a","ReceiptHandle":"h1"},{"Id":"b","ReceiptHandle":"h2"})").body,
            R"({"Successful":[{"Id":"a"},{"Id":"b"}]})");
  EXPECT_EQ(broker_.removed.at(0).receipt_handles, (std::vector<std::string>{"h1", "h2"}));
  broker_.statuses = {Error{ErrorCode::kReceiptHandleIsInvalid, "no"}};
  EXPECT_EQ(remove_batch(R"({"Id":"a","ReceiptHandle":"h"})").body,
            R"({"Failed":[{"Id":"a","SenderFault":true,"Code":"ReceiptHandleIsInvalid",)"
            R"("Message":"no"}]})");
}

// T082
TEST_F(ReceiveTest, NamesTheEntriesOfAnEmptyBatch) {
  EXPECT_EQ(error_message(remove_batch("")),
            "There should be at least one DeleteMessageBatchRequestEntry in the request.");
  EXPECT_EQ(error_message(change_batch("")),
            "There should be at least one ChangeMessageVisibilityBatch in the request.");
}

TEST_F(ReceiveTest, ChangesTheVisibilityOfAMessage) {
  const auto change = [this](const std::string& members) {
    return call("ChangeMessageVisibility", send(members));
  };
  EXPECT_EQ(change(R"("ReceiptHandle":"h","VisibilityTimeout":0)").body, "{}");
  EXPECT_EQ(broker_.visibility_changed.at(0).entries.at(0).receipt_handle, "h");
  EXPECT_EQ(broker_.visibility_changed[0].entries[0].visibility_timeout, 0);
  EXPECT_EQ(error_message(change(R"("ReceiptHandle":"h","VisibilityTimeout":43201)")),
            "Value 43201 for parameter VisibilityTimeout is invalid. Reason: Must be between 0 and "
            "43200.");
  EXPECT_EQ(error_message(change(R"("ReceiptHandle":"h")")),
            "The request must contain the parameter VisibilityTimeout.");
}

TEST_F(ReceiveTest, ChangesTheVisibilityOfABatchEntryByEntry) {
  const HttpResponse response =
      change_batch(R"({"Id":"a","ReceiptHandle":"h1","VisibilityTimeout":43201},)"
                   R"({"Id":"b","ReceiptHandle":"h2","VisibilityTimeout":5},)"
                   R"({"Id":"c","ReceiptHandle":"h3"})");
  ASSERT_EQ(broker_.visibility_changed.at(0).entries.size(), 1U);
  EXPECT_EQ(broker_.visibility_changed[0].entries[0].receipt_handle, "h2");
  EXPECT_EQ(response.body,
            R"({"Successful":[{"Id":"b"}],"Failed":[{"Id":"a","SenderFault":true,)"
            R"("Code":"InvalidParameterValue","Message":"Value 43201 for parameter )"
            R"(VisibilityTimeout is invalid. Reason: VisibilityTimeout must be an integer between )"
            R"(0 and 43200."},{"Id":"c","SenderFault":true,"Code":"MissingParameter",)"
            R"("Message":"The request must contain the parameter )"
            R"(ChangeMessageVisibilityBatchRequestEntry.3.VisibilityTimeout."}]})");
}

}  // namespace
}  // namespace headrace::queue::sqs

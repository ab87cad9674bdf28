#include "queue/limits.hpp"
#include "queue/sqs/json_protocol.hpp"
#include "tests/queue/sqs/sqs_fixture.hpp"

namespace headrace::queue::sqs {
namespace {

class SendTest : public SqsFixture {
 protected:
  HttpResponse send_message(const std::string& members) {
    return call("SendMessage", send(R"("MessageBody":"x",)" + members));
  }

  // One attribute `name` with the given value object.
  HttpResponse send_attribute(const std::string& name, const std::string& value) {
    return send_message(R"("MessageAttributes":{")" + name + "\":" + value + "}");
  }

  HttpResponse send_batch(const std::string& entries) {
    return call("SendMessageBatch", send(R"("Entries":[)" + entries + "]"));
  }

  const MessageContent& stored() { return broker_.sent.back().entries.at(0).content; }
};

constexpr const char* kString = R"({"DataType":"String","StringValue":"v"})";

std::string entry(const std::string& id, const std::string& body) {
  return R"({"Id":")" + id + R"(","MessageBody":")" + body + "\"}";
}

// T074
TEST_F(SendTest, RefusesAnEmptyBody) {
  for (const char* members : {R"("MessageBody":"")", R"("x":1)", R"("MessageBody":null)"}) {
    const HttpResponse response = call("SendMessage", send(members));
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(error_type(response), "MissingRequiredParameterException");
    EXPECT_EQ(header(response, "x-amzn-query-error"), "MissingParameter;Sender");
    EXPECT_EQ(error_message(response), "The request must contain the parameter MessageBody.");
  }
}

TEST_F(SendTest, RefusesARequestWithoutAQueue) {
  EXPECT_EQ(error_message(call("SendMessage", R"({"MessageBody":"x"})")),
            "The request must contain the parameter QueueUrl.");
}

// T080
TEST_F(SendTest, RefusesCharactersXmlCannotCarry) {
  for (const char* body : {R"(a\u0000b)", R"(\u000b)", R"(\ufffe)", R"(\uffff)"}) {
    const HttpResponse response =
        call("SendMessage", send(std::string(R"("MessageBody":")") + body + "\""));
    EXPECT_EQ(error_type(response), "InvalidMessageContents") << body;
    EXPECT_EQ(error_message(response),
              "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to "
              "#xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF");
  }
  EXPECT_EQ(error_type(call("SendMessage", send(R"("MessageBody":"\ud800")"))),
            "SerializationException");
}

// T022, T080
TEST_F(SendTest, KeepsEveryAllowedCharacterAsItIs) {
  call("SendMessage", send(R"("MessageBody":"\t\r\n\"&quot;<\ud83d\ude00\ufffd\ue000")"));
  EXPECT_EQ(stored().body, "\t\r\n\"&quot;<\xf0\x9f\x98\x80\xef\xbf\xbd\xee\x80\x80");
}

// T071, T088
TEST_F(SendTest, KeepsAttributesAndAnswersTheirDigest) {
  const HttpResponse response =
      send_attribute("Foo", R"({"DataType":"String","StringValue":"Bar"})");
  EXPECT_NE(response.body.find(R"("MD5OfMessageAttributes":"ae7155c6026991b6d54b11589678bf9c")"),
            std::string::npos);
  EXPECT_EQ(stored().attributes.at(0).value, "Bar");

  send_attribute("bytes", R"({"DataType":"Binary.png","BinaryValue":"AAH/"})");
  EXPECT_EQ(stored().attributes.at(0).kind, ValueKind::kBinary);
  EXPECT_EQ(stored().attributes.at(0).data_type, "Binary.png");
  EXPECT_EQ(stored().attributes.at(0).value, std::string("\x00\x01\xff", 3));
}

// T083
TEST_F(SendTest, RefusesAnEleventhAttribute) {
  const auto send_attributes = [this](int count) {
    std::string attributes;
    for (int i = 0; i < count; ++i) {
      attributes += (i == 0 ? "\"a" : ",\"a") + std::to_string(i) + "\":" + kString;
    }
    return send_message(R"("MessageAttributes":{)" + attributes + "}");
  };
  EXPECT_EQ(send_attributes(10).status, 200);
  EXPECT_EQ(error_message(send_attributes(11)),
            "Number of message attributes [11] exceeds the allowed maximum [10].");
}

// T084
TEST_F(SendTest, RefusesAttributeNamesAwsReservesOrCannotRead) {
  for (const std::string& name :
       {std::string("AWS.x"), std::string("aws.x"), std::string("Amazon.x"), std::string(".a"),
        std::string("a."), std::string("a..b"), std::string("a b"), std::string(257, 'a'),
        std::string(R"(a\ufffe)"), std::string(R"(\uffff)"), std::string()}) {
    const HttpResponse response = send_attribute(name, kString);
    EXPECT_EQ(error_type(response), "InvalidParameterValueException") << name;
  }
  EXPECT_EQ(error_message(send_attribute("", kString)),
            "The request must contain non-empty message (user) attribute names.");
  EXPECT_TRUE(error_message(send_attribute("AMAZON.x", kString))
                  .starts_with("You can't use message attribute names beginning with 'AWS.' or "
                               "'Amazon.'"));
  EXPECT_TRUE(broker_.sent.empty());
}

// T084, T085
TEST_F(SendTest, AcceptsUmlautsAndLongNamesOfAttributes) {
  for (const std::string& name : {std::string("\xc3\xbc.name-1_"), std::string(256, 'a'),
                                  std::string("AWSX"), std::string("Amazon")}) {
    EXPECT_EQ(send_attribute(name, kString).status, 200) << name;
  }
}

// T086
TEST_F(SendTest, AcceptsTheThreeTypesWithLabelsOnly) {
  EXPECT_EQ(send_attribute("X", R"({"DataType":"String.custom","StringValue":"v"})").status, 200);
  EXPECT_EQ(error_message(send_attribute("X", R"({"DataType":"Foo","StringValue":"v"})")),
            "The type of message (user) attribute 'X' is invalid. You must use only the following "
            "supported type prefixes: Binary, Number, String.");
  EXPECT_EQ(send_attribute("X", R"({"DataType":"string","StringValue":"v"})").status, 400);
  EXPECT_EQ(send_attribute("X", R"({"StringValue":"v"})").status, 400);
  EXPECT_EQ(send_attribute("X", R"({"DataType":"Stringy","StringValue":"v"})").status, 400);
}

// T087
TEST_F(SendTest, RefusesAnAttributeWithoutAValue) {
  EXPECT_EQ(
      error_message(send_attribute("ErrorDetails", R"({"DataType":"String","StringValue":""})")),
      "Message (user) attribute 'ErrorDetails' must contain a non-empty value of type 'String'.");
  EXPECT_EQ(send_attribute("X", R"({"DataType":"Binary","StringValue":"v"})").status, 400);
  EXPECT_EQ(send_attribute("X", R"({"DataType":"String","StringValue":"\u0001"})").status, 400);
}

TEST_F(SendTest, ChecksNumbersLikeAws) {
  const auto send_number = [this](const std::string& text) {
    return send_attribute("X", R"({"DataType":"Number","StringValue":")" + text + "\"}");
  };
  for (const std::string& number :
       {std::string("0"), std::string("-1.50"), std::string("+3"), std::string("1e126"),
        std::string("1E-128"), std::string(38, '9'), std::string("000") + std::string(38, '9'),
        std::string("0.000"), std::string("1493147359900")}) {
    EXPECT_EQ(send_number(number).status, 200) << number;
    EXPECT_EQ(stored().attributes.at(0).value, number);
  }
  for (const std::string& text :
       {std::string("x"), std::string("1.2.3"), std::string("."), std::string("-"),
        std::string("1e"), std::string("1e127"), std::string("1e-129"), std::string(39, '9'),
        std::string("1e99999999999"), std::string("0x10"), std::string("NaN")}) {
    EXPECT_EQ(error_message(send_number(text)),
              "Can't cast the value of message (user) attribute 'X' to a number.")
        << text;
  }
}

TEST_F(SendTest, RefusesListValues) {
  const HttpResponse response =
      send_attribute("X", R"({"DataType":"String","StringValue":"v","StringListValues":["a"]})");
  EXPECT_EQ(error_type(response), "UnsupportedOperation");
  EXPECT_EQ(error_message(response),
            "Message attribute list values in SendMessage operation are not supported.");
  const HttpResponse system =
      send_message(R"("MessageSystemAttributes":{"AWSTraceHeader":)"
                   R"({"DataType":"String","StringValue":"v","BinaryListValues":["YQ=="]}})");
  EXPECT_EQ(error_type(system), "UnsupportedOperation");
  EXPECT_EQ(error_type(send_attribute("X", R"({"DataType":"String","StringListValues":[5]})")),
            "SerializationException");
}

// T073, T089
TEST_F(SendTest, TakesTheTraceHeaderFromTheSystemAttribute) {
  const std::string trace =
      "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
  const HttpResponse response = call(
      "SendMessage",
      send(R"("MessageBody":"x","MessageSystemAttributes":{"AWSTraceHeader":{"DataType":"String",)"
           R"("StringValue":")" +
           trace + R"("}})"),
      {{"x-amzn-trace-id", "Root=other"}});
  EXPECT_NE(
      response.body.find(R"("MD5OfMessageSystemAttributes":"5ae4d5d7636402d80f4eb6d213245a88")"),
      std::string::npos);
  EXPECT_EQ(response.body.find("MD5OfMessageAttributes"), std::string::npos);
  EXPECT_EQ(stored().trace_header, trace);
}

// T089
TEST_F(SendTest, TakesTheTraceHeaderFromTheRequest) {
  const HttpResponse response =
      call("SendMessage", send(R"("MessageBody":"x")"), {{"x-amzn-trace-id", "Root=1-2-3"}});
  EXPECT_EQ(stored().trace_header, "Root=1-2-3");
  EXPECT_EQ(response.body.find("MD5OfMessageSystemAttributes"), std::string::npos);
  call("SendMessage", send(R"("MessageBody":"x")"), {{"x-amzn-trace-id", "\xff"}});
  EXPECT_EQ(stored().trace_header, "");
}

TEST_F(SendTest, RefusesAnotherSystemAttribute) {
  EXPECT_EQ(error_message(
                send_message(std::string(R"("MessageSystemAttributes":{"X":)") + kString + "}")),
            "Message system attribute name 'X' is invalid.");
}

// T090
TEST_F(SendTest, HandsOnTheDelayAlsoWhenItIsZero) {
  send_message(R"("DelaySeconds":0)");
  EXPECT_EQ(broker_.sent.back().entries.at(0).delay_seconds, 0);
  send_message(R"("DelaySeconds":900)");
  EXPECT_EQ(broker_.sent.back().entries.at(0).delay_seconds, 900);
}

// T091
TEST_F(SendTest, RefusesADelayOutOfRange) {
  EXPECT_EQ(
      error_message(send_message(R"("DelaySeconds":901)")),
      "Value 901 for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and "
      "<= 900.");
  EXPECT_EQ(send_message(R"("DelaySeconds":-1)").status, 400);
}

// T092, T093
TEST_F(SendTest, AcceptsAGroupOnAStandardQueue) {
  const HttpResponse response = send_message(R"("MessageGroupId":"g!~")");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body.find("SequenceNumber"), std::string::npos);
  EXPECT_EQ(stored().group_id, "g!~");
  for (const std::string& bad : {std::string("group 123"), std::string(), std::string(129, 'g')}) {
    EXPECT_EQ(error_message(send_message(R"("MessageGroupId":")" + bad + "\"")),
              "Value " + bad +
                  " for parameter MessageGroupId is invalid. Reason: MessageGroupId can only "
                  "include alphanumeric and punctuation characters. 1 to 128 in length.");
  }
}

TEST_F(SendTest, TakesADeduplicationIdAndRefusesABadOne) {
  EXPECT_EQ(send_message(R"("MessageDeduplicationId":"d")").status, 200);
  EXPECT_EQ(stored().deduplication_id, "d");
  EXPECT_EQ(error_message(send_message(R"("MessageDeduplicationId":"d d")")),
            "Value d d for parameter MessageDeduplicationId is invalid. Reason: "
            "MessageDeduplicationId can only include alphanumeric and punctuation characters. 1 to "
            "128 in length.");
}

// T138, T139
TEST_F(SendTest, GivesTheSequenceNumberAFifoQueueGave) {
  broker_.send_results = {SendResult{Uuid{}, Sequence(42)}};
  EXPECT_NE(send_message(R"("MessageGroupId":"g")")
                .body.find(R"("SequenceNumber":"00000000000000000042")"),
            std::string::npos);
}

// T123: the same fault has another code in a batch.
TEST_F(SendTest, AMissingGroupHasAnotherCodeInABatch) {
  broker_.refusal = missing_parameter("MessageGroupId");
  EXPECT_EQ(error_type(send_message(R"("x":1)")), "MissingRequiredParameterException");
  const HttpResponse batch = send_batch(entry("a", "x"));
  EXPECT_EQ(error_type(batch), "InvalidParameterValueException");
  EXPECT_EQ(error_message(batch), "The request must contain the parameter MessageGroupId.");
}

TEST_F(SendTest, NamesTheSenderByHisKeyElseByTheAccount) {
  send_message(R"("x":1)");
  EXPECT_EQ(stored().sender_id, "000000000000");
  call("SendMessage", send(R"("MessageBody":"x")"),
       {{"authorization",
         "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/sqs/aws4_request, "
         "Signature=0"}});
  EXPECT_EQ(stored().sender_id, "AKIDEXAMPLE");
}

// T122, T078: results stand in the order of the entries; empty lists are left out.
TEST_F(SendTest, AnswersABatchEntryByEntry) {
  broker_.send_results = {SendResult{},
                          Error{ErrorCode::kInvalidParameterValue,
                                "One or more parameters are invalid. Reason: Message must be "
                                "shorter than 1024 bytes."}};
  const HttpResponse response = send_batch(entry("a", "test") + "," + entry("b", "x"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body,
            R"({"Successful":[{"Id":"a","MessageId":"00000000-0000-0000-0000-000000000000",)"
            R"("MD5OfMessageBody":"098f6bcd4621d373cade4e832627b4f6"}],)"
            R"("Failed":[{"Id":"b","SenderFault":true,"Code":"InvalidParameterValue",)"
            R"("Message":"One or more parameters cannot be validated. Reason: Message must be )"
            R"(shorter than 1024 bytes."}]})");
}

TEST_F(SendTest, FailsABadEntryOfABatchAlone) {
  const HttpResponse response =
      send_batch(entry("a", R"(\u0000)") + "," + entry("b", "test") + "," +
                 R"({"Id":"c","MessageBody":"x","DelaySeconds":901})");
  EXPECT_EQ(response.status, 200);
  ASSERT_EQ(broker_.sent.at(0).entries.size(), 1U);
  EXPECT_EQ(broker_.sent[0].entries[0].content.body, "test");
  EXPECT_NE(response.body.find(R"("Successful":[{"Id":"b")"), std::string::npos);
  EXPECT_NE(response.body.find(R"({"Id":"a","SenderFault":true,"Code":"InvalidMessageContents")"),
            std::string::npos);
  EXPECT_NE(response.body.find(R"({"Id":"c","SenderFault":true,"Code":"InvalidParameterValue")"),
            std::string::npos);
}

TEST_F(SendTest, AsksForTheQueueEvenWhenEveryEntryFails) {
  const HttpResponse all_bad = send_batch(entry("a", R"(\u0000)"));
  EXPECT_EQ(all_bad.status, 200);
  EXPECT_EQ(all_bad.body.find("Successful"), std::string::npos);
  EXPECT_TRUE(broker_.sent.empty());
  broker_.queues.clear();
  EXPECT_EQ(error_type(send_batch(entry("a", R"(\u0000)"))), "QueueDoesNotExist");
}

// T081
TEST_F(SendTest, RefusesABatchOfTheWrongShapeAsAWhole) {
  const HttpResponse empty = send_batch("");
  EXPECT_EQ(error_type(empty), "EmptyBatchRequest");
  EXPECT_EQ(error_message(empty),
            "There should be at least one SendMessageBatchRequestEntry in the request.");

  std::string twenty;
  for (int i = 0; i < 20; ++i) twenty += (i ? "," : "") + entry("id_" + std::to_string(i), "x");
  const HttpResponse many = send_batch(twenty);
  EXPECT_EQ(error_type(many), "TooManyEntriesInBatchRequest");
  EXPECT_EQ(error_message(many), "Maximum number of entries per request are 10. You have sent 20.");

  EXPECT_EQ(error_type(send_batch(twenty + ",5")), "SerializationException");

  for (const std::string& id : {std::string(), std::string(81, 'a'), std::string("a:b")}) {
    const HttpResponse bad = send_batch(entry(id, "x"));
    EXPECT_EQ(error_type(bad), "InvalidBatchEntryId") << id;
    EXPECT_EQ(error_message(bad),
              "A batch entry id can only contain alphanumeric characters, hyphens and underscores. "
              "It can be at most 80 letters long.");
  }
  const HttpResponse repeated = send_batch(entry("id_1", "x") + "," + entry("id_2", "x") + "," +
                                           entry("id_2", "x") + "," + entry("id_1", "x"));
  EXPECT_EQ(error_type(repeated), "BatchEntryIdsNotDistinct");
  EXPECT_EQ(error_message(repeated), "Id id_2 repeated.");
  EXPECT_EQ(error_message(send_batch(R"({"Id":"a","MessageBody":"x"},{"Id":"b"})")),
            "The request must contain the parameter SendMessageBatchRequestEntry.2.MessageBody.");
  EXPECT_TRUE(broker_.sent.empty());
}

// What is beyond the limit costs no memory: 8 MiB hold millions of entries.
TEST(SendMessageBatchInput, KeepsNoMoreEntriesThanABatchMayHave) {
  std::string entries = "{}";
  for (int i = 1; i < 1000; ++i) entries += ",{}";
  const auto input = parse_json<SendMessageBatchInput>(R"({"Entries":[)" + entries + "]}");
  ASSERT_TRUE(input);
  EXPECT_EQ(input->entries.size(), kBatchEntriesMax);
  EXPECT_EQ(input->entry_count, 1000U);
}

// T079
TEST_F(SendTest, RefusesABatchOfMoreThanOneMebibyte) {
  const std::string half(524'288, 'x');
  EXPECT_EQ(send_batch(entry("a", half) + "," + entry("b", half)).status, 200);
  const HttpResponse over = send_batch(entry("a", half) + "," + entry("b", half + "x"));
  EXPECT_EQ(error_type(over), "BatchRequestTooLong");
  EXPECT_EQ(error_message(over),
            "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.");
}

// T076: name, type and value count; system attributes do not.
TEST_F(SendTest, CountsAttributesIntoTheSizeOfABatch) {
  const std::string body(1'048'576 - 11, 'x');  // "name" + "String" + "v" are 11 bytes
  const auto send_one = [&](const std::string& name) {
    return send_batch(R"({"Id":"a","MessageBody":")" + body + R"(","MessageAttributes":{")" + name +
                      "\":" + kString + R"(},"MessageSystemAttributes":{"AWSTraceHeader":)" +
                      kString + "}}");
  };
  EXPECT_EQ(send_one("name").status, 200);
  EXPECT_EQ(error_type(send_one("names")), "BatchRequestTooLong");
}

}  // namespace
}  // namespace headrace::queue::sqs

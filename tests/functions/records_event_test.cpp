#include "functions/records_event.hpp"

#include <gtest/gtest.h>

#include "tests/functions/event_builder.hpp"

namespace headrace::functions {
namespace {

TEST(RecordsEvent, StandardRecordHasTheKeysOfAwsInTheirOrder) {
  EXPECT_EQ(
      render_records_event(make_event({"Test message."})),
      R"({"Records":[{"messageId":"2e1424d4-f796-459a-8184-9c92662be6da",)"
      R"("receiptHandle":"AQEBzWwaftRI0KuVm4tP","body":"Test message.",)"
      R"("attributes":{"ApproximateReceiveCount":"1","SentTimestamp":"1545082650636",)"
      R"("SenderId":"AIDAIENQZJOLO23YVJ4VO","ApproximateFirstReceiveTimestamp":"1545082650649"},)"
      R"("messageAttributes":{},"md5OfBody":"e4e68fb7bd0e697a0ae8f1bb342846b3",)"
      R"("eventSource":"aws:sqs","eventSourceARN":"arn:aws:sqs:us-east-2:123456789012:my-queue",)"
      R"("awsRegion":"us-east-2"}]})");
}

TEST(RecordsEvent, FifoRecordHasSevenAttributesInTheirOrder) {
  Event event = make_event({"x"});
  event.records[0].sequence_number = "18849496460467696128";
  event.records[0].group_id = "1";
  event.records[0].deduplication_id = "d";
  EXPECT_NE(render_records_event(event).find(
                R"("attributes":{"ApproximateReceiveCount":"1","SentTimestamp":"1545082650636",)"
                R"("SequenceNumber":"18849496460467696128","MessageGroupId":"1",)"
                R"("SenderId":"AIDAIENQZJOLO23YVJ4VO","MessageDeduplicationId":"d",)"
                R"("ApproximateFirstReceiveTimestamp":"1545082650649"})"),
            std::string::npos);
}

TEST(RecordsEvent, DeadLetterSourceComesFirst) {
  Event event = make_event({"x"});
  event.records[0].dead_letter_source_arn = "arn:aws:sqs:us-east-2:123456789012:first";
  EXPECT_NE(render_records_event(event).find(
                R"("attributes":{"DeadLetterQueueSourceArn":)"
                R"("arn:aws:sqs:us-east-2:123456789012:first","ApproximateReceiveCount":)"),
            std::string::npos);
}

TEST(RecordsEvent, TraceHeaderAppearsOnlyWhenSent) {
  Event event = make_event({"x"});
  EXPECT_EQ(render_records_event(event).find("AWSTraceHeader"), std::string::npos);
  event.records[0].trace_header = "Root=1-2-3";
  EXPECT_NE(render_records_event(event).find(R"("AWSTraceHeader":"Root=1-2-3")"),
            std::string::npos);
}

TEST(RecordsEvent, MessageAttributesCarryBothEmptyLists) {
  Event event = make_event({"x"});
  event.records[0].attributes = {
      {"WeeksOn", "Number", "6", AttributeKind::kText},
      {"Blob", "Binary", std::string("\0\xff", 2), AttributeKind::kBinary}};
  event.records[0].md5_of_message_attributes = "d25a6aea97eb8f585bfa92d314504a92";
  EXPECT_NE(render_records_event(event).find(
                R"("messageAttributes":{"WeeksOn":{"stringValue":"6","stringListValues":[],)"
                R"("binaryListValues":[],"dataType":"Number"},"Blob":{"binaryValue":"AP8=",)"
                R"("stringListValues":[],"binaryListValues":[],"dataType":"Binary"}},)"
                R"("md5OfMessageAttributes":"d25a6aea97eb8f585bfa92d314504a92","md5OfBody":)"),
            std::string::npos);
}

TEST(RecordsEvent, DigestOfNoAttributesIsAbsentWithoutWindowAndNullWithOne) {
  Event event = make_event({"x"});
  EXPECT_EQ(render_records_event(event).find("md5OfMessageAttributes"), std::string::npos);
  event.windowed = true;
  EXPECT_NE(render_records_event(event).find(R"("md5OfMessageAttributes":null,"md5OfBody")"),
            std::string::npos);
}

TEST(RecordsEvent, BodyIsDeliveredAsText) {
  EXPECT_NE(render_records_event(make_event({"{ \"a\" : 1.0e2 }\n"}))
                .find(R"("body":"{ \"a\" : 1.0e2 }\n")"),
            std::string::npos);
}

}  // namespace
}  // namespace headrace::functions

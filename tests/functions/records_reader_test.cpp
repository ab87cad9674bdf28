#include "functions/records_reader.hpp"

#include <gtest/gtest.h>

#include "functions/records_event.hpp"
#include "tests/functions/event_builder.hpp"

namespace headrace::functions {
namespace {

std::string problem_of(std::string_view json) {
  const Result<Event> event = read_records_event(json);
  return event ? "none" : event.error().message;
}

TEST(RecordsReader, ReadsBackWhatIsWritten) {
  Event event = make_event({"ada", "gr\u00e4ce \"quoted\""});
  Record& record = event.records[0];
  record.attributes = {{"Lang", "String", "en", AttributeKind::kText},
                       {"Key", "Binary.png", std::string("\0\xff", 2), AttributeKind::kBinary}};
  record.md5_of_message_attributes = "0123";
  record.group_id = "g";
  record.deduplication_id = "d";
  record.sequence_number = "18849496460467696128";
  record.trace_header = "Root=1-2-3";
  record.dead_letter_source_arn = "arn:aws:sqs:us-east-2:123456789012:first";
  record.receive_count = 3;
  const std::string json = render_records_event(event);
  const Result<Event> again = read_records_event(json);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(render_records_event(*again), json);
}

TEST(RecordsReader, BodyIsEnough) {
  const Result<Event> event = read_records_event(R"({"Records":[{"body":"ada"},{"body":""}]})");
  ASSERT_TRUE(event) << event.error().message;
  const Record& record = event->records[1];
  EXPECT_EQ(event->records[0].body, "ada");
  EXPECT_EQ(record.message_id, "00000000-0000-4000-8000-000000000001");
  EXPECT_EQ(record.md5_of_body, "d41d8cd98f00b204e9800998ecf8427e");  // RFC 1321, of nothing
  EXPECT_EQ(record.receive_count, 1U);
}

TEST(RecordsReader, SaysWhichMemberIsWrong) {
  EXPECT_NE(problem_of("{"), "none");
  EXPECT_EQ(problem_of("[]"), "expected {\"Records\": [...]}");
  EXPECT_EQ(problem_of(R"({"Records":{}})"), "expected {\"Records\": [...]}");
  EXPECT_EQ(problem_of(R"({"Records":[]})"), "Records: expected 1 to 10,000 records");
  EXPECT_EQ(problem_of(R"({"Records":[7]})"), "Records[0]: expected an object");
  EXPECT_EQ(problem_of(R"({"Records":[{"body":"a"},{}]})"), "Records[1].body: expected a text");
  EXPECT_EQ(problem_of(R"({"Records":[{"body":1}]})"), "Records[0].body: expected a text");
  EXPECT_EQ(problem_of(R"({"Records":[{"body":"a","attributes":{"SentTimestamp":"soon"}}]})"),
            "Records[0].SentTimestamp: expected a number as a text");
  EXPECT_EQ(
      problem_of(R"({"Records":[{"body":"a","messageAttributes":{"k":{"binaryValue":"*"}}}]})"),
      "Records[0].messageAttributes.k.binaryValue: expected base64");
  EXPECT_EQ(problem_of(R"({"Records":[{"body":"a","eventSource":"aws:s3"}]})"),
            "only events of SQS can be given to a function, not of aws:s3");
}

}  // namespace
}  // namespace headrace::functions

#include "functions/worker/batch.hpp"

#include <random>

#include <gtest/gtest.h>

#include "functions/invoke_frame.hpp"
#include "functions/worker_protocol.hpp"
#include "tests/functions/event_builder.hpp"

namespace headrace::functions {
namespace {

std::string view(hr_str text) { return {text.ptr, text.len}; }

// The payload as it arrives: the frame without its header, then the bodies.
std::string payload_of(const Event& event) {
  InvokeHead head;
  head.request_id = "req-1";
  head.function_arn = "arn:f";
  head.deadline_ms = 77;
  head.remaining_ms = 3000;
  std::string payload = encode_invoke_frame(head, event).substr(kFrameHeaderBytes);
  for (const Record& record : event.records) payload += record.body;
  return payload;
}

Event full_event() {
  Event event = make_event({"first", "", "third"});
  event.records[0].attributes = {{"a", "String", "text", AttributeKind::kText},
                                 {"b", "Binary", std::string("\0\1", 2), AttributeKind::kBinary}};
  event.records[2].attributes = {{"c", "Number", "6", AttributeKind::kText}};
  event.records[2].group_id = "g";
  return event;
}

TEST(Batch, RecordsArriveAsTheyWereSent) {
  const std::string payload = payload_of(full_event());
  worker::Batch batch;
  ASSERT_TRUE(batch.decode(payload));
  EXPECT_EQ(view(batch.request_id), "req-1");
  EXPECT_EQ(view(batch.function_arn), "arn:f");
  EXPECT_EQ(batch.deadline_ms, 77);
  EXPECT_EQ(batch.remaining_ms, 3000);
  ASSERT_EQ(batch.view.count, 3U);
  const hr_record& first = *hr_record_at(&batch.view, 0);
  EXPECT_EQ(view(first.body), "first");
  EXPECT_EQ(view(first.message_id), "2e1424d4-f796-459a-8184-9c92662be6da");
  EXPECT_EQ(first.sent_ms, 1545082650636);
  ASSERT_EQ(first.attr_count, 2U);
  EXPECT_EQ(view(hr_attr_at(&batch.view, &first, 1)->value), std::string("\0\1", 2));
  EXPECT_EQ(hr_attr_at(&batch.view, &first, 1)->flags, HR_ATTR_BINARY);
  EXPECT_EQ(hr_record_at(&batch.view, 1)->body.len, 0U);
  const hr_record& third = *hr_record_at(&batch.view, 2);
  EXPECT_EQ(view(third.body), "third");
  EXPECT_EQ(view(third.group_id), "g");
  EXPECT_EQ(view(hr_attr_at(&batch.view, &third, 0)->name), "c");
}

TEST(Batch, ShortPayloadIsRefused) {
  const std::string payload = payload_of(full_event());
  worker::Batch batch;
  for (std::size_t size = 0; size < payload.size(); ++size) {
    const std::string cut = payload.substr(0, size);
    EXPECT_FALSE(batch.decode(cut)) << size;
  }
  const std::string longer = payload + "x";
  EXPECT_FALSE(batch.decode(longer));
}

TEST(Batch, DamagedPayloadIsTolerated) {
  const std::string payload = payload_of(full_event());
  std::mt19937 random(11);
  worker::Batch batch;
  for (int round = 0; round < 5000; ++round) {
    std::string damaged = payload;
    for (int i = 0; i < 3; ++i) damaged[random() % damaged.size()] = static_cast<char>(random());
    batch.decode(damaged);
  }
}

// A handler built with a larger record steps through the array of a server that has it, too.
TEST(Batch, StrideCarriesOldHandlersOverGrownRecords) {
  struct GrownRecord {
    hr_record known;
    std::int64_t added;
  };
  GrownRecord records[2] = {};
  records[1].known.body = {"second", 6};
  hr_batch batch{};
  batch.records = &records[0].known;
  batch.record_stride = sizeof(GrownRecord);
  EXPECT_EQ(view(hr_record_at(&batch, 1)->body), "second");
}

}  // namespace
}  // namespace headrace::functions

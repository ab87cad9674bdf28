// Events for tests, short to write.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/codec.hpp"
#include "functions/event.hpp"

namespace headrace::functions {

inline Record make_record(std::string body) {
  Record record;
  record.md5_of_body = hex(md5(body));
  record.body = std::move(body);
  record.message_id = "2e1424d4-f796-459a-8184-9c92662be6da";
  record.receipt_handle = "AQEBzWwaftRI0KuVm4tP";
  record.sender_id = "AIDAIENQZJOLO23YVJ4VO";
  record.sent_ms = 1545082650636;
  record.first_received_ms = 1545082650649;
  record.receive_count = 1;
  return record;
}

inline Event make_event(const std::vector<std::string>& bodies) {
  Event event;
  event.source_arn = "arn:aws:sqs:us-east-2:123456789012:my-queue";
  event.region = "us-east-2";
  for (const std::string& body : bodies) event.records.push_back(make_record(body));
  return event;
}

}  // namespace headrace::functions

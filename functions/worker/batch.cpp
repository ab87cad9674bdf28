#include "functions/worker/batch.hpp"

#include "functions/worker_protocol.hpp"

namespace headrace::worker {

namespace {

using functions::PayloadReader;

hr_str borrow(std::string_view text) { return {text.data(), text.size()}; }

hr_attr read_attribute(PayloadReader& in) {
  hr_attr attribute{};
  attribute.name = borrow(in.text());
  attribute.data_type = borrow(in.text());
  attribute.value = borrow(in.text());
  attribute.flags = in.number<std::uint32_t>() != 0 ? HR_ATTR_BINARY : 0;
  return attribute;
}

// Only the length of the body is known here: body.len, without body.ptr.
hr_record read_record(PayloadReader& in, std::vector<hr_attr>& attributes) {
  hr_record record{};
  record.message_id = borrow(in.text());
  record.receipt_handle = borrow(in.text());
  record.md5_of_body = borrow(in.text());
  record.md5_of_message_attributes = borrow(in.text());
  record.sender_id = borrow(in.text());
  record.group_id = borrow(in.text());
  record.deduplication_id = borrow(in.text());
  record.sequence_number = borrow(in.text());
  record.trace_header = borrow(in.text());
  record.dead_letter_source_arn = borrow(in.text());
  record.sent_ms = in.number<std::int64_t>();
  record.first_received_ms = in.number<std::int64_t>();
  record.receive_count = in.number<std::uint32_t>();
  record.body.len = in.number<std::uint32_t>();
  record.attr_count = in.number<std::uint32_t>();
  for (std::uint32_t i = 0; in.ok() && i < record.attr_count; ++i) {
    attributes.push_back(read_attribute(in));
  }
  return record;
}

}  // namespace

bool Batch::decode(std::string_view payload) {
  records.clear();
  attributes.clear();
  PayloadReader bodies(payload);
  PayloadReader in(bodies.text());
  request_id = borrow(in.text());
  function_name = borrow(in.text());
  function_version = borrow(in.text());
  function_arn = borrow(in.text());
  trace_id = borrow(in.text());
  deadline_ms = in.number<std::int64_t>();
  remaining_ms = in.number<std::int64_t>();
  view.source_arn = borrow(in.text());
  view.region = borrow(in.text());
  const auto count = in.number<std::uint32_t>();
  for (std::uint32_t i = 0; in.ok() && i < count; ++i) {
    records.push_back(read_record(in, attributes));
    records.back().body = borrow(bodies.take(records.back().body.len));
  }
  if (!in.finished() || !bodies.finished()) return false;
  const hr_attr* next = attributes.data();
  for (hr_record& record : records) {
    record.attrs = next;
    next += record.attr_count;
  }
  view.struct_size = sizeof(hr_batch);
  view.record_stride = sizeof(hr_record);
  view.attr_stride = sizeof(hr_attr);
  view.count = count;
  view.records = records.data();
  return true;
}

}  // namespace headrace::worker

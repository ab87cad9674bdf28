#include "functions/invoke_frame.hpp"

#include "functions/worker_protocol.hpp"

namespace headrace::functions {

namespace {

void append_record(PayloadWriter& out, const Record& record) {
  out.text(record.message_id).text(record.receipt_handle).text(record.md5_of_body);
  out.text(record.md5_of_message_attributes).text(record.sender_id).text(record.group_id);
  out.text(record.deduplication_id).text(record.sequence_number).text(record.trace_header);
  out.text(record.dead_letter_source_arn);
  out.number(record.sent_ms).number(record.first_received_ms).number(record.receive_count);
  out.number(static_cast<std::uint32_t>(record.body.size()));
  out.number(static_cast<std::uint32_t>(record.attributes.size()));
  for (const MessageAttribute& attribute : record.attributes) {
    const std::uint32_t binary = attribute.kind == AttributeKind::kBinary ? 1 : 0;
    out.text(attribute.name).text(attribute.data_type).text(attribute.value).number(binary);
  }
}

}  // namespace

std::string encode_invoke_frame(const InvokeHead& head, const Event& event) {
  std::string payload;
  PayloadWriter out(payload);
  out.text(head.request_id).text(head.function_name).text(head.function_version);
  out.text(head.function_arn).text(head.trace_id);
  out.number(head.deadline_ms).number(head.remaining_ms);
  out.text(event.source_arn).text(event.region);
  out.number(static_cast<std::uint32_t>(event.records.size()));
  std::size_t body_bytes = 0;
  for (const Record& record : event.records) {
    append_record(out, record);
    body_bytes += record.body.size();
  }

  std::string frame;
  frame.reserve(payload.size() + kFrameHeaderBytes + sizeof(std::uint32_t));
  const std::size_t head_size = sizeof(std::uint32_t) + payload.size();
  append_frame_header(frame, FrameType::kInvoke, head_size + body_bytes);
  PayloadWriter(frame).number(static_cast<std::uint32_t>(payload.size()));
  frame += payload;
  return frame;
}

}  // namespace headrace::functions

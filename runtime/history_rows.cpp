#include "runtime/history_rows.hpp"

#include <cstring>

#include "base/codec.hpp"

namespace headrace::runtime {

namespace {

void add_failures(InvocationRow& row, const BatchOutcome& outcome) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < outcome.failures.size(); ++i) {
    if (!outcome.failures[i]) continue;
    std::string text = bounded_utf8(*outcome.failures[i], kHistoryTextBytesMax);
    bytes += text.size();
    if (bytes > kHistoryTextsBytesMax) text.clear();
    row.failures.emplace_back(static_cast<std::uint32_t>(i), std::move(text));
  }
}

struct SizeOf {
  std::size_t operator()(const InvocationRow& row) const {
    std::size_t bytes = sizeof row + row.request_id.size() + row.function.size() +
                        row.version.size() + row.queue.size() + row.error.size() +
                        row.messages.size();
    for (const auto& failure : row.failures) bytes += sizeof failure + failure.second.size();
    return bytes;
  }
  std::size_t operator()(const MoveRow& row) const {
    return sizeof row + row.from_queue.size() + row.to_queue.size();
  }
};

}  // namespace

std::size_t size_of(const HistoryRow& row) { return std::visit(SizeOf(), row); }

void pack_message(std::string& out, const PackedMessage& message) {
  char bytes[kPackedMessageBytes];
  const std::int64_t sent = to_epoch_ms(message.sent);
  const std::uint64_t sequence = message.sequence.value();
  std::memcpy(bytes, message.id.data(), 16);
  std::memcpy(bytes + 16, &sent, 8);
  std::memcpy(bytes + 24, &sequence, 8);
  out.append(bytes, sizeof bytes);
}

PackedMessage unpack_message(std::string_view bytes) {
  PackedMessage message;
  std::int64_t sent = 0;
  std::uint64_t sequence = 0;
  std::memcpy(message.id.data(), bytes.data(), 16);
  std::memcpy(&sent, bytes.data() + 16, 8);
  std::memcpy(&sequence, bytes.data() + 24, 8);
  message.sent = from_epoch_ms(sent);
  message.sequence = queue::Sequence(sequence);
  return message;
}

InvocationRow row_of(const queue::QueueAddress& queue,
                     const std::vector<queue::ReceivedMessage>& messages, TimePoint ended) {
  InvocationRow row;
  row.ended = ended;
  row.queue = to_arn(queue);
  row.messages.reserve(messages.size() * kPackedMessageBytes);
  for (const queue::ReceivedMessage& message : messages) {
    row.queue_id = message.place.queue;
    pack_message(row.messages,
                 PackedMessage{message.message_id, message.sent, message.place.sequence});
  }
  return row;
}

InvocationRow row_of(const queue::QueueAddress& queue,
                     const std::vector<queue::ReceivedMessage>& messages, TimePoint ended,
                     const InvocationReport& report) {
  InvocationRow row = row_of(queue, messages, ended);
  row.duration_us = report.result.duration_us;
  row.request_id = report.request_id;
  row.function = report.config.name;
  row.version = report.result.version.empty() ? report.config.version : report.result.version;
  if (report.outcome.function_error) {
    row.outcome = AttemptOutcome::kFailed;
    row.error = bounded_utf8(report.outcome.failures.front().value_or(""), kHistoryTextBytesMax);
  } else {
    add_failures(row, report.outcome);
  }
  return row;
}

MoveRow row_of(const queue::MessageMove& move) {
  MoveRow row;
  row.kind = move.kind;
  row.time = move.time;
  row.from = move.from;
  row.to = move.to;
  row.from_queue = to_arn(move.from_queue);
  row.to_queue = to_arn(move.to_queue);
  row.new_id = move.new_id;
  row.receive_count = move.receive_count;
  row.max_receive_count = move.max_receive_count;
  return row;
}

}  // namespace headrace::runtime

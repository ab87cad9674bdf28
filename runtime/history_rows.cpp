#include "runtime/history_rows.hpp"

#include <algorithm>
#include <cstring>

#include "base/codec.hpp"
#include "queue/bytes.hpp"

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

enum class RowKind : std::uint8_t { kInvocation, kMove };

void put(queue::ByteWriter& out, const queue::Place& place) {
  out.put(place.queue.value());
  out.put(place.sequence.value());
}

queue::Place take_place(queue::ByteReader& in) {
  const queue::QueueId queue(in.take<std::uint64_t>());
  return queue::Place{queue, queue::Sequence(in.take<std::uint64_t>())};
}

AttemptOutcome take_outcome(queue::ByteReader& in) {
  const auto last = static_cast<std::uint8_t>(AttemptOutcome::kFiltered);
  return static_cast<AttemptOutcome>(std::min(in.take<std::uint8_t>(), last));
}

InvocationRow take_invocation(queue::ByteReader& in) {
  InvocationRow row;
  row.ended = queue::take_time(in);
  row.duration_us = in.take<std::int64_t>();
  row.outcome = take_outcome(in);
  row.queue_id = queue::QueueId(in.take<std::uint64_t>());
  for (std::string* text :
       {&row.request_id, &row.function, &row.version, &row.queue, &row.error, &row.messages}) {
    *text = in.take_text();
  }
  while (!in.at_end()) {
    const auto position = in.take<std::uint32_t>();
    row.failures.emplace_back(position, in.take_text());
  }
  return row;
}

MoveRow take_move(queue::ByteReader& in) {
  MoveRow row;
  const auto redriven = static_cast<std::uint8_t>(queue::MoveKind::kRedriven);
  const bool is_redriven = in.take<std::uint8_t>() == redriven;
  row.kind = is_redriven ? queue::MoveKind::kRedriven : queue::MoveKind::kDeadLettered;
  row.time = queue::take_time(in);
  row.from = take_place(in);
  row.to = take_place(in);
  row.from_queue = in.take_text();
  row.to_queue = in.take_text();
  row.new_id = in.take_array<16>();
  row.receive_count = in.take<std::int64_t>();
  row.max_receive_count = in.take<std::int64_t>();
  return row;
}

// Counts in the row whose bytes begin there, with its length, which was not known.
void close_row(HistoryChunk& chunk, std::size_t begin, TimePoint time) {
  const auto length = static_cast<std::uint32_t>(chunk.rows.size() - begin - sizeof(std::uint32_t));
  std::memcpy(chunk.rows.data() + begin, &length, sizeof length);
  chunk.count += 1;
  chunk.oldest = std::min(chunk.oldest, time);
  chunk.newest = std::max(chunk.newest, time);
}

}  // namespace

void HistoryChunk::add(const InvocationRow& row) {
  const std::size_t begin = rows.size();
  queue::ByteWriter out(rows);
  out.put(std::uint32_t{0});
  out.put(static_cast<std::uint8_t>(RowKind::kInvocation));
  queue::put_time(out, row.ended);
  out.put(row.duration_us);
  out.put(static_cast<std::uint8_t>(row.outcome));
  out.put(row.queue_id.value());
  for (const std::string* text :
       {&row.request_id, &row.function, &row.version, &row.queue, &row.error, &row.messages}) {
    out.put_text(*text);
  }
  for (const auto& [position, text] : row.failures) {
    out.put(position);
    out.put_text(text);
  }
  close_row(*this, begin, row.ended);
}

void HistoryChunk::add(const MoveRow& row) {
  const std::size_t begin = rows.size();
  queue::ByteWriter out(rows);
  out.put(std::uint32_t{0});
  out.put(static_cast<std::uint8_t>(RowKind::kMove));
  out.put(static_cast<std::uint8_t>(row.kind));
  queue::put_time(out, row.time);
  put(out, row.from);
  put(out, row.to);
  out.put_text(row.from_queue);
  out.put_text(row.to_queue);
  out.put(row.new_id);
  out.put(row.receive_count);
  out.put(row.max_receive_count);
  close_row(*this, begin, row.time);
}

std::optional<HistoryRow> take_row(std::string_view& rows) {
  queue::ByteReader chunk(rows);
  queue::ByteReader in(chunk.take_text());
  rows.remove_prefix(rows.size() - chunk.left());
  HistoryRow row;
  if (in.take<std::uint8_t>() == static_cast<std::uint8_t>(RowKind::kMove)) {
    row = take_move(in);
  } else {
    row = take_invocation(in);
  }
  if (chunk.failed() || in.failed()) return std::nullopt;
  return row;
}

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

// What the history keeps of the lives of messages, and what it tells of one of them.
//
// Rows are encoded when they are told and stay so, many together, until somebody asks: a batch of
// ten messages then costs a microsecond and half a kilobyte.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "queue/message.hpp"
#include "queue/move_observer.hpp"
#include "runtime/invocation_report.hpp"

namespace headrace::runtime {

// Kept of one error text, and of all those of single messages of one invocation.
inline constexpr std::size_t kHistoryTextBytesMax = 1024;
inline constexpr std::size_t kHistoryTextsBytesMax = std::size_t{64} << 10;

// Of a batch as a whole. The numbers are stored, as are those of queue::MoveKind.
enum class AttemptOutcome : std::uint8_t {
  kHandled = 0,    // but for the messages that failed alone
  kFailed = 1,     // the function failed: every message stays
  kThrottled = 2,  // the function did not run, and the batch was let go
  kFiltered = 3,   // no filter matches: deleted without an invocation
};

// One batch that a mapping was done with.
struct InvocationRow {
  TimePoint ended;
  std::int64_t duration_us = 0;
  AttemptOutcome outcome = AttemptOutcome::kHandled;
  std::string request_id;  // empty when the function did not run
  std::string function;
  std::string version;
  std::string queue;  // its ARN
  queue::QueueId queue_id;
  std::string error;     // of the batch as a whole
  std::string messages;  // packed, see pack_message
  // Messages that failed alone: where they stand in the batch, and why.
  std::vector<std::pair<std::uint32_t, std::string>> failures;
};

struct MoveRow {
  queue::MoveKind kind = queue::MoveKind::kDeadLettered;
  TimePoint time;
  queue::Place from;
  queue::Place to;
  std::string from_queue;  // ARNs
  std::string to_queue;
  Uuid new_id{};
  std::int64_t receive_count = 0;
  std::int64_t max_receive_count = 0;
};

using HistoryRow = std::variant<InvocationRow, MoveRow>;

// Rows as they are written together, in the order in which they were told.
struct HistoryChunk {
  std::string rows;  // each with its length before it
  std::size_t count = 0;
  TimePoint oldest = kForever;  // of the times of the rows
  TimePoint newest;

  void add(const InvocationRow& row);
  void add(const MoveRow& row);
  bool empty() const { return count == 0; }
};

// Takes the first row off the bytes of a chunk; nothing when they are at their end or damaged.
std::optional<HistoryRow> take_row(std::string_view& rows);

// One message of an InvocationRow, in kPackedMessageBytes bytes.
struct PackedMessage {
  Uuid id{};
  TimePoint sent;
  queue::Sequence sequence;
};
inline constexpr std::size_t kPackedMessageBytes = 32;
void pack_message(std::string& out, const PackedMessage& message);
PackedMessage unpack_message(std::string_view bytes);  // at least kPackedMessageBytes of them

// A row without its outcome, for a batch from `queue`.
InvocationRow row_of(const queue::QueueAddress& queue,
                     const std::vector<queue::ReceivedMessage>& messages, TimePoint ended);
// The row of a batch that a function was given.
InvocationRow row_of(const queue::QueueAddress& queue,
                     const std::vector<queue::ReceivedMessage>& messages, TimePoint ended,
                     const InvocationReport& report);
MoveRow row_of(const queue::MessageMove& move);

// One message in one batch.
struct Attempt {
  TimePoint started;
  std::int64_t duration_us = 0;
  AttemptOutcome outcome = AttemptOutcome::kHandled;  // of this message
  std::string request_id;
  std::string function;
  std::string version;
  std::string queue;
  std::string error;
};

using LifeEvent = std::variant<Attempt, MoveRow>;

// What the history knows of a message, under all ids it had.
struct MessageLife {
  std::vector<Uuid> ids;  // the one asked for first
  std::vector<queue::Place> places;
  std::deque<LifeEvent> events;          // oldest first
  std::optional<TimePoint> sent;         // for the first time
  std::optional<TimePoint> known_since;  // the oldest row of all; empty when there is none
};

}  // namespace headrace::runtime

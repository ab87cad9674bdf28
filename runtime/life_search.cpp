#include "runtime/life_search.hpp"

#include <algorithm>
#include <cstring>

namespace headrace::runtime {

namespace {

// Columns of the two queries below.
enum InvocationColumn {
  kInvocationId,
  kEnded,
  kDuration,
  kOutcome,
  kRequestId,
  kFunction,
  kVersion,
  kQueue,
  kQueueId,
  kError,
  kMessages
};
enum MoveColumn {
  kMoveId,
  kTime,
  kKind,
  kFromQueue,
  kFromId,
  kFromSequence,
  kToQueue,
  kToId,
  kToSequence,
  kNewId,
  kReceiveCount,
  kMaxReceiveCount
};

std::uint64_t unsigned_of(std::int64_t value) { return static_cast<std::uint64_t>(value); }

queue::Place place_of(std::int64_t queue, std::int64_t sequence) {
  return queue::Place{queue::QueueId(unsigned_of(queue)), queue::Sequence(unsigned_of(sequence))};
}

MoveRow move_of(const SqliteStatement& row) {
  MoveRow move;
  const bool redriven = row.number(kKind) == static_cast<std::int64_t>(queue::MoveKind::kRedriven);
  move.kind = redriven ? queue::MoveKind::kRedriven : queue::MoveKind::kDeadLettered;
  move.time = from_epoch_ms(row.number(kTime));
  move.from = place_of(row.number(kFromId), row.number(kFromSequence));
  move.to = place_of(row.number(kToId), row.number(kToSequence));
  move.from_queue = row.text(kFromQueue);
  move.to_queue = row.text(kToQueue);
  const std::string_view id = row.bytes(kNewId);
  std::copy_n(id.begin(), std::min(id.size(), move.new_id.size()), move.new_id.begin());
  move.receive_count = row.number(kReceiveCount);
  move.max_receive_count = row.number(kMaxReceiveCount);
  return move;
}

AttemptOutcome outcome_of(std::int64_t stored) {
  const bool known = stored >= 0 && stored <= static_cast<int>(AttemptOutcome::kFiltered);
  return known ? static_cast<AttemptOutcome>(stored) : AttemptOutcome::kFailed;
}

TimePoint time_of(const LifeEvent& event) {
  const auto* attempt = std::get_if<Attempt>(&event);
  return attempt != nullptr ? attempt->started : std::get<MoveRow>(event).time;
}

}  // namespace

LifeSearch::LifeSearch(SqliteDatabase& database, const LifeQuery& query) : database_(database) {
  for (const Uuid& id : query.ids) learn(id);
  for (const queue::Place& place : query.places) learn(place);
}

Result<MessageLife> LifeSearch::run() {
  auto failure =
      database_.prepare("SELECT error FROM failure WHERE invocation = ? AND position = ?");
  if (!failure) return failure.error();
  failure_ = std::move(*failure);
  if (const Status read_back = read(Direction::kBack); !read_back) return read_back.error();
  if (const Status read_on = read(Direction::kOn); !read_on) return read_on.error();
  std::stable_sort(life_.events.begin(), life_.events.end(),
                   [](const LifeEvent& a, const LifeEvent& b) { return time_of(a) < time_of(b); });
  return std::move(life_);
}

// Invocations and moves in the one order in which they were written.
Status LifeSearch::read(Direction direction) {
  const bool back = direction == Direction::kBack;
  const std::string order = back ? " ORDER BY id DESC" : " ORDER BY id";
  auto invocations = database_.prepare(
      "SELECT id, ended_ms, duration_us, outcome, request_id, function, version, queue, queue_id,"
      " error, messages FROM invocation" +
      order);
  if (!invocations) return invocations.error();
  auto moves = database_.prepare(
      "SELECT id, time_ms, kind, from_queue, from_id, from_sequence, to_queue, to_id, to_sequence,"
      " new_id, receive_count, max_receive_count FROM move" +
      order);
  if (!moves) return moves.error();
  Result<bool> invocation = invocations->step();
  Result<bool> move = moves->step();
  while (invocation && move && (*invocation || *move)) {
    const bool both = *invocation && *move;
    const bool invocation_first = invocations->number(kInvocationId) < moves->number(kMoveId);
    if (both ? invocation_first != back : *invocation) {
      if (const Status seen = look_at_invocation(*invocations, direction); !seen) return seen;
      invocation = invocations->step();
    } else {
      look_at_move(*moves, direction);
      move = moves->step();
    }
  }
  if (!invocation) return invocation.error();
  if (!move) return move.error();
  return {};
}

Status LifeSearch::look_at_invocation(const SqliteStatement& row, Direction direction) {
  const std::string_view messages = row.bytes(kMessages);
  const queue::QueueId queue(unsigned_of(row.number(kQueueId)));
  for (std::size_t i = 0; (i + 1) * kPackedMessageBytes <= messages.size(); ++i) {
    const PackedMessage message = unpack_message(messages.substr(i * kPackedMessageBytes));
    const queue::Place place{queue, message.sequence};
    if (!knows(message.id) && !knows(place)) continue;
    learn(message.id);
    learn(place);
    life_.sent = std::min(life_.sent.value_or(message.sent), message.sent);
    if (direction == Direction::kBack) continue;
    if (const Status taken = take_down(row, i); !taken) return taken;
  }
  return {};
}

Status LifeSearch::take_down(const SqliteStatement& row, std::size_t position) {
  Attempt attempt;
  attempt.duration_us = row.number(kDuration);
  attempt.started = from_epoch_ms(row.number(kEnded)) - Duration(attempt.duration_us / 1000);
  attempt.outcome = outcome_of(row.number(kOutcome));
  attempt.request_id = row.text(kRequestId);
  attempt.function = row.text(kFunction);
  attempt.version = row.text(kVersion);
  attempt.queue = row.text(kQueue);
  attempt.error = row.text(kError);
  failure_.bind(0, row.number(kInvocationId));
  failure_.bind(1, static_cast<std::int64_t>(position));
  const Result<bool> alone = failure_.step();
  if (alone && *alone) {
    attempt.outcome = AttemptOutcome::kFailed;
    attempt.error = failure_.text(0);
  }
  failure_.reset();
  if (!alone) return alone.error();
  take_down(std::move(attempt));
  return {};
}

void LifeSearch::look_at_move(const SqliteStatement& row, Direction direction) {
  const MoveRow move = move_of(row);
  const bool redriven = move.kind == queue::MoveKind::kRedriven;
  const bool arrived = knows(move.to) || (redriven && knows(move.new_id));
  if (direction == Direction::kBack) {
    if (arrived) learn(move.from);
    return;
  }
  if (!arrived && !knows(move.from)) return;
  learn(move.to);
  if (redriven) learn(move.new_id);
  take_down(move);
}

void LifeSearch::take_down(LifeEvent event) {
  if (life_.events.size() == HistoryStore::kEventsMax) life_.events.erase(life_.events.begin());
  life_.events.push_back(std::move(event));
}

void LifeSearch::learn(const Uuid& id) {
  if (!knows(id) && life_.ids.size() < HistoryStore::kNamesMax) life_.ids.push_back(id);
}

void LifeSearch::learn(const queue::Place& place) {
  if (!knows(place) && life_.places.size() < HistoryStore::kNamesMax) life_.places.push_back(place);
}

bool LifeSearch::knows(const Uuid& id) const {
  return std::find(life_.ids.begin(), life_.ids.end(), id) != life_.ids.end();
}

bool LifeSearch::knows(const queue::Place& place) const {
  return std::find(life_.places.begin(), life_.places.end(), place) != life_.places.end();
}

}  // namespace headrace::runtime

#include "runtime/life_search.hpp"

#include <algorithm>

#include "base/codec.hpp"

namespace headrace::runtime {

namespace {

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
  if (const Status read_back = read(Direction::kBack); !read_back) return read_back.error();
  if (const Status read_on = read(Direction::kOn); !read_on) return read_on.error();
  std::stable_sort(life_.events.begin(), life_.events.end(),
                   [](const LifeEvent& a, const LifeEvent& b) { return time_of(a) < time_of(b); });
  return std::move(life_);
}

Status LifeSearch::read(Direction direction) {
  auto chunks = database_.prepare(direction == Direction::kBack
                                      ? "SELECT crc, rows FROM chunk ORDER BY id DESC"
                                      : "SELECT crc, rows FROM chunk ORDER BY id");
  if (!chunks) return chunks.error();
  Result<bool> chunk = chunks->step();
  while (chunk && *chunk) {
    const Result<std::string_view> rows = chunks->bytes(1);
    if (!rows) return rows.error();
    if (crc32c(*rows) != chunks->number(0)) {
      return Error{ErrorCode::kCorrupt, "a chunk of rows is damaged"};
    }
    if (const Status read = read_chunk(*rows, direction); !read) return read;
    chunk = chunks->step();
  }
  if (!chunk) return chunk.error();
  return {};
}

Status LifeSearch::read_chunk(std::string_view rows, Direction direction) {
  std::vector<HistoryRow> taken;
  while (!rows.empty()) {
    std::optional<HistoryRow> row = take_row(rows);
    if (!row) return Error{ErrorCode::kCorrupt, "a row is damaged"};
    taken.push_back(std::move(*row));
  }
  if (direction == Direction::kBack) std::reverse(taken.begin(), taken.end());
  for (const HistoryRow& row : taken) {
    std::visit([this, direction](const auto& one) { look_at(one, direction); }, row);
  }
  return {};
}

void LifeSearch::look_at(const InvocationRow& row, Direction direction) {
  const std::string_view messages = row.messages;
  const std::size_t count = messages.size() / kPackedMessageBytes;
  for (std::size_t i = 0; i < count; ++i) {
    const PackedMessage message = unpack_message(messages.substr(i * kPackedMessageBytes));
    const queue::Place place{row.queue_id, message.sequence};
    if (!knows(message.id) && !knows(place)) continue;
    learn(message.id);
    learn(place);
    life_.sent = std::min(life_.sent.value_or(message.sent), message.sent);
    if (direction == Direction::kOn) take_down(row, static_cast<std::uint32_t>(i));
  }
}

void LifeSearch::take_down(const InvocationRow& row, std::uint32_t position) {
  Attempt attempt;
  attempt.started = row.ended - Duration(row.duration_us / 1000);
  attempt.duration_us = row.duration_us;
  attempt.outcome = row.outcome;
  attempt.request_id = row.request_id;
  attempt.function = row.function;
  attempt.version = row.version;
  attempt.queue = row.queue;
  attempt.error = row.error;
  for (const auto& [failed, error] : row.failures) {
    if (failed != position) continue;
    attempt.outcome = AttemptOutcome::kFailed;
    attempt.error = error;
  }
  take_down(std::move(attempt));
}

void LifeSearch::look_at(const MoveRow& row, Direction direction) {
  const bool redriven = row.kind == queue::MoveKind::kRedriven;
  const bool arrived = knows(row.to) || (redriven && knows(row.new_id));
  if (direction == Direction::kBack) {
    if (arrived) learn(row.from);
    return;
  }
  if (!arrived && !knows(row.from)) return;
  learn(row.to);
  if (redriven) learn(row.new_id);
  take_down(row);
}

void LifeSearch::take_down(LifeEvent event) {
  if (life_.events.size() == HistoryStore::kEventsMax) life_.events.pop_front();
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

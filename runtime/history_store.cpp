#include "runtime/history_store.hpp"

#include <algorithm>

#include "runtime/life_search.hpp"

namespace headrace::runtime {

namespace {

constexpr std::int64_t kFormat = 1;

// Nothing waits for the disk: after a power cut the file may be damaged, and is begun anew.
constexpr const char* kSettings =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -512;"
    "PRAGMA journal_size_limit = 4194304; PRAGMA trusted_schema = OFF;";

constexpr const char* kTables =
    "BEGIN;"
    "CREATE TABLE invocation(id INTEGER PRIMARY KEY, ended_ms INTEGER, duration_us INTEGER,"
    "  outcome INTEGER, request_id TEXT, function TEXT, version TEXT, queue TEXT,"
    "  queue_id INTEGER, error TEXT, messages BLOB);"
    "CREATE TABLE failure(invocation INTEGER, position INTEGER, error TEXT,"
    "  PRIMARY KEY(invocation, position)) WITHOUT ROWID;"
    "CREATE TABLE move(id INTEGER PRIMARY KEY, time_ms INTEGER, kind INTEGER, from_queue TEXT,"
    "  from_id INTEGER, from_sequence INTEGER, to_queue TEXT, to_id INTEGER, to_sequence INTEGER,"
    "  new_id BLOB, receive_count INTEGER, max_receive_count INTEGER);"
    "PRAGMA user_version = 1;"
    "COMMIT;";

// Of all rows, how much goes at one time when there are too many.
constexpr std::int64_t kRemovedShare = 16;

std::int64_t signed_of(std::uint64_t value) { return static_cast<std::int64_t>(value); }

std::string_view bytes_of(const Uuid& id) {
  return {reinterpret_cast<const char*>(id.data()), id.size()};
}

}  // namespace

Result<std::unique_ptr<HistoryStore>> HistoryStore::open(const std::string& path) {
  Result<SqliteDatabase> database = SqliteDatabase::open(path);
  if (!database) return database.error();
  std::unique_ptr<HistoryStore> store(new HistoryStore(std::move(*database)));
  const Status prepared = store->prepare();
  if (!prepared) return prepared.error();
  return store;
}

Status HistoryStore::prepare() {
  if (const Status set = database_.run(kSettings); !set) return set;
  const Result<std::int64_t> tables = database_.number("SELECT count(*) FROM sqlite_schema");
  if (!tables) return tables.error();
  if (*tables == 0) {
    if (const Status made = database_.run(kTables); !made) return made;
  }
  const Result<std::int64_t> format = database_.number("PRAGMA user_version");
  if (!format) return format.error();
  if (*format != kFormat) return Error{ErrorCode::kCorrupt, "written by another version"};
  const Result<std::int64_t> sound =
      database_.number("SELECT count(*) FROM pragma_quick_check(1) WHERE quick_check = 'ok'");
  if (!sound) return sound.error();
  if (*sound != 1) return Error{ErrorCode::kCorrupt, "the database is damaged"};
  const Result<std::int64_t> last = database_.number(
      "SELECT max((SELECT ifnull(max(id), 0) FROM invocation),"
      "           (SELECT ifnull(max(id), 0) FROM move))");
  if (!last) return last.error();
  last_id_ = *last;

  const std::pair<SqliteStatement*, const char*> statements[] = {
      {&add_invocation_, "INSERT INTO invocation VALUES(?,?,?,?,?,?,?,?,?,?,?)"},
      {&add_failure_, "INSERT INTO failure VALUES(?,?,?)"},
      {&add_move_, "INSERT INTO move VALUES(?,?,?,?,?,?,?,?,?,?,?,?)"}};
  for (const auto& [statement, sql] : statements) {
    Result<SqliteStatement> prepared = database_.prepare(sql);
    if (!prepared) return Error{ErrorCode::kCorrupt, prepared.error().message};
    *statement = std::move(*prepared);
  }
  return {};
}

Status HistoryStore::write(const std::vector<HistoryRow>& rows, const Bounds& bounds) {
  if (const Status begun = database_.run("BEGIN"); !begun) return begun;
  Status written = write_all(rows, bounds);
  if (written) written = database_.run("COMMIT");
  if (!written) {
    const Status undone = database_.run("ROLLBACK");
    static_cast<void>(undone);  // some errors have done so already
  }
  return written;
}

Status HistoryStore::write_all(const std::vector<HistoryRow>& rows, const Bounds& bounds) {
  for (const HistoryRow& row : rows) {
    const Status added = std::visit([this](const auto& one) { return add(one); }, row);
    if (!added) return added;
  }
  if (const Status removed = remove_older(bounds.oldest); !removed) return removed;
  return remove_above(bounds.bytes_max);
}

Status HistoryStore::add(const InvocationRow& row) {
  const std::int64_t id = ++last_id_;
  add_invocation_.bind(0, id);
  add_invocation_.bind(1, to_epoch_ms(row.ended));
  add_invocation_.bind(2, row.duration_us);
  add_invocation_.bind(3, static_cast<std::int64_t>(row.outcome));
  add_invocation_.bind_text(4, row.request_id);
  add_invocation_.bind_text(5, row.function);
  add_invocation_.bind_text(6, row.version);
  add_invocation_.bind_text(7, row.queue);
  add_invocation_.bind(8, signed_of(row.queue_id.value()));
  add_invocation_.bind_text(9, row.error);
  add_invocation_.bind_bytes(10, row.messages);
  Status added = add_invocation_.run();
  for (std::size_t i = 0; i < row.failures.size() && added; ++i) {
    add_failure_.bind(0, id);
    add_failure_.bind(1, row.failures[i].first);
    add_failure_.bind_text(2, row.failures[i].second);
    added = add_failure_.run();
  }
  return added;
}

Status HistoryStore::add(const MoveRow& row) {
  add_move_.bind(0, ++last_id_);
  add_move_.bind(1, to_epoch_ms(row.time));
  add_move_.bind(2, static_cast<std::int64_t>(row.kind));
  add_move_.bind_text(3, row.from_queue);
  add_move_.bind(4, signed_of(row.from.queue.value()));
  add_move_.bind(5, signed_of(row.from.sequence.value()));
  add_move_.bind_text(6, row.to_queue);
  add_move_.bind(7, signed_of(row.to.queue.value()));
  add_move_.bind(8, signed_of(row.to.sequence.value()));
  add_move_.bind_bytes(9, bytes_of(row.new_id));
  add_move_.bind(10, row.receive_count);
  add_move_.bind(11, row.max_receive_count);
  return add_move_.run();
}

// Reads what is too old, and the first that is not.
Status HistoryStore::remove_older(TimePoint oldest) {
  const std::string now = std::to_string(to_epoch_ms(oldest));
  const std::string first_kept =
      "SELECT min(ifnull((SELECT id FROM invocation WHERE ended_ms >= " + now +
      " ORDER BY id LIMIT 1), " + std::to_string(INT64_MAX) +
      "), ifnull((SELECT id FROM move WHERE time_ms >= " + now + " ORDER BY id LIMIT 1), " +
      std::to_string(INT64_MAX) + "))";
  const Result<std::int64_t> id = database_.number(first_kept);
  if (!id) return id.error();
  return remove_before(*id);
}

Status HistoryStore::remove_above(std::int64_t bytes_max) {
  Result<std::int64_t> used = used_bytes();
  Result<std::int64_t> first = 0;
  while (used && *used > bytes_max) {
    first = database_.number(
        "SELECT min(ifnull((SELECT min(id) FROM invocation), 9223372036854775807),"
        "           ifnull((SELECT min(id) FROM move), 9223372036854775807))");
    if (!first) return first.error();
    if (*first > last_id_) return {};  // no row is left
    const std::int64_t removed = (last_id_ - *first) / kRemovedShare + 1;
    if (const Status done = remove_before(*first + removed); !done) return done;
    used = used_bytes();
  }
  if (!used) return used.error();
  return {};
}

Status HistoryStore::remove_before(std::int64_t id) {
  const std::string limit = std::to_string(id);
  return database_.run(("DELETE FROM invocation WHERE id < " + limit +
                        ";DELETE FROM failure WHERE invocation < " + limit +
                        ";DELETE FROM move WHERE id < " + limit)
                           .c_str());
}

// Without what removed rows have left free.
Result<std::int64_t> HistoryStore::used_bytes() {
  const Result<std::int64_t> pages = database_.number("PRAGMA page_count");
  if (!pages) return pages.error();
  const Result<std::int64_t> free = database_.number("PRAGMA freelist_count");
  if (!free) return free.error();
  const Result<std::int64_t> page_bytes = database_.number("PRAGMA page_size");
  if (!page_bytes) return page_bytes.error();
  return (*pages - *free) * *page_bytes;
}

Result<std::optional<TimePoint>> HistoryStore::known_since() {
  const Result<std::int64_t> time = database_.number(
      "SELECT time FROM (SELECT id, ended_ms AS time FROM (SELECT id, ended_ms FROM invocation"
      "  ORDER BY id LIMIT 1)"
      " UNION ALL SELECT id, time_ms FROM (SELECT id, time_ms FROM move ORDER BY id LIMIT 1))"
      " ORDER BY id LIMIT 1");
  if (!time) return time.error();
  std::optional<TimePoint> since;
  if (*time > 0) since = from_epoch_ms(*time);
  return since;
}

Result<MessageLife> HistoryStore::find(const LifeQuery& query) {
  LifeSearch search(database_, query);
  Result<MessageLife> life = search.run();
  if (!life) return life;
  const Result<std::optional<TimePoint>> since = known_since();
  if (!since) return since.error();
  life->known_since = *since;
  return life;
}

}  // namespace headrace::runtime

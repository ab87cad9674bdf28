#include "runtime/history_store.hpp"

#include "base/codec.hpp"
#include "runtime/life_search.hpp"

namespace headrace::runtime {

namespace {

constexpr std::int64_t kFormat = 1;

// Nothing waits for the disk: after a power cut the file may be damaged, and is begun anew.
constexpr const char* kSettings =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA cache_size = -512;"
    "PRAGMA journal_size_limit = 4194304; PRAGMA secure_delete = OFF; PRAGMA trusted_schema = OFF;";

constexpr const char* kTables =
    "BEGIN;"
    "CREATE TABLE chunk(id INTEGER PRIMARY KEY, oldest_ms INTEGER, newest_ms INTEGER,"
    "  crc INTEGER, rows BLOB);"
    "PRAGMA user_version = 1;"
    "COMMIT;";

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
  return {};
}

Status HistoryStore::write(const HistoryChunk& chunk, const Bounds& bounds) {
  if (const Status begun = database_.run("BEGIN"); !begun) return begun;
  Status written = add(chunk);
  if (written) written = remove_beyond(bounds);
  if (written) written = database_.run("COMMIT");
  if (!written) {
    const Status undone = database_.run("ROLLBACK");
    static_cast<void>(undone);  // some errors have done so already
  }
  return written;
}

Status HistoryStore::add(const HistoryChunk& chunk) {
  if (chunk.empty()) return {};
  auto insert =
      database_.prepare("INSERT INTO chunk(oldest_ms, newest_ms, crc, rows) VALUES (?, ?, ?, ?)");
  if (!insert) return insert.error();
  insert->bind(0, to_epoch_ms(chunk.oldest));
  insert->bind(1, to_epoch_ms(chunk.newest));
  insert->bind(2, crc32c(chunk.rows));
  insert->bind_bytes(3, chunk.rows);
  return insert->run();
}

Status HistoryStore::remove_beyond(const Bounds& bounds) {
  auto remove = database_.prepare(
      "DELETE FROM chunk WHERE id < ifnull((SELECT id FROM chunk WHERE newest_ms >= ?"
      " ORDER BY id LIMIT 1), 9223372036854775807)");
  if (!remove) return remove.error();
  remove->bind(0, to_epoch_ms(bounds.oldest));
  Status removed = remove->run();
  Result<std::int64_t> used = used_bytes();
  Result<std::int64_t> left = 1;
  while (removed && used && left && *used > bounds.bytes_max && *left > 0) {
    removed = database_.run("DELETE FROM chunk WHERE id = (SELECT min(id) FROM chunk)");
    used = used_bytes();
    left = database_.number("SELECT EXISTS(SELECT 1 FROM chunk)");
  }
  if (!used) return used.error();
  if (!left) return left.error();
  return removed;
}

// Without what removed chunks have left free.
Result<std::int64_t> HistoryStore::used_bytes() {
  return database_.number(
      "SELECT (page_count - freelist_count) * page_size"
      " FROM pragma_page_count, pragma_freelist_count, pragma_page_size");
}

Result<MessageLife> HistoryStore::find(const LifeQuery& query) {
  LifeSearch search(database_, query);
  Result<MessageLife> life = search.run();
  if (!life) return life;
  const Result<std::int64_t> oldest =
      database_.number("SELECT oldest_ms FROM chunk ORDER BY id LIMIT 1");
  if (!oldest) return oldest.error();
  if (*oldest > 0) life->known_since = from_epoch_ms(*oldest);
  return life;
}

}  // namespace headrace::runtime

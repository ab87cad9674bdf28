#include "runtime/sqlite.hpp"

#include <sqlite3.h>

namespace headrace::runtime {

namespace {

Error error_of(sqlite3* database, int code) {
  const int kind = code & 0xff;  // without what the extended codes add
  const bool damaged = kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB;
  const char* text = database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(code);
  return Error{damaged ? ErrorCode::kCorrupt : ErrorCode::kIo, text};
}

}  // namespace

void SqliteStatement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

void SqliteStatement::bind(int place, std::int64_t number) {
  sqlite3_bind_int64(statement_.get(), place + 1, number);
}

void SqliteStatement::bind_bytes(int place, std::string_view bytes) {
  sqlite3_bind_blob64(statement_.get(), place + 1, bytes.data(), bytes.size(), SQLITE_STATIC);
}

Result<bool> SqliteStatement::step() {
  const int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return error_of(sqlite3_db_handle(statement_.get()), code);
}

Status SqliteStatement::run() {
  Result<bool> more = step();
  while (more && *more) more = step();
  if (!more) return more.error();
  return {};
}

std::int64_t SqliteStatement::number(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

Result<std::string_view> SqliteStatement::bytes(int column) const {
  const void* bytes = sqlite3_column_blob(statement_.get(), column);
  if (bytes == nullptr) {  // empty, or there was no memory for it
    sqlite3* const database = sqlite3_db_handle(statement_.get());
    const int code = sqlite3_errcode(database);
    if (code == SQLITE_NOMEM) return error_of(database, code);
    return std::string_view();
  }
  const int size = sqlite3_column_bytes(statement_.get(), column);
  return std::string_view(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

void SqliteDatabase::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

Result<SqliteDatabase> SqliteDatabase::open(const std::string& path) {
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  sqlite3* opened = nullptr;
  const int code =
      sqlite3_open_v2(path.empty() ? ":memory:" : path.c_str(), &opened, kFlags, nullptr);
  SqliteDatabase database;
  database.database_.reset(opened);  // also when it failed
  if (code != SQLITE_OK) return error_of(opened, code);
  return database;
}

Result<SqliteStatement> SqliteDatabase::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                      &statement, nullptr);
  if (code != SQLITE_OK) return error_of(database_.get(), code);
  return SqliteStatement(statement);
}

Status SqliteDatabase::run(const char* sql) {
  const int code = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return error_of(database_.get(), code);
  return {};
}

Result<std::int64_t> SqliteDatabase::number(std::string_view sql) {
  Result<SqliteStatement> statement = prepare(sql);
  if (!statement) return statement.error();
  const Result<bool> row = statement->step();
  if (!row) return row.error();
  return *row ? statement->number(0) : 0;
}

}  // namespace headrace::runtime

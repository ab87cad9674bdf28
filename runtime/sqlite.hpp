// What the history needs of SQLite, with values for errors: kCorrupt when the file is damaged or is
// no database, kIo for the rest. One thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace headrace::runtime {

// A prepared statement; it ends before its database. Columns and what is bound count from 0.
class SqliteStatement {
 public:
  SqliteStatement() = default;
  explicit SqliteStatement(sqlite3_stmt* statement) : statement_(statement) {}

  void bind(int place, std::int64_t number);
  // Borrowed until the statement has run.
  void bind_bytes(int place, std::string_view bytes);

  // True while there is a row.
  Result<bool> step();
  // To its end.
  Status run();

  // Of the row; views hold until the next step.
  std::int64_t number(int column) const;
  Result<std::string_view> bytes(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

class SqliteDatabase {
 public:
  // Made when it is missing; an empty path is a database in memory.
  static Result<SqliteDatabase> open(const std::string& path);

  Result<SqliteStatement> prepare(std::string_view sql);
  // Statements whose rows nobody wants.
  Status run(const char* sql);
  // The first column of the first row; 0 without one.
  Result<std::int64_t> number(std::string_view sql);

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace headrace::runtime

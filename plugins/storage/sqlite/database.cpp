#include "plugins/storage/sqlite/database.hpp"

#include <sqlite3.h>

namespace belfry::sqlite {

bool SqlError::is_damage() const {
    return primary() == SQLITE_CORRUPT || primary() == SQLITE_NOTADB;
}

Rows::~Rows() { statement_.reset(); }

bool Rows::next() { return statement_.step(); }

std::int64_t Rows::number(int column) const {
    return sqlite3_column_int64(statement_.statement_, column);
}

std::string_view Rows::text(int column) const {
    const auto* bytes =
        static_cast<const char*>(sqlite3_column_blob(statement_.statement_, column));
    const int size = sqlite3_column_bytes(statement_.statement_, column);
    return bytes == nullptr ? std::string_view{}
                            : std::string_view(bytes, static_cast<std::size_t>(size));
}

Statement::Statement(SQLite::Database& database, std::string_view sql)
    : database_(database.getHandle()) {
    const int code = sqlite3_prepare_v3(database_, sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
    if (code != SQLITE_OK) {
        raise(code);
    }
}

Statement::~Statement() { sqlite3_finalize(statement_); }

void Statement::bind(int at, std::string_view text) {
    // A null pointer would bind NULL.
    const char* bytes = text.data() == nullptr ? "" : text.data();
    const int code =
        sqlite3_bind_text64(statement_, at, bytes, text.size(), SQLITE_STATIC, SQLITE_UTF8);
    if (code != SQLITE_OK) {
        raise(code);
    }
}

void Statement::bind(int at, Blob blob) {
    const char* bytes = blob.bytes.data() == nullptr ? "" : blob.bytes.data();
    const int code = sqlite3_bind_blob64(statement_, at, bytes, blob.bytes.size(), SQLITE_STATIC);
    if (code != SQLITE_OK) {
        raise(code);
    }
}

void Statement::bind(int at, const std::optional<std::string>& text) {
    if (text) {
        bind(at, std::string_view(*text));
    } else {
        bind_null(at);
    }
}

void Statement::bind(int at, const std::optional<Blob>& blob) {
    if (blob) {
        bind(at, *blob);
    } else {
        bind_null(at);
    }
}

void Statement::bind_null(int at) {
    if (const int code = sqlite3_bind_null(statement_, at); code != SQLITE_OK) {
        raise(code);
    }
}

void Statement::bind_number(int at, std::int64_t value) {
    const int code = sqlite3_bind_int64(statement_, at, value);
    if (code != SQLITE_OK) {
        raise(code);
    }
}

bool Statement::step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) {
        return true;
    }
    if (code != SQLITE_DONE) {
        raise(code);
    }
    return false;
}

void Statement::reset() { sqlite3_reset(statement_); }

std::int64_t Statement::finish() {
    Rows rows(*this);
    while (rows.next()) {
    }
    return sqlite3_changes64(database_);
}

void Statement::raise(int code) const {
    const std::string message = sqlite3_errmsg(database_);
    sqlite3_reset(statement_);
    throw SqlError(code, message);
}

SQLite::Database open_database(const std::string& path, Access access) {
    const int mode = access == Access::write ? SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE
                                             : SQLite::OPEN_READONLY;
    SQLite::Database database(path, mode | SQLite::OPEN_NOMUTEX, kBusyMilliseconds);
    sqlite3_extended_result_codes(database.getHandle(), 1);
    return database;
}

void execute(SQLite::Database& database, const std::string& sql) {
    const int code = sqlite3_exec(database.getHandle(), sql.c_str(), nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) {
        throw SqlError(code, database.getErrorMsg());
    }
}

std::int64_t query_number(SQLite::Database& database, std::string_view sql) {
    Statement statement(database, sql);
    auto rows = statement.query();
    return rows.next() ? rows.number(0) : 0;
}

}  // namespace belfry::sqlite

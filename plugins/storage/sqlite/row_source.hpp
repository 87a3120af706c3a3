/// Rows in memory as a table that SQL can select from.
#pragma once

#include <SQLiteCpp/Database.h>

#include <cstddef>
#include <string_view>

struct sqlite3_context;

namespace belfry::sqlite {

/// One INSERT ... SELECT of many rows costs two thirds of as many INSERTs. The connection's thread.
class RowSource {
public:
    /// Known to the connection as the table `name` with columns c0, c1 ... The connection must not
    /// be used any more when this ends. Throws SqlError.
    RowSource(SQLite::Database& database, std::string_view name, int columns);
    virtual ~RowSource() = default;
    RowSource(const RowSource&) = delete;
    RowSource& operator=(const RowSource&) = delete;

    [[nodiscard]] virtual std::size_t size() const = 0;
    /// Gives the value to `context`; what is borrowed is valid until the statement's next row.
    virtual void column(std::size_t row, int column, sqlite3_context* context) const = 0;
    [[nodiscard]] int columns() const { return columns_; }

protected:
    static void give(sqlite3_context* context, std::string_view text);
    static void give_blob(sqlite3_context* context, std::string_view bytes);

private:
    int columns_;
};

}  // namespace belfry::sqlite

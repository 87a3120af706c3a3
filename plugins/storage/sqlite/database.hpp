/// One connection to the database, its statements, and what SQLite says when something fails.
#pragma once

#include <SQLiteCpp/Database.h>

#include <concepts>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace belfry::sqlite {

/// What SQLite answered, with its extended result code.
struct SqlError : std::runtime_error {
    SqlError(int extended, const std::string& message)
        : std::runtime_error(message), code(extended) {}
    [[nodiscard]] int primary() const { return code & 0xff; }
    /// The file is not what was written.
    [[nodiscard]] bool is_damage() const;
    int code;
};

/// Bytes that are bound as a BLOB; a plain string_view is bound as TEXT, an empty optional as NULL.
struct Blob {
    std::string_view bytes;
};

class Statement;

/// The rows of a running statement, which is reset when this ends. What text() gives is valid until
/// next().
class Rows {
public:
    explicit Rows(Statement& statement) : statement_(statement) {}
    ~Rows();
    Rows(const Rows&) = delete;
    Rows& operator=(const Rows&) = delete;

    /// False behind the last row. Throws SqlError.
    bool next();
    [[nodiscard]] std::int64_t number(int column) const;
    [[nodiscard]] std::uint64_t count(int column) const {
        return static_cast<std::uint64_t>(number(column));
    }
    /// Byte for byte, TEXT and BLOB alike.
    [[nodiscard]] std::string_view text(int column) const;

private:
    Statement& statement_;
};

/// A prepared statement for text and bytes by pointer and length, which SQLite::Statement has no
/// way to bind.
class Statement {
public:
    /// Throws SqlError. `database` must outlive this.
    Statement(SQLite::Database& database, std::string_view sql);
    ~Statement();
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;

    /// Binds and runs. Text is borrowed until the rows end.
    template <class... Values>
    Rows query(const Values&... values) {
        bind_all(values...);
        return Rows(*this);
    }
    /// Binds and runs to the end -> how many rows were changed.
    template <class... Values>
    std::int64_t run(const Values&... values) {
        bind_all(values...);
        return finish();
    }

private:
    friend class Rows;

    template <class... Values>
    void bind_all(const Values&... values) {
        int at = 0;
        (bind(++at, values), ...);
    }
    template <std::integral Number>
    void bind(int at, Number value) {
        bind_number(at, static_cast<std::int64_t>(value));
    }
    void bind(int at, std::string_view text);
    void bind(int at, Blob blob);
    void bind(int at, const std::optional<std::string>& text);
    void bind(int at, const std::optional<Blob>& blob);
    void bind_null(int at);
    void bind_number(int at, std::int64_t value);
    bool step();
    void reset();
    std::int64_t finish();
    [[noreturn]] void raise(int code) const;

    sqlite3* database_;
    sqlite3_stmt* statement_ = nullptr;
};

enum class Access { write, read };

constexpr int kBusyMilliseconds = 5'000;

/// Opens the file with extended result codes and waits kBusyMilliseconds for others' locks. Throws
/// SQLite::Exception or SqlError.
SQLite::Database open_database(const std::string& path, Access access);

/// Runs statements that give no rows. Throws SqlError.
void execute(SQLite::Database& database, const std::string& sql);

/// The first column of the first row. Throws SqlError.
std::int64_t query_number(SQLite::Database& database, std::string_view sql);

}  // namespace belfry::sqlite

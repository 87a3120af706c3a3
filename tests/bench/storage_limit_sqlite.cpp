#include "tests/bench/storage_limit.hpp"

#include <sqlite3.h>

#include <optional>
#include <utility>

namespace belfry::bench {
namespace {

// More rows in a statement are no faster.
constexpr std::uint64_t kRows = 64;

constexpr const char* kSetUp = R"sql(
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA wal_autocheckpoint = 4000;
PRAGMA journal_size_limit = 67108864;
PRAGMA cache_size = -65536;
CREATE TABLE messages (stream_id INTEGER, seq INTEGER, ref INTEGER, kind INTEGER, state INTEGER,
    created_at INTEGER, id TEXT, type TEXT, data BLOB, source TEXT, event_id TEXT, hash BLOB);
CREATE TABLE entries (stream_id INTEGER, seq INTEGER, ref INTEGER, kind INTEGER, state INTEGER);
)sql";

std::string insert_into(const std::string& table, int columns, std::uint64_t rows) {
    std::string row = "(?";
    for (int i = 1; i < columns; ++i) {
        row += ",?";
    }
    row += ')';
    std::string sql = "INSERT INTO " + table + " VALUES " + row;
    for (std::uint64_t i = 1; i < rows; ++i) {
        sql += ',' + row;
    }
    return sql;
}

class Statement {
public:
    Statement(sqlite3* database, const std::string& sql) {
        (void)sqlite3_prepare_v3(database, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &statement_,
                                 nullptr);
    }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    ~Statement() { sqlite3_finalize(statement_); }

    void add(std::uint64_t value) {
        sqlite3_bind_int64(statement_, ++at_, static_cast<std::int64_t>(value));
    }
    void add(std::string_view text) {
        sqlite3_bind_text64(statement_, ++at_, text.data(), text.size(), SQLITE_STATIC,
                            SQLITE_UTF8);
    }
    void add_blob(std::string_view blob) {
        sqlite3_bind_blob64(statement_, ++at_, blob.data(), blob.size(), SQLITE_STATIC);
    }
    /// The number in the first row.
    std::optional<std::uint64_t> number() {
        std::optional<std::uint64_t> found;
        if (sqlite3_step(statement_) == SQLITE_ROW) {
            found = static_cast<std::uint64_t>(sqlite3_column_int64(statement_, 0));
        }
        sqlite3_reset(statement_);
        return found;
    }
    /// False where it fails; the connection knows why.
    bool run() {
        at_ = 0;
        const int code = sqlite3_step(statement_);
        sqlite3_reset(statement_);
        return code == SQLITE_DONE;
    }

private:
    sqlite3_stmt* statement_ = nullptr;
    int at_ = 0;
};

/// The two statements of a table: for many rows, and for one.
struct Table {
    Table(sqlite3* database, const std::string& name, int columns)
        : many(database, insert_into(name, columns, kRows)),
          one(database, insert_into(name, columns, 1)) {}
    Statement many;
    Statement one;

    /// Binds and inserts `count` rows; `bind` takes a statement and the row's number.
    template <class Bind>
    bool insert(std::uint64_t count, Bind bind) {
        std::uint64_t row = 0;
        bool is_fine = true;
        while (is_fine && row < count) {
            const bool is_many = count - row >= kRows;
            Statement& statement = is_many ? many : one;
            for (const std::uint64_t end = row + (is_many ? kRows : 1); row < end; ++row) {
                bind(statement, row);
            }
            is_fine = statement.run();
        }
        return is_fine;
    }
};

class SqliteLimit final : public Limit {
public:
    explicit SqliteLimit(sqlite3* database)
        : database_(database), begin_(database, "BEGIN IMMEDIATE"), commit_(database, "COMMIT"),
          count_(database,
                 "SELECT (SELECT count(*) FROM messages) + (SELECT count(*) FROM entries)"),
          messages_(database, "messages", 12), entries_(database, "entries", 5) {}

    Result<Nanos> insert(std::span<const std::vector<Message>> transactions) override {
        return timed([&] {
            bool is_fine = true;
            for (const std::vector<Message>& messages : transactions) {
                is_fine = is_fine && begin_.run() && insert(messages) && commit_.run();
            }
            return is_fine;
        });
    }

    Result<Nanos> insert_entries(std::uint64_t count) override {
        ++ref_;
        return timed([&] {
            return begin_.run() &&
                   entries_.insert(count,
                                   [this](Statement& statement, std::uint64_t row) {
                                       bind_entry(statement, row);
                                   }) &&
                   commit_.run();
        });
    }

    Result<std::uint64_t> count() override {
        const auto counted = count_.number();
        return counted ? Result<std::uint64_t>(*counted) : failed();
    }

private:
    struct Close {
        void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
    };

    [[nodiscard]] std::unexpected<Error> failed() const {
        return fail(Code::unavailable,
                    std::string("SQLite by itself: ") + sqlite3_errmsg(database_.get()));
    }

    template <class Work>
    Result<Nanos> timed(Work work) {
        const Nanos begin = system_clock().monotonic();
        if (!work()) {
            return failed();
        }
        return system_clock().monotonic() - begin;
    }

    void bind_entry(Statement& statement, std::uint64_t stream) const {
        statement.add(stream);
        statement.add(ref_);
        statement.add(ref_);
        statement.add(std::uint64_t{0});
        statement.add(std::uint64_t{0});
    }

    bool insert(const std::vector<Message>& messages) {
        return messages_.insert(messages.size(), [&](Statement& statement, std::uint64_t row) {
            const Message& message = messages[row];
            ++ref_;
            bind_entry(statement, message.mailbox);
            statement.add(static_cast<std::uint64_t>(message.created_at));
            statement.add(message.id);
            statement.add(kMessageType);
            statement.add_blob(message.data);
            statement.add(message.event_id.empty() ? std::string_view() : kEventSource);
            statement.add(message.event_id);
            statement.add_blob(message.hash);
        });
    }

    std::unique_ptr<sqlite3, Close> database_;
    Statement begin_;
    Statement commit_;
    Statement count_;
    Table messages_;
    Table entries_;
    std::uint64_t ref_ = 0;
};

}  // namespace

Result<std::unique_ptr<Limit>> make_sqlite_limit(const std::string& file) {
    sqlite3* database = nullptr;
    const int opened =
        sqlite3_open_v2(file.c_str(), &database,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    if (opened != SQLITE_OK ||
        sqlite3_exec(database, kSetUp, nullptr, nullptr, nullptr) != SQLITE_OK) {
        const std::string reason = sqlite3_errmsg(database);
        sqlite3_close_v2(database);
        return fail(Code::unavailable, file + ": " + reason);
    }
    return std::make_unique<SqliteLimit>(database);
}

}  // namespace belfry::bench

/// Rows that wait to be inserted together.
#pragma once

#include "plugins/storage/sqlite/arrivals.hpp"
#include "plugins/storage/sqlite/body.hpp"
#include "plugins/storage/sqlite/database.hpp"
#include "plugins/storage/sqlite/row_source.hpp"

#include <belfry/storage.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace belfry::sqlite {

/// Of the table `bodies`.
class NewBodies : public RowSource {
public:
    explicit NewBodies(SQLite::Database& database) : RowSource(database, "new_bodies", 19) {}

    /// `op` must be there until the rows are inserted.
    void add(std::int64_t ref, const bf_op_append& op);
    void clear() { rows_.clear(); }
    [[nodiscard]] std::size_t size() const override { return rows_.size(); }
    void column(std::size_t row, int column, sqlite3_context* context) const override;

private:
    struct Row {
        std::int64_t ref;
        std::uint64_t refs;
        std::uint32_t kind;
        std::int64_t digest;
        Body body;
        std::string_view hash;
    };
    static void give_text(const Row& row, int column, sqlite3_context* context);

    std::vector<Row> rows_;
};

/// Of the table `entries`.
class NewEntries : public RowSource {
public:
    explicit NewEntries(SQLite::Database& database) : RowSource(database, "new_entries", 5) {}

    void add(const Arrival& arrival, std::int64_t digest) { rows_.push_back({arrival, digest}); }
    void clear() { rows_.clear(); }
    [[nodiscard]] std::size_t size() const override { return rows_.size(); }
    void column(std::size_t row, int column, sqlite3_context* context) const override;

private:
    struct Row {
        Arrival arrival;
        std::int64_t digest;
    };
    std::vector<Row> rows_;
};

}  // namespace belfry::sqlite

/// Everything there is, piece by piece.
#pragma once

#include "plugins/storage/sqlite/database.hpp"

#include <belfry/storage.hpp>

#include <SQLiteCpp/Database.h>

#include <cstdint>
#include <string>

namespace belfry::sqlite {

/// A query that owns its text.
struct DumpQuery {
    std::string after;
    std::uint64_t limit = 0, max_bytes = 0;
};

/// One thread, inside of a snapshot in which nothing has merely arrived. SqlError, and sdk::Failure
/// (invalid) for a place that is none of its own.
class Dumper {
public:
    explicit Dumper(SQLite::Database& database);

    sdk::Records dump(const DumpQuery& query);

private:
    /// The kind of the last record, and what it is found by.
    struct Place {
        char kind = 0;
        std::string name, id;
        std::int64_t number = 0;
    };
    class Filling;

    static Place parse(const std::string& text);
    static std::string text_of(const Place& place);
    /// Each adds what there is of a kind behind the place, and moves it along.
    void bodies(Place& place, Filling& filling);
    void streams(Place& place, Filling& filling);
    void entries(Place& place, Filling& filling);
    void cursors(Place& place, Filling& filling);
    void documents(Place& place, Filling& filling);
    void jobs(Place& place, Filling& filling);
    std::vector<sdk::Key> keys_of(std::int64_t doc);

    Statement bodies_;
    Statement streams_;
    Statement entries_;
    Statement cursors_;
    Statement documents_;
    Statement keys_;
    Statement jobs_;
};

}  // namespace belfry::sqlite

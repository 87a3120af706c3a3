/// One state of the database, and of what has arrived, for several statements.
#pragma once

#include "plugins/storage/sqlite/arrivals.hpp"
#include "plugins/storage/sqlite/database.hpp"

#include <SQLiteCpp/Database.h>

#include <cstdint>
#include <vector>

namespace belfry::sqlite {

/// From its construction to its end. The connection's thread.
class Snapshot {
public:
    /// `journal`: gives settings.journal. Throws SqlError.
    Snapshot(SQLite::Database& database, const Arrivals& arrivals, Statement& journal);
    ~Snapshot();
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;

    /// The stream's entries behind `settled`, the oldest first.
    [[nodiscard]] std::vector<Arrival> arrivals(std::int64_t stream, std::uint64_t settled) const;

private:
    SQLite::Database& database_;
    Arrivals::View view_;
    std::int64_t journal_ = 0;
};

}  // namespace belfry::sqlite

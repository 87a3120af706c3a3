#include "plugins/storage/sqlite/snapshot.hpp"

#include <sqlite3.h>

#include <algorithm>

namespace belfry::sqlite {

namespace {

void end(SQLite::Database& database) {
    (void)sqlite3_exec(database.getHandle(), "COMMIT", nullptr, nullptr, nullptr);
}

}  // namespace

/// A generation that is gone at the second look may have arrivals that this snapshot has no rows
/// of: then it takes another.
Snapshot::Snapshot(SQLite::Database& database, const Arrivals& arrivals, Statement& journal)
    : database_(database) {
    for (auto before = arrivals.view().gone;; before = view_.gone) {
        execute(database_, "BEGIN");
        try {
            auto rows = journal.query();
            journal_ = rows.next() ? rows.number(0) : 0;
        } catch (...) {
            end(database_);
            throw;
        }
        view_ = arrivals.view();
        if (view_.gone == before) {
            return;
        }
        end(database_);
    }
}

Snapshot::~Snapshot() { end(database_); }

std::vector<Arrival> Snapshot::arrivals(std::int64_t stream, std::uint64_t settled) const {
    std::vector<Arrival> found;
    for (const auto& generation : view_.generations) {
        generation->find(stream, settled, journal_, found);
    }
    std::ranges::reverse(found);
    return found;
}

}  // namespace belfry::sqlite

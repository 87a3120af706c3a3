#include "plugins/storage/sqlite/schema.hpp"

#include "plugins/storage/sqlite/body.hpp"
#include "plugins/storage/sqlite/database.hpp"
#include "plugins/storage/sqlite/schema_steps.hpp"

#include <belfry/types.hpp>

#include <sqlite3.h>

#include <string_view>

namespace belfry::sqlite {

namespace {

constexpr std::int64_t kApplication = 0x424c4659;  // "BLFY"

[[noreturn]] void refuse_file(const std::string& message) {
    throw sdk::Failure(sdk::Status::refused, message);
}

std::size_t check_version(SQLite::Database& database, const std::string& path) {
    const auto version = query_number(database, "PRAGMA user_version");
    const auto application = query_number(database, "PRAGMA application_id");
    const auto tables = query_number(database, "SELECT count(*) FROM sqlite_master");
    if (application != kApplication && (tables != 0 || version != 0)) {
        refuse_file(path + ": a database of another program");
    }
    if (version < 0 || static_cast<std::size_t>(version) > kSteps.size()) {
        refuse_file(path + ": schema " + std::to_string(version) +
                    " is newer than the newest known, " + std::to_string(kSteps.size()));
    }
    return static_cast<std::size_t>(version);
}

void take_step(SQLite::Database& database, std::size_t version) {
    execute(database, "PRAGMA application_id = " + std::to_string(kApplication));
    execute(database, std::string(kSteps.at(version)));
    execute(database, "PRAGMA user_version = " + std::to_string(version + 1));
}

/// False where there is no further step.
bool migrate_once(SQLite::Database& database, const std::string& path) {
    execute(database, "BEGIN IMMEDIATE");
    try {
        const auto version = check_version(database, path);
        const bool is_behind = version < kSteps.size();
        if (is_behind) {
            take_step(database, version);
        }
        execute(database, "COMMIT");
        return is_behind;
    } catch (...) {
        if (sqlite3_get_autocommit(database.getHandle()) == 0) {
            execute(database, "ROLLBACK");
        }
        throw;
    }
}

}  // namespace

void migrate(SQLite::Database& database, const std::string& path) {
    add_digests(database);
    while (migrate_once(database, path)) {
    }
}

}  // namespace belfry::sqlite

#include "plugins/storage/sqlite/trouble.hpp"

#include <sqlite3.h>

namespace belfry::sqlite {

namespace {

constexpr std::int64_t kWaitForRoom = 1'000'000'000;

bool is_external(int primary) {
    switch (primary) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_NOMEM:
        case SQLITE_READONLY:
        case SQLITE_INTERRUPT:
        case SQLITE_IOERR:
        case SQLITE_FULL:
        case SQLITE_CANTOPEN:
        case SQLITE_PROTOCOL:
        case SQLITE_PERM:
        case SQLITE_AUTH: return true;
        default: return false;
    }
}

}  // namespace

Trouble trouble_of(const SqlError& error, const std::string& path) {
    Trouble trouble{.message = path + ": " + error.what() + " (SQLite " +
                               std::to_string(error.code) + ")"};
    trouble.external = is_external(error.primary());
    if (error.code == SQLITE_IOERR_FSYNC || error.code == SQLITE_IOERR_DIR_FSYNC) {
        // Whether the last commit is on the disk is unknown, and a second fsync would not say.
        trouble.status = sdk::Status::retry;
        trouble.fatal = true;
    } else if (error.is_damage()) {
        trouble.fatal = true;
        trouble.external = true;
    } else if (error.primary() == SQLITE_FULL) {
        trouble.message = path + ": the disk is full";
        trouble.retry_after = kWaitForRoom;
    }
    return trouble;
}

Trouble trouble_of(const std::exception& error, const std::string& path) {
    if (const auto* sql = dynamic_cast<const SqlError*>(&error); sql != nullptr) {
        return trouble_of(*sql, path);
    }
    return {.message = path + ": " + error.what()};
}

}  // namespace belfry::sqlite

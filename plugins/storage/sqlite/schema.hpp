/// The tables, and how older ones become newer ones.
#pragma once

#include <SQLiteCpp/Database.h>

#include <string>

namespace belfry::sqlite {

/// Brings the database to the newest schema, each step in a transaction of its own; does nothing
/// where it is there already. Throws sdk::Failure (refused) for a database of a newer version or of
/// another program, and SqlError. `path` is for messages.
void migrate(SQLite::Database& database, const std::string& path);

}  // namespace belfry::sqlite

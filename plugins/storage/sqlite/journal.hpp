/// The rows that make arrivals durable until they have rows of their own.
#pragma once

#include "plugins/storage/sqlite/arrivals.hpp"
#include "plugins/storage/sqlite/database.hpp"

#include <SQLiteCpp/Database.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::sqlite {

/// Writer thread only. SqlError from any function: the transaction must be rolled back, and
/// forget() called.
class Journal {
public:
    explicit Journal(SQLite::Database& database);

    /// The number of the next row.
    std::int64_t next();
    void write(const std::vector<Arrival>& arrivals);
    /// Removes the rows up to this one.
    void remove(std::int64_t number);
    /// All rows' arrivals, in the order of their coming. A row that is damaged is
    /// SQLITE_CORRUPT.
    void replay(Generation& into);
    void forget() { next_ = 0; }

private:
    SQLite::Database& database_;
    Statement insert_;
    Statement note_;
    Statement remove_;
    Statement all_;
    std::int64_t next_ = 0;  ///< 0: to be looked up
};

/// The text of a row, with a checksum at its end.
std::string pack_arrivals(const std::vector<Arrival>& arrivals);
/// False where the text is damaged.
bool unpack_arrivals(std::string_view text, std::vector<Arrival>& arrivals);

}  // namespace belfry::sqlite

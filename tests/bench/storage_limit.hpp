/// What a database itself can do.
#pragma once

#include "daemon/base/error.hpp"
#include "daemon/base/time.hpp"
#include "tests/bench/storage_load.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace belfry::bench {

/// Writes the same rows into bare tables, without an index, by the database's native client: as
/// durable as the storage, one transaction after the other.
class Limit {
public:
    Limit() = default;
    Limit(const Limit&) = delete;
    Limit& operator=(const Limit&) = delete;
    virtual ~Limit() = default;

    /// A row for each message, with all that is stored of it and its entry -> how long it took.
    virtual Result<Nanos> insert(std::span<const std::vector<Message>> transactions) = 0;
    /// One transaction of small rows: the entries of a fan-out.
    virtual Result<Nanos> insert_entries(std::uint64_t count) = 0;
    /// How many rows there are in all.
    virtual Result<std::uint64_t> count() = 0;
};

/// Multi-row INSERT by SQLite's C API with synchronous=FULL, into a new file.
Result<std::unique_ptr<Limit>> make_sqlite_limit(const std::string& file);
/// Binary COPY by libpq, into tables of their own in the database.
Result<std::unique_ptr<Limit>> make_postgres_limit(const std::string& conninfo);

}  // namespace belfry::bench

/// Where a body is in a stream.
#pragma once

#include "plugins/storage/sqlite/database.hpp"

#include <cstdint>

namespace belfry::sqlite {

/// Finds the entry of a body in a stream without an index: where seq grows, so does ref. One
/// thread.
class EntrySearch {
public:
    explicit EntrySearch(SQLite::Database& database);
    /// The seq in [earliest, head], or 0 where the body is not there. Throws SqlError.
    std::uint64_t find(std::int64_t stream, std::uint64_t earliest, std::uint64_t head,
                       std::int64_t ref);
    /// The first seq in [earliest, head + 1] whose body is not older than `ref`. Throws SqlError.
    std::uint64_t lower_bound(std::int64_t stream, std::uint64_t earliest, std::uint64_t head,
                              std::int64_t ref);

private:
    /// 0 where there is no such entry.
    std::int64_t ref_at(std::int64_t stream, std::uint64_t seq);

    Statement ref_at_;
};

}  // namespace belfry::sqlite

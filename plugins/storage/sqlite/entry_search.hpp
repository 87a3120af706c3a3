/// Where a body is in a stream.
#pragma once

#include "plugins/storage/sqlite/database.hpp"

#include <cstdint>

namespace belfry::sqlite {

/// The first seq in [from, to + 1] whose body is not older than `ref`: where seq grows, so does
/// ref. `ref_at` gives the ref of a seq.
template <class RefAt>
std::uint64_t lower_bound_by_ref(std::uint64_t from, std::uint64_t to, std::int64_t ref,
                                 RefAt ref_at) {
    auto high = to + 1;
    while (from < high) {
        const auto middle = from + (high - from) / 2;
        if (ref_at(middle) < ref) {
            from = middle + 1;
        } else {
            high = middle;
        }
    }
    return from;
}

/// Finds the entry of a body in a stream without an index. One thread.
class EntrySearch {
public:
    explicit EntrySearch(SQLite::Database& database);
    /// The seq in [earliest, head], or 0 where the body is not there. Throws SqlError.
    std::uint64_t find(std::int64_t stream, std::uint64_t earliest, std::uint64_t head,
                       std::int64_t ref);
    /// 0 where there is no such entry. Throws SqlError.
    std::int64_t ref_at(std::int64_t stream, std::uint64_t seq);

private:
    Statement ref_at_;
};

}  // namespace belfry::sqlite

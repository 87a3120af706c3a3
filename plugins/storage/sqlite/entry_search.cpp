#include "plugins/storage/sqlite/entry_search.hpp"

namespace belfry::sqlite {

EntrySearch::EntrySearch(SQLite::Database& database)
    : ref_at_(database, "SELECT ref FROM entries WHERE stream_id = ? AND seq = ?") {}

std::int64_t EntrySearch::ref_at(std::int64_t stream, std::uint64_t seq) {
    auto rows = ref_at_.query(stream, seq);
    return rows.next() ? rows.number(0) : 0;
}

std::uint64_t EntrySearch::lower_bound(std::int64_t stream, std::uint64_t earliest,
                                       std::uint64_t head, std::int64_t ref) {
    auto low = earliest;
    auto high = head + 1;
    while (low < high) {
        const auto middle = low + (high - low) / 2;
        if (ref_at(stream, middle) < ref) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

std::uint64_t EntrySearch::find(std::int64_t stream, std::uint64_t earliest, std::uint64_t head,
                                std::int64_t ref) {
    const auto seq = lower_bound(stream, earliest, head, ref);
    return seq <= head && ref_at(stream, seq) == ref ? seq : 0;
}

}  // namespace belfry::sqlite

#include "plugins/storage/sqlite/entry_search.hpp"

namespace belfry::sqlite {

EntrySearch::EntrySearch(SQLite::Database& database)
    : ref_at_(database, "SELECT ref FROM entries WHERE stream_id = ? AND seq = ?") {}

std::int64_t EntrySearch::ref_at(std::int64_t stream, std::uint64_t seq) {
    auto rows = ref_at_.query(stream, seq);
    return rows.next() ? rows.number(0) : 0;
}

std::uint64_t EntrySearch::find(std::int64_t stream, std::uint64_t earliest, std::uint64_t head,
                                std::int64_t ref) {
    const auto at = [&](std::uint64_t seq) { return ref_at(stream, seq); };
    const auto seq = lower_bound_by_ref(earliest, head, ref, at);
    return seq <= head && at(seq) == ref ? seq : 0;
}

}  // namespace belfry::sqlite

// One notification in a stream.
#include "plugins/storage/sqlite/page_reader.hpp"

namespace belfry::sqlite {

std::vector<std::uint64_t> PageReader::places(const PageQuery& query, const Found& stream,
                                              Range& range) {
    const auto at = [&](std::uint64_t seq) { return ref_at(stream, seq); };
    std::vector<std::uint64_t> seqs;
    std::uint64_t looked_at = 0;
    auto rows = (query.backward ? refs_backward_ : refs_)
                    .query(std::string_view(query.notification_id), at(range.from), at(range.to),
                           kMaxLookedAt + 1);
    while (rows.next()) {
        const auto seq = lower_bound_by_ref(range.from, range.to, rows.number(0), at);
        const bool is_here = seq <= range.to && at(seq) == rows.number(0);
        if (++looked_at > kMaxLookedAt) {
            if (query.backward) {
                range.from = is_here ? seq + 1 : seq;
            } else {
                range.to = seq - 1;
            }
            break;
        }
        if (is_here) {
            seqs.push_back(seq);
        }
    }
    return seqs;
}

/// One notification, and its revisions: an id has few bodies, and each is found without walking.
void PageReader::read_one(const PageQuery& query, const Found& stream, PageFilling& filling) {
    auto range = range_of(query, stream);
    if (range.from > range.to) {
        return;
    }
    const auto all = range;
    for (const auto seq : places(query, stream, range)) {
        if (!read_range(query, stream, {seq, seq}, filling)) {
            return;
        }
    }
    if (range.from != all.from || range.to != all.to) {
        filling.go_on(query.backward ? range.from : range.to);
    }
}

}  // namespace belfry::sqlite

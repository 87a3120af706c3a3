/// A page that is being filled.
#pragma once

#include "plugins/storage/sqlite/body.hpp"
#include "plugins/storage/sqlite/database.hpp"
#include "plugins/storage/sqlite/page_query.hpp"

#include <belfry/storage.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace belfry::sqlite {

/// What a row says of the entry itself: seq, ref, kind, state, read_at.
struct EntryRow {
    explicit EntryRow(const Rows& rows)
        : seq(rows.count(0)), ref(rows.number(1)), kind(static_cast<std::uint32_t>(rows.number(2))),
          state(static_cast<std::uint32_t>(rows.number(3))), read_at(rows.number(4)) {}

    std::uint64_t seq;
    std::int64_t ref;
    std::uint32_t kind;
    std::uint32_t state;
    std::int64_t read_at;
};

/// Fills a page as far as the query's limits go.
class PageFilling {
public:
    PageFilling(const PageQuery& query, sdk::Page& page)
        : page_(page), limit_(std::clamp<std::uint64_t>(query.limit, 1, kMaxPageRows)),
          bytes_(std::min<std::uint64_t>(query.max_bytes, kMaxPageBytes)) {}

    /// How many more may be added.
    [[nodiscard]] std::uint64_t room() const { return limit_ - page_.entries.size(); }
    /// Nothing more may be added; there is more, then.
    [[nodiscard]] bool is_full() {
        if (room() != 0 && (used_ <= bytes_ || page_.entries.empty())) {
            return false;
        }
        go_on(page_.entries.back().seq);
        return true;
    }
    void add(const sdk::Head& stream, const EntryRow& row, const Body& body) {
        used_ += kEntryBytes + body.size();
        page_.entries.push_back({row.kind, row.state, stream.epoch, row.seq, row.read_at,
                                 stream.stream, body.notification()});
    }
    void go_on(std::uint64_t after) {
        page_.more = true;
        page_.next = after;
    }

private:
    static constexpr std::size_t kEntryBytes = 64;

    sdk::Page& page_;
    std::uint64_t limit_;
    std::uint64_t bytes_;
    std::uint64_t used_ = 0;
};

}  // namespace belfry::sqlite

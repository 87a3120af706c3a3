/// The state of entries: what people mark, and what revisions and retractions do.
#pragma once

#include "plugins/storage/sqlite/bodies.hpp"
#include "plugins/storage/sqlite/check.hpp"
#include "plugins/storage/sqlite/entry_search.hpp"
#include "plugins/storage/sqlite/streams.hpp"

#include <belfry/storage.hpp>

#include <cstdint>
#include <vector>

namespace belfry::sqlite {

/// Writer thread only. SqlError from any function: the transaction must be rolled back.
class Marks {
public:
    Marks(SQLite::Database& database, Streams& streams, Bodies& bodies);

    Fault mark(const bf_op_mark& given, sdk::OpResult& result);
    /// Before a revision or a retraction gets its entries: marks what it replaces.
    void supersede(const bf_op_append& op);

private:
    struct Range {
        std::uint64_t from;
        std::uint64_t to;
    };

    void mark_up_to(const bf_op_mark& op, Stream& stream, sdk::OpResult& result);
    /// The range without what is beyond the limit; whether there is something beyond it.
    bool cut(const bf_op_mark& op, const Stream& stream, Range& range);
    std::uint64_t mark_range(const bf_op_mark& op, Stream& stream, Range range);
    void supersede_in(Stream& stream, const std::vector<std::int64_t>& refs, std::uint32_t bit);

    Streams& streams_;
    Bodies& bodies_;
    EntrySearch search_;
    Statement count_read_;
    Statement mark_;
    Statement beyond_;
    Statement state_;
    Statement set_state_;
};

}  // namespace belfry::sqlite

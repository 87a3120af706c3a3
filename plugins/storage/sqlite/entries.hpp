/// Operations on streams: append, mark, cursor.
#pragma once

#include "plugins/storage/sqlite/bodies.hpp"
#include "plugins/storage/sqlite/check.hpp"
#include "plugins/storage/sqlite/streams.hpp"

#include <belfry/storage.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace belfry::sqlite {

/// Finds the entry of a body in a stream without an index: where seq grows, so does ref.
class EntrySearch {
public:
    explicit EntrySearch(SQLite::Database& database);
    /// The seq in [earliest, head], or 0 where the body is not there. Throws SqlError.
    std::uint64_t find(std::int64_t stream, std::uint64_t earliest, std::uint64_t head,
                       std::int64_t ref);

private:
    Statement ref_at_;
};

/// Writer thread only. An operation fails before it has changed anything. SqlError from any
/// function: the transaction must be rolled back.
class Entries {
public:
    Entries(SQLite::Database& database, Streams& streams, Bodies& bodies);

    Fault append(const bf_op_append& op, sdk::OpResult& result);
    Fault mark(const bf_op_mark& op, sdk::OpResult& result);
    Fault cursor(const bf_op_cursor& op);

private:
    struct Place {
        std::int64_t stream;
        std::uint64_t seq;
    };
    struct Range {
        std::uint64_t from;
        std::uint64_t to;
    };

    Fault refuse_known(const bf_op_append& op, const Bodies::Known& known, sdk::OpResult& result);
    void place(const bf_op_append& op, sdk::OpResult& result);
    std::uint64_t mark_range(const bf_op_mark& op, Stream& stream, Range range);
    std::uint64_t mark_up_to(const bf_op_mark& op, Stream& stream);

    Streams& streams_;
    Bodies& bodies_;
    EntrySearch search_;
    Statement insert_;
    Statement count_read_;
    Statement mark_;
    Statement cursor_;
    std::vector<Place> places_;
};

}  // namespace belfry::sqlite

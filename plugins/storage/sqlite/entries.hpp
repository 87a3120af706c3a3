/// Appends.
#pragma once

#include "plugins/storage/sqlite/bodies.hpp"
#include "plugins/storage/sqlite/check.hpp"
#include "plugins/storage/sqlite/entry_search.hpp"
#include "plugins/storage/sqlite/marks.hpp"
#include "plugins/storage/sqlite/streams.hpp"

#include <belfry/storage.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace belfry::sqlite {

/// Writer thread only. An operation fails before it has changed anything. SqlError from any
/// function: the transaction must be rolled back.
class Entries {
public:
    Entries(SQLite::Database& database, Streams& streams, Bodies& bodies, Marks& marks);

    Fault append(const bf_op_append& op, sdk::OpResult& result);

private:
    struct Place {
        std::int64_t stream;
        std::uint64_t seq;
    };

    Fault refuse_known(const bf_op_append& op, const Bodies::Known& known, sdk::OpResult& result);
    void place(const bf_op_append& op, sdk::OpResult& result);

    Streams& streams_;
    Bodies& bodies_;
    Marks& marks_;
    EntrySearch search_;
    Statement insert_;
    std::vector<Place> places_;
};

}  // namespace belfry::sqlite

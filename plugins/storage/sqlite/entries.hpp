/// Appends.
#pragma once

#include "plugins/storage/sqlite/bodies.hpp"
#include "plugins/storage/sqlite/check.hpp"
#include "plugins/storage/sqlite/entry_search.hpp"
#include "plugins/storage/sqlite/events.hpp"
#include "plugins/storage/sqlite/marks.hpp"
#include "plugins/storage/sqlite/streams.hpp"

#include <belfry/storage.hpp>

#include <cstdint>
#include <vector>

namespace belfry::sqlite {

/// Gives entries their places, and leaves to Streams and the journal how they are kept. Writer
/// thread only. An operation fails before it has changed anything. SqlError from any function: the
/// transaction must be rolled back.
class Entries {
public:
    /// What an append needs besides the database.
    struct Parts {
        Streams& streams;
        Bodies& bodies;
        Events& events;
        Marks& marks;
        Arrivals& arrivals;
    };

    Entries(SQLite::Database& database, const Parts& parts);

    /// `journal`: the row that will have the arrivals.
    Fault append(const bf_op_append& op, std::int64_t journal, sdk::OpResult& result);

private:
    Fault refuse_known(const bf_op_append& op, const Events::Known& known, sdk::OpResult& result);
    std::uint64_t seq_of(const Stream& stream, std::int64_t ref);
    void place(const bf_op_append& op, std::int64_t ref, sdk::OpResult& result);

    Parts parts_;
    EntrySearch search_;
    std::vector<Arrival> placed_;
};

}  // namespace belfry::sqlite

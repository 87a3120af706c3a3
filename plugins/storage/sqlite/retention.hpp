/// Operations that forget: trim and reset.
#pragma once

#include "plugins/storage/sqlite/bodies.hpp"
#include "plugins/storage/sqlite/check.hpp"
#include "plugins/storage/sqlite/cursors.hpp"
#include "plugins/storage/sqlite/streams.hpp"

#include <belfry/host.hpp>
#include <belfry/storage.hpp>

#include <cstdint>

namespace belfry::sqlite {

/// Writer thread only. SqlError from any function: the transaction must be rolled back.
class Retention {
public:
    Retention(SQLite::Database& database, Streams& streams, Bodies& bodies, Cursors& cursors,
              sdk::Env env);

    /// Without a stream: a round over all streams in the order of their ids, a bounded number of
    /// them in each call; there is more to do until the round is over.
    Fault trim(const bf_op_trim& op, sdk::OpResult& result);
    /// What was there is left under the stream's former id, for later trims.
    Fault reset(const bf_op_reset& op);
    /// Removes up to `limit` entries that resets have left; whether some are left still.
    bool clear(std::uint64_t limit);

private:
    /// What a call may still do, and what it did.
    struct Budget {
        std::uint64_t entries = 0;
        std::uint64_t removed = 0;
        bool more = false;
    };
    /// Which bounds a round was begun with; other ones begin another round.
    struct Bounds {
        std::uint64_t keep = 0;
        bool by_age = false;
        bool by_expiry = false;
        bool operator==(const Bounds&) const = default;
    };

    void trim_all(const bf_op_trim& op, Budget& budget);
    void trim_one(const bf_op_trim& op, Stream& stream, Budget& budget);
    /// The largest seq that may go; 0 where none may.
    std::uint64_t last_to_go(const bf_op_trim& op, const Stream& stream, Budget& budget);
    /// Removes all entries up to `seq`.
    void remove(Stream& stream, std::uint64_t seq);
    /// Removes up to `limit` entries of a cleared stream -> how many there were.
    std::uint64_t clear_one(std::int64_t id, std::uint64_t limit);

    sdk::Env env_;
    Streams& streams_;
    Bodies& bodies_;
    Cursors& cursors_;
    Statement oldest_;
    Statement refs_;
    Statement unread_;
    Statement delete_;
    Statement behind_;
    Statement cleared_;
    Statement add_cleared_;
    Statement drop_cleared_;
    Bounds bounds_;
    std::int64_t position_ = 0;  ///< id of the stream the round has come to
};

}  // namespace belfry::sqlite

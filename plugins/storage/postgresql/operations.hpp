/// Operations one by one: all but appends.
#pragma once

#include "plugins/storage/postgresql/check.hpp"
#include "plugins/storage/postgresql/plan.hpp"
#include "plugins/storage/postgresql/session.hpp"

#include <belfry/host.hpp>
#include <belfry/storage.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <unordered_set>
#include <vector>

namespace belfry::postgresql {

/// Where the rounds of trims over all streams have come to.
struct TrimRound {
    std::uint64_t keep = 0;
    bool by_age = false;
    bool by_expiry = false;
    std::int64_t position = 0;  ///< id of the last stream looked at
};

/// In a transaction that has locked the streams and collections concerned. An operation fails
/// before it has changed anything. One thread. Throws SqlError.
class Operations {
public:
    Operations(Session& session, sdk::Env env, TrimRound& round);

    Fault apply(const bf_op& op, sdk::OpResult& result);
    /// Each stream and device once, and no stream twice where one has a `keep`.
    void move(std::span<const bf_op_cursor* const> moves);
    /// What the transaction will touch; at its beginning.
    void lock(const Plan& plan);
    /// At its end.
    void drop_unused();
    [[nodiscard]] std::uint64_t new_epoch() const;
    /// Clears some of what resets have left behind -> false where there was nothing.
    bool clear_leftovers();

private:
    Fault mark(const bf_op_mark& op, sdk::OpResult& result);
    Fault put(const bf_op_put& op, sdk::OpResult& result);
    Fault remove(const bf_op_delete& op);
    Fault owe(const bf_op_owe& op);
    Fault settle(const bf_op_settle& op);
    Fault trim(const bf_op_trim& op, sdk::OpResult& result);
    Fault reset(const bf_op_reset& op);

    [[nodiscard]] bool is_absent(bf_str stream) const;

    Session& session_;
    sdk::Env env_;
    TrimRound& round_;
    std::unordered_set<std::string>
        absent_;                      ///< streams that could not be locked, in this transaction
    std::vector<std::int64_t> made_;  ///< ids of streams that were made to be locked
};

}  // namespace belfry::postgresql

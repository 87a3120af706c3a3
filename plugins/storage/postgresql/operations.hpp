/// Operations one by one: all but appends.
#pragma once

#include "plugins/storage/postgresql/check.hpp"
#include "plugins/storage/postgresql/session.hpp"

#include <belfry/host.hpp>
#include <belfry/storage.hpp>

#include <cstdint>
#include <span>

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
    /// Both sorted.
    void lock(const std::vector<std::string_view>& collections,
              const std::vector<std::string_view>& streams);
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

    Session& session_;
    sdk::Env env_;
    TrimRound& round_;
};

}  // namespace belfry::postgresql

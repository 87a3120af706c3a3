/// Durable queues: owe, claim, settle.
#pragma once

#include "plugins/storage/sqlite/check.hpp"
#include "plugins/storage/sqlite/database.hpp"

#include <belfry/storage.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace belfry::sqlite {

struct ClaimQuery {
    std::string queue;
    std::int64_t now = 0;
    std::int64_t until = 0;
    std::uint64_t limit = 0;
};

/// Keeps the first jobs of lanes marked. Writer thread only.
class Lanes {
public:
    explicit Lanes(SQLite::Database& database);

    /// The lane's jobs have changed.
    void change(std::string_view queue, std::string_view lane);

private:
    Statement first_;
    Statement unmark_;
    Statement mark_;
};

/// Writer thread only. An operation fails before it has changed anything. SqlError from any
/// function: the transaction must be rolled back.
class JobQueue {
public:
    explicit JobQueue(SQLite::Database& database);

    Fault owe(const bf_op_owe& op);
    Fault settle(const bf_op_settle& op);
    /// Gives one job of a lane, and none while one of it is leased by an earlier claim.
    sdk::Jobs claim(const ClaimQuery& query);

private:
    struct Candidate {
        std::int64_t row = 0;
        sdk::Job job;
    };

    std::vector<Candidate> due_jobs(const ClaimQuery& query, bool& more);

    Lanes lanes_;
    Statement owe_;
    Statement due_;
    Statement next_lease_;
    Statement lease_;
    Statement lane_;
    Statement done_;
    Statement again_;
    Statement dead_;
};

}  // namespace belfry::sqlite

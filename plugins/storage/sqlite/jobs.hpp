/// Durable queues: owe, claim, settle.
#pragma once

#include "plugins/storage/sqlite/check.hpp"
#include "plugins/storage/sqlite/database.hpp"

#include <belfry/storage.hpp>

#include <string>
#include <vector>

namespace belfry::sqlite {

struct ClaimQuery {
    std::string queue;
    std::int64_t now = 0;
    std::int64_t until = 0;
    std::uint64_t limit = 0;
};

/// Writer thread only. An operation fails before it has changed anything. SqlError from any
/// function: the transaction must be rolled back.
class JobQueue {
public:
    explicit JobQueue(SQLite::Database& database);

    Fault owe(const bf_op_owe& op);
    Fault settle(const bf_op_settle& op);
    /// Gives nothing of a lane while a job of it is leased by an earlier claim.
    sdk::Jobs claim(const ClaimQuery& query);

private:
    struct Candidate {
        std::int64_t row = 0;
        sdk::Job job;
    };

    std::vector<Candidate> due_jobs(const ClaimQuery& query, bool& more);

    Statement owe_;
    Statement due_;
    Statement next_lease_;
    Statement lease_;
    Statement done_;
    Statement again_;
    Statement dead_;
};

}  // namespace belfry::sqlite

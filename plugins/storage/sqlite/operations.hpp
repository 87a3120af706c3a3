/// The writing connection's transaction and the groups in it.
#pragma once

#include <belfry/host.hpp>
#include <belfry/storage.hpp>
#include <string>

#include "plugins/storage/sqlite/documents.hpp"
#include "plugins/storage/sqlite/entries.hpp"
#include "plugins/storage/sqlite/jobs.hpp"
#include "plugins/storage/sqlite/request.hpp"
#include "plugins/storage/sqlite/retention.hpp"

namespace belfry::sqlite {

/// Writer thread only. After a SqlError from any function: rollback().
class Operations {
public:
    Operations(SQLite::Database& database, sdk::Env env);

    void begin();
    void commit();
    /// Does not throw.
    void rollback();

    /// All of a group or nothing. A group that can fail only before its first change runs without a
    /// savepoint, unless `careful`; then also what SQLite says against its content fails only this group.
    sdk::GroupResult run(const Request::Group& group, bool careful);
    sdk::Jobs claim(const ClaimQuery& query) { return jobs_.claim(query); }
    /// A small change, to see whether the disk takes it.
    void probe() { probe_.run(); }

private:
    Fault apply(const bf_op& op, sdk::OpResult& result);
    Fault apply_all(const Request::Group& group, sdk::GroupResult& result);
    Fault apply_carefully(const Request::Group& group, sdk::GroupResult& result);

    SQLite::Database& database_;
    Streams streams_;
    Bodies bodies_;
    Entries entries_;
    Retention retention_;
    Documents documents_;
    JobQueue jobs_;
    Statement begin_;
    Statement commit_;
    Statement savepoint_;
    Statement release_;
    Statement undo_;
    Statement data_version_;
    Statement probe_;
    std::int64_t seen_version_ = 0;
};

}  // namespace belfry::sqlite

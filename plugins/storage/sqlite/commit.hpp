/// Groups of operations inside a transaction.
#pragma once

#include "plugins/storage/sqlite/bodies.hpp"
#include "plugins/storage/sqlite/cursors.hpp"
#include "plugins/storage/sqlite/documents.hpp"
#include "plugins/storage/sqlite/entries.hpp"
#include "plugins/storage/sqlite/jobs.hpp"
#include "plugins/storage/sqlite/loader.hpp"
#include "plugins/storage/sqlite/request.hpp"
#include "plugins/storage/sqlite/retention.hpp"
#include "plugins/storage/sqlite/streams.hpp"

#include <belfry/host.hpp>
#include <belfry/storage.hpp>

#include <SQLiteCpp/Database.h>

#include <vector>

namespace belfry::sqlite {

/// What the writer's connection can do. Writer thread only. SqlError from any function: nothing of
/// the transaction is stored; call rollback().
class Commit {
public:
    Commit(SQLite::Database& database, sdk::Env env);

    void begin();
    /// All operations of the group or none; a failing one leaves the transaction usable. `careful`:
    /// also what SQLite says against the group's content fails only this group.
    sdk::GroupResult apply(const Request::Group& group, bool careful);
    /// All of the records or none; what is wrong with them leaves the transaction usable.
    Fault load(const std::vector<sdk::Record>& records);
    sdk::Jobs claim(const ClaimQuery& query) { return jobs_.claim(query); }
    /// Durable as configured when it returns.
    void commit();
    /// Does not throw.
    void rollback();
    /// A small change, to see whether the disk takes it.
    void probe() { probe_.run(); }

private:
    Fault apply_op(const bf_op& op, sdk::OpResult& result);
    Fault apply_all(const Request::Group& group, sdk::GroupResult& result);
    Fault apply_undoable(const Request::Group& group, sdk::GroupResult& result);

    SQLite::Database& database_;
    Streams streams_;
    Bodies bodies_;
    Marks marks_;
    Entries entries_;
    Cursors cursors_;
    Documents documents_;
    JobQueue jobs_;
    Retention retention_;
    Loader loader_;
    Statement begin_;
    Statement commit_;
    Statement data_version_;
    Statement savepoint_;
    Statement undo_;
    Statement release_;
    Statement probe_;
    std::int64_t seen_version_ = -1;
};

}  // namespace belfry::sqlite

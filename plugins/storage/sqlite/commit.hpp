/// Groups of operations inside a transaction.
#pragma once

#include "plugins/storage/sqlite/arrivals.hpp"
#include "plugins/storage/sqlite/bodies.hpp"
#include "plugins/storage/sqlite/cursors.hpp"
#include "plugins/storage/sqlite/documents.hpp"
#include "plugins/storage/sqlite/entries.hpp"
#include "plugins/storage/sqlite/events.hpp"
#include "plugins/storage/sqlite/jobs.hpp"
#include "plugins/storage/sqlite/journal.hpp"
#include "plugins/storage/sqlite/loader.hpp"
#include "plugins/storage/sqlite/options.hpp"
#include "plugins/storage/sqlite/request.hpp"
#include "plugins/storage/sqlite/retention.hpp"
#include "plugins/storage/sqlite/settling.hpp"
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
    /// Reads what a former run has left to do. Throws SqlError.
    Commit(SQLite::Database& database, Arrivals& arrivals, const Options& options, sdk::Env env);

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

    [[nodiscard]] std::size_t arrived() const;
    /// Something is left to be done when nobody waits, by work_on().
    [[nodiscard]] bool has_work() const;
    /// The next transaction begins to move on what has arrived.
    void hurry() { is_hurried_ = true; }
    /// In a transaction: a part of that.
    void work_on();
    /// In a transaction: gives all arrivals their rows, and removes some of what resets have left;
    /// whether all of that is done.
    bool settle_all();
    [[nodiscard]] const Totals& totals() const { return streams_.totals(); }

private:
    Fault apply_op(const bf_op& op, sdk::OpResult& result);
    Fault apply_all(const Request::Group& group, sdk::GroupResult& result);
    Fault apply_undoable(const Request::Group& group, bool careful, sdk::GroupResult& result);
    Fault trim(const bf_op_trim& op, sdk::OpResult& result);
    void follow_round(sdk::OpResult& trimmed);
    bool settle_few(std::size_t most);
    void keep_arrivals();
    void undo_group();

    SQLite::Database& database_;
    sdk::Env env_;
    Arrivals& arrivals_;
    const Options options_;
    Journal journal_;
    Streams streams_;
    Settling settling_;
    Bodies bodies_;
    Events events_;
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
    std::int64_t aged_at_ = 0;
    bool is_hurried_ = false;     ///< arrivals are wanted in the tables
    std::int64_t round_ = 0;      ///< of trims: the last row of the journal it is about; 0: none
    std::size_t begin_size_ = 0;  ///< of the young generation, before the transaction
    std::size_t group_size_ = 0;  ///< before the group
};

}  // namespace belfry::sqlite

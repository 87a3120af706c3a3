#include "plugins/storage/sqlite/commit.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <utility>

namespace belfry::sqlite {

namespace {

/// So many arrivals of a transaction get their rows for a trim that follows in it.
constexpr std::size_t kSettledForTrim = 4'096;

/// After another operation of the group has changed something. An operation by itself fails before
/// it has.
bool can_fail(const bf_op& op) {
    switch (op.kind) {
        case BF_OP_MARK:
        case BF_OP_CURSOR:
        case BF_OP_OWE:  // a duplicate is no failure
        case BF_OP_TRIM:
        case BF_OP_RESET: return false;
        case BF_OP_APPEND: return op_as<bf_op_append>(op).notification->event_id.len != 0;
        default: return true;
    }
}

bool needs_savepoint(const Request::Group& group) {
    return group.size() > 1 && std::any_of(group.begin() + 1, group.end(),
                                           [](const bf_op* op) { return can_fail(*op); });
}

bool trims_any_stream(const Request::Group& group) {
    return std::ranges::any_of(group, [](const bf_op* op) {
        return op->kind == BF_OP_TRIM && op_as<bf_op_trim>(*op).stream.len == 0;
    });
}

bool is_about_content(const SqlError& error) {
    return error.primary() == SQLITE_CONSTRAINT || error.primary() == SQLITE_TOOBIG ||
           error.primary() == SQLITE_MISMATCH;
}

}  // namespace

Commit::Commit(SQLite::Database& database, Arrivals& arrivals, const Options& options, sdk::Env env)
    : database_(database), env_(env), arrivals_(arrivals), options_(options), journal_(database),
      streams_(database, arrivals, env), settling_(arrivals, streams_, journal_), bodies_(database),
      events_(database, bodies_, options.recent_events), marks_(database, streams_, bodies_),
      entries_(database, {streams_, bodies_, events_, marks_, arrivals}),
      cursors_(database, streams_), documents_(database), jobs_(database),
      retention_(database, streams_, bodies_, cursors_, env), loader_(database, events_),
      begin_(database, "BEGIN IMMEDIATE"), commit_(database, "COMMIT"),
      data_version_(database, "PRAGMA data_version"), savepoint_(database, "SAVEPOINT g"),
      undo_(database, "ROLLBACK TO g"), release_(database, "RELEASE g"),
      probe_(database, "UPDATE settings SET value = value + 1 WHERE name = 'probe'") {
    journal_.replay(arrivals_.young());
}

Fault Commit::apply_op(const bf_op& op, sdk::OpResult& result) {
    switch (op.kind) {
        case BF_OP_APPEND: return entries_.append(op_as<bf_op_append>(op), journal_.next(), result);
        case BF_OP_MARK: return marks_.mark(op_as<bf_op_mark>(op), result);
        case BF_OP_CURSOR: return cursors_.move(op_as<bf_op_cursor>(op));
        case BF_OP_PUT: return documents_.put(op_as<bf_op_put>(op), result);
        case BF_OP_DELETE: return documents_.remove(op_as<bf_op_delete>(op));
        case BF_OP_OWE: return jobs_.owe(op_as<bf_op_owe>(op));
        case BF_OP_SETTLE: return jobs_.settle(op_as<bf_op_settle>(op));
        case BF_OP_TRIM: return trim(op_as<bf_op_trim>(op), result);
        default: return retention_.reset(op_as<bf_op_reset>(op));
    }
}

Fault Commit::trim(const bf_op_trim& op, sdk::OpResult& result) {
    auto fault = retention_.trim(op, result);
    if (op.stream.len == 0) {
        follow_round(result);
    }
    return fault;
}

Fault Commit::apply_all(const Request::Group& group, sdk::GroupResult& result) {
    result.results.resize(group.size());
    for (std::size_t index = 0; index < group.size(); ++index) {
        auto fault = apply_op(*group[index], result.results[index]);
        if (fault.status == sdk::Status::duplicate) {
            result.results[index].status = sdk::Status::duplicate;
        } else if (!fault.ok()) {
            return fault;
        }
    }
    return {};
}

Fault Commit::apply_undoable(const Request::Group& group, bool careful, sdk::GroupResult& result) {
    bodies_.flush();
    streams_.flush_entries();
    savepoint_.run();
    Fault fault;
    try {
        fault = apply_all(group, result);
        if (careful) {
            bodies_.flush();
            streams_.flush_entries();
        }
    } catch (const SqlError& error) {
        if (!is_about_content(error)) {
            throw;
        }
        fault = {sdk::Status::invalid, error.what()};
    }
    if (!fault.ok()) {
        undo_group();
    }
    release_.run();
    return fault;
}

void Commit::undo_group() {
    undo_.run();
    streams_.undo_group();
    arrivals_.young().shrink(group_size_);
    events_.undo_group();
    bodies_.forget();
}

sdk::GroupResult Commit::apply(const Request::Group& group, bool careful) {
    for (const auto* op : group) {
        if (auto fault = check_op(*op); !fault.ok()) {
            return {fault.status, std::move(fault.message), {}};
        }
    }
    if (!std::ranges::all_of(group, [](const bf_op* op) { return op->kind == BF_OP_APPEND; })) {
        bodies_.flush();
    }
    if (trims_any_stream(group)) {
        (void)settle_few(kSettledForTrim);
        streams_.flush();  // it looks at the table
    }
    const bool undoable = careful || needs_savepoint(group);
    streams_.begin_group(undoable);
    events_.begin_group();
    group_size_ = arrivals_.young().size();
    sdk::GroupResult result;
    auto fault = undoable ? apply_undoable(group, careful, result) : apply_all(group, result);
    if (!fault.ok()) {
        return {fault.status, std::move(fault.message), {}};
    }
    return result;
}

Fault Commit::load(const std::vector<sdk::Record>& records) {
    (void)settle_all();
    bodies_.flush();
    streams_.flush();
    events_.begin_group();
    savepoint_.run();
    auto fault = loader_.load(records);
    if (!fault.ok()) {
        undo_.run();
        events_.undo_group();
    }
    release_.run();
    streams_.forget();
    bodies_.forget();
    return fault;
}

}  // namespace belfry::sqlite

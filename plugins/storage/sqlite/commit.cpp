#include "plugins/storage/sqlite/commit.hpp"

#include <sqlite3.h>

#include <utility>

namespace belfry::sqlite {

Commit::Commit(SQLite::Database& database, sdk::Env env)
    : database_(database), streams_(database, env), bodies_(database),
      entries_(database, streams_, bodies_), documents_(database), jobs_(database),
      retention_(database, streams_, bodies_, env), begin_(database, "BEGIN IMMEDIATE"),
      commit_(database, "COMMIT"), data_version_(database, "PRAGMA data_version"),
      savepoint_(database, "SAVEPOINT g"), undo_(database, "ROLLBACK TO g"),
      release_(database, "RELEASE g") {}

/// What is remembered between transactions is only true as long as nobody else writes.
void Commit::begin() {
    begin_.run();
    auto rows = data_version_.query();
    const auto version = rows.next() ? rows.number(0) : 0;
    if (std::exchange(seen_version_, version) != version) {
        streams_.forget();
        bodies_.forget();
    }
}

void Commit::commit() {
    streams_.flush();
    commit_.run();
    streams_.settle();
}

void Commit::rollback() {
    if (sqlite3_get_autocommit(database_.getHandle()) == 0) {
        execute(database_, "ROLLBACK");
    }
    streams_.forget();
    bodies_.forget();
}

Fault Commit::apply_op(const bf_op& op, sdk::OpResult& result) {
    if (auto fault = check_op(op); !fault.ok()) {
        return fault;
    }
    switch (op.kind) {
        case BF_OP_APPEND: return entries_.append(op_as<bf_op_append>(op), result);
        case BF_OP_MARK: return entries_.mark(op_as<bf_op_mark>(op), result);
        case BF_OP_CURSOR: return entries_.cursor(op_as<bf_op_cursor>(op));
        case BF_OP_PUT: return documents_.put(op_as<bf_op_put>(op), result);
        case BF_OP_DELETE: return documents_.remove(op_as<bf_op_delete>(op));
        case BF_OP_OWE: return jobs_.owe(op_as<bf_op_owe>(op));
        case BF_OP_SETTLE: return jobs_.settle(op_as<bf_op_settle>(op));
        case BF_OP_TRIM: return retention_.trim(op_as<bf_op_trim>(op), result);
        default: return retention_.reset(op_as<bf_op_reset>(op));
    }
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

sdk::GroupResult Commit::apply(const Request::Group& group) {
    // A single operation fails before it has changed anything.
    const bool undoable = group.size() > 1;
    streams_.begin_group(undoable);
    if (undoable) {
        savepoint_.run();
    }
    sdk::GroupResult result;
    if (auto fault = apply_all(group, result); !fault.ok()) {
        result = {fault.status, std::move(fault.message), {}};
        if (undoable) {
            undo_.run();
            streams_.undo_group();
            bodies_.forget();
        }
    }
    if (undoable) {
        release_.run();
    }
    return result;
}

}  // namespace belfry::sqlite

#include "plugins/storage/sqlite/operations.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <utility>

#include "plugins/storage/sqlite/check.hpp"

namespace belfry::sqlite {

namespace {

bool can_fail(const bf_op& op) {
    switch (op.kind) {
        case BF_OP_MARK:
        case BF_OP_CURSOR:
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

/// A trim of any stream looks at the table itself.
bool needs_flush(const Request::Group& group) {
    return std::ranges::any_of(group, [](const bf_op* op) {
        return op->kind == BF_OP_TRIM && op_as<bf_op_trim>(*op).stream.len == 0;
    });
}

sdk::GroupResult failed(sdk::GroupResult&& result, std::size_t at, std::size_t size,
                        Fault&& fault) {
    sdk::OpResult culprit = at < result.results.size() ? std::move(result.results[at])
                                                       : sdk::OpResult{};
    culprit.status = fault.status;
    result.results.clear();
    result.results.resize(size);
    for (auto& other : result.results) {
        other.status = sdk::Status::retry;  // not done, for no fault of its own
    }
    result.results[at] = std::move(culprit);
    result.status = fault.status;
    result.message = std::move(fault.message);
    return std::move(result);
}

}  // namespace

Operations::Operations(SQLite::Database& database, sdk::Env env)
    : database_(database), streams_(database, env), bodies_(database),
      entries_(database, streams_, bodies_), retention_(database, streams_, bodies_, env),
      documents_(database), jobs_(database), begin_(database, "BEGIN IMMEDIATE"),
      commit_(database, "COMMIT"), savepoint_(database, "SAVEPOINT one"),
      release_(database, "RELEASE one"), undo_(database, "ROLLBACK TO one"),
      data_version_(database, "PRAGMA data_version"),
      probe_(database, "UPDATE settings SET value = value + 1 WHERE name = 'probe'") {}

void Operations::begin() {
    begin_.run();
    auto rows = data_version_.query();
    rows.next();
    if (const auto version = rows.number(0); version != seen_version_) {
        streams_.forget();
        bodies_.forget();
        seen_version_ = version;
    }
}

void Operations::commit() {
    streams_.begin_group(false);
    streams_.flush();
    commit_.run();
    streams_.settle();
}

void Operations::rollback() {
    if (sqlite3_get_autocommit(database_.getHandle()) == 0) {
        (void)sqlite3_exec(database_.getHandle(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
    streams_.forget();
    bodies_.forget();
}

Fault Operations::apply(const bf_op& op, sdk::OpResult& result) {
    switch (op.kind) {
        case BF_OP_APPEND: return entries_.append(op_as<bf_op_append>(op), result);
        case BF_OP_MARK: return entries_.mark(op_as<bf_op_mark>(op), result);
        case BF_OP_CURSOR: return entries_.cursor(op_as<bf_op_cursor>(op));
        case BF_OP_PUT: return documents_.put(op_as<bf_op_put>(op), result);
        case BF_OP_DELETE: return documents_.remove(op_as<bf_op_delete>(op));
        case BF_OP_OWE: return jobs_.owe(op_as<bf_op_owe>(op));
        case BF_OP_SETTLE: return jobs_.settle(op_as<bf_op_settle>(op));
        case BF_OP_TRIM: return retention_.trim(op_as<bf_op_trim>(op), result);
        case BF_OP_RESET: return retention_.reset(op_as<bf_op_reset>(op));
        default: return check_op(op);
    }
}

Fault Operations::apply_all(const Request::Group& group, sdk::GroupResult& result) {
    for (const auto* op : group) {
        if (auto fault = apply(*op, result.results.emplace_back()); !fault.ok()) {
            return fault;
        }
    }
    return {};
}

Fault Operations::apply_carefully(const Request::Group& group, sdk::GroupResult& result) {
    savepoint_.run();
    Fault fault;
    try {
        fault = apply_all(group, result);
    } catch (const SqlError& error) {
        if (error.primary() != SQLITE_CONSTRAINT && error.primary() != SQLITE_TOOBIG &&
            error.primary() != SQLITE_MISMATCH && error.primary() != SQLITE_RANGE) {
            throw;
        }
        fault = {sdk::Status::invalid, error.what()};
    }
    if (!fault.ok()) {
        undo_.run();
        streams_.undo_group();
        bodies_.forget();
    }
    release_.run();
    return fault;
}

sdk::GroupResult Operations::run(const Request::Group& group, bool careful) {
    sdk::GroupResult result;
    for (std::size_t i = 0; i < group.size(); ++i) {
        if (auto fault = check_op(*group[i]); !fault.ok()) {
            return failed(std::move(result), i, group.size(), std::move(fault));
        }
    }
    streams_.begin_group(false);
    if (needs_flush(group)) {
        streams_.flush();
    }
    const bool savepoint = careful || needs_savepoint(group);
    streams_.begin_group(savepoint);
    result.results.reserve(group.size());
    auto fault = savepoint ? apply_carefully(group, result) : apply_all(group, result);
    if (!fault.ok()) {
        const auto at = result.results.size() - 1;
        return failed(std::move(result), at, group.size(), std::move(fault));
    }
    return result;
}

}  // namespace belfry::sqlite

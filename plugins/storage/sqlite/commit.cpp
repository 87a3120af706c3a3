#include "plugins/storage/sqlite/commit.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <utility>

namespace belfry::sqlite {

namespace {

/// After so much time a generation is on its way into the tables, however many arrivals it has.
constexpr std::int64_t kYouth = 1'000'000'000;
/// What each transaction moves on of what came before, beside what is due for its own arrivals.
constexpr std::uint64_t kLeastWork = 64;
/// Moves of an event for each new one, until it is in the largest run.
constexpr std::uint64_t kEventWork = 4;
constexpr std::uint64_t kIdleWork = 4'096;
constexpr std::uint64_t kClearedAtOnce = 50'000;

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

void Commit::begin() {
    const auto now = env_.monotonic();
    if (arrivals_.young().size() >= options_.journal_entries || now - aged_at_ >= kYouth ||
        is_hurried_) {
        settling_.age();
        aged_at_ = now;
        is_hurried_ = false;
    }
    begin_size_ = arrivals_.young().size();
    events_.begin();
    streams_.begin();
    begin_.run();
    // What is remembered between transactions is only true as long as nobody else writes.
    auto rows = data_version_.query();
    const auto version = rows.next() ? rows.number(0) : 0;
    if (std::exchange(seen_version_, version) != version) {
        streams_.forget();
        bodies_.forget();
        journal_.forget();
        streams_.begin();
    }
}

/// Gives the transaction's arrivals their rows, and is false where there are too many.
bool Commit::settle_few(std::size_t most) {
    if (!streams_.settle_placed(most)) {
        return false;
    }
    arrivals_.young().shrink(begin_size_);
    return true;
}

/// A few arrivals get their rows at once; many become a row of the journal, and get theirs together
/// with others later.
void Commit::keep_arrivals() {
    const auto count = arrivals_.young().size() - begin_size_;
    if (!settle_few(options_.write_through) && count != 0) {
        journal_.write(arrivals_.young().since(begin_size_));
    }
    settling_.work(
        std::max<std::uint64_t>(is_hurried_ ? kIdleWork : kLeastWork, count + count / 4));
    events_.work(kLeastWork + kEventWork * count);
}

void Commit::commit() {
    keep_arrivals();
    bodies_.flush();
    streams_.flush();
    commit_.run();
    begin_size_ = arrivals_.young().size();
    streams_.trim_cache();
    settling_.commit();
    events_.commit();
}

/// A round of trims ends when it has seen what had arrived before it began.
void Commit::follow_round(sdk::OpResult& trimmed) {
    if (round_ == 0) {
        round_ = journal_.next();
    }
    if (trimmed.value[1] != 0) {
        return;
    }
    if (arrivals_.has_any(round_)) {
        trimmed.value[1] = 1;
        is_hurried_ = true;
    } else {
        round_ = 0;
    }
}

void Commit::rollback() {
    if (sqlite3_get_autocommit(database_.getHandle()) == 0) {
        (void)sqlite3_exec(database_.getHandle(), "ROLLBACK", nullptr, nullptr, nullptr);
    }
    arrivals_.young().shrink(std::min(begin_size_, arrivals_.young().size()));
    streams_.rollback();
    settling_.rollback();
    bodies_.forget();
    events_.rollback();
    journal_.forget();
}

std::size_t Commit::arrived() const {
    return arrivals_.young().size() + (arrivals_.old() == nullptr ? 0 : arrivals_.old()->size());
}

bool Commit::has_work() const { return arrived() != 0 || events_.has_work(); }

void Commit::work_on() {
    settling_.work(kIdleWork);
    events_.work(kIdleWork);
}

bool Commit::settle_all() {
    for (const auto id : arrivals_.streams()) {
        if (auto* stream = streams_.find(id); stream != nullptr) {
            streams_.settle(*stream);
        }
    }
    streams_.flush_entries();
    return !retention_.clear(kClearedAtOnce);
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
        (void)settle_few(kIdleWork);
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
